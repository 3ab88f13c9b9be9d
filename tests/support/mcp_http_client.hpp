// SPDX-License-Identifier: Apache-2.0
// The MCP endpoint on a port of its own, and a client that speaks to it as a test likes.
#pragma once

#include "tests/support/mcp_client.hpp"
#include "transport/http/http_front.hpp"
#include "transport/mcp/endpoint.hpp"

#include <map>
#include <memory>
#include <string>
#include <utility>

namespace crm::test {

/// Headers to send; an empty value leaves a header out that would be sent otherwise.
using header_map = std::multimap<std::string, std::string>;

/// An answer, or its head while the body is still coming.
struct mcp_answer {
  int status = 0;
  std::string head;
  std::string body;

  std::string header(const std::string& name) const;
  json message() const { return body.empty() ? json() : json::parse(body); }
};

/// One connection. Reads wait for bytes, never for time.
class mcp_http_connection {
public:
  explicit mcp_http_connection(std::uint16_t port);
  mcp_http_connection(const mcp_http_connection&) = delete;
  mcp_http_connection& operator=(const mcp_http_connection&) = delete;
  ~mcp_http_connection() { close(); }

  void send(const std::string& method, const header_map& headers, const std::string& body);
  /// Reads a whole answer.
  mcp_answer answer();
  /// Reads the head of an answer whose body is a stream.
  mcp_answer head();
  /// Reads the next event of a stream; empty at the end of the stream.
  std::string event();
  /// Reads the next event that carries a message, and returns the message.
  json event_message();
  void close();

private:
  bool fill();
  std::string line();
  std::string bytes(std::size_t size);
  bool next_chunk();

  int socket_;
  std::string kept_;
  std::string stream_;
};

/// The endpoint over a fake gateway.
class mcp_http_server {
public:
  explicit mcp_http_server(const mcp_parts& parts = {}, bool authenticated = false);
  ~mcp_http_server();

  /// Sends one message in a connection of its own and returns the whole answer.
  mcp_answer post(const json& message, const header_map& extra = {}) {
    return exchange("POST", extra, dump_json(message));
  }
  mcp_answer exchange(const std::string& method, const header_map& extra, const std::string& body);
  /// Sends a modern request with the headers that belong to it; `extra` replaces them.
  mcp_answer modern(const json& request, const header_map& extra = {});
  /// Opens a legacy session and returns the headers that its requests need.
  header_map open_session(const std::string& version = "2025-11-25",
                          const json& capabilities = json::object(), const header_map& extra = {});
  /// Forgets everything that is in memory, as a restart does; the key and the clock stay.
  void restart();

  std::uint16_t port() const { return front_->port(); }
  transport::mcp_endpoint& endpoint() { return *endpoint_; }
  /// Returns the headers of every good request, with `extra` in their place.
  static header_map with_defaults(const header_map& extra);
  static header_map modern_headers(const json& request, const header_map& extra = {});

  mcp_client parts;

private:
  void start();

  bool authenticated_;
  std::shared_ptr<transport::mcp_endpoint> endpoint_;
  std::unique_ptr<transport::http_front> front_;
};

} // namespace crm::test
