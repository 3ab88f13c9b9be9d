// SPDX-License-Identifier: Apache-2.0
// What a route sees of HTTP: a request that is complete and valid, and a response to fill in.
// Plain values; nothing here knows a socket, and no type of an HTTP library shows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crm::transport {

/// Returns whether two texts are equal when ASCII letters count without their case.
bool same_ignoring_case(std::string_view left, std::string_view right);

/// The headers of a request, in the order in which they came. Names are found without regard to
/// case; values are what was sent, never decoded.
class header_list {
public:
  struct header {
    std::string_view name;
    std::string_view value;
  };

  /// Returns the value of the first header called `name`.
  std::optional<std::string_view> find(std::string_view name) const;

  /// Returns how often `name` occurs.
  std::size_t count(std::string_view name) const;

  std::size_t size() const { return spans_.size(); }
  bool empty() const { return spans_.empty(); }

  /// Returns the header at `index`. @pre index < size().
  header operator[](std::size_t index) const;

  /// Adds a header behind the others.
  void add(std::string_view name, std::string_view value);

  /// Makes room for headers of `text_bytes` in all.
  void reserve(std::size_t text_bytes);

private:
  struct span {
    std::uint32_t name_at;
    std::uint32_t name_bytes;
    std::uint32_t value_bytes;
  };

  std::string text_;
  std::vector<span> spans_;
};

/// How the client reached us.
enum class scheme : std::uint8_t { http, https };

/// One complete request.
struct http_request {
  std::string method;
  /// The path as sent: routes match it exactly, so nothing is decoded.
  std::string path;
  /// What follows the `?`, undecoded.
  std::string query;
  header_list headers;
  /// The body without its framing.
  std::string body;
  /// The client's IP address, behind trusted proxies that of their client.
  std::string peer;
  scheme via = scheme::http;
  /// Names this request in logs and in answers about failures.
  std::string id;
};

/// One header of a response. Control characters in the value are sent percent-encoded.
struct response_header {
  std::string name;
  std::string value;
};

/// One complete response, or the head of a stream. The front itself writes Content-Length,
/// Transfer-Encoding, Connection and Date; rows of `headers` with those names are left out.
struct http_response {
  int status = 200;
  std::vector<response_header> headers;
  std::string body;
};

/// Returns a response with a JSON body.
http_response json_response(int status, std::string body);

} // namespace crm::transport
