// SPDX-License-Identifier: Apache-2.0
// Reads HTTP/1.x requests (RFC 9112) out of bytes as they arrive. It is the only code that looks at
// a client's framing: whatever two servers might read differently is refused here. Pure: no
// sockets, no clock, no routes.
#pragma once

#include "transport/http/chunk_decoder.hpp"
#include "transport/http/http_limits.hpp"
#include "transport/http/http_message.hpp"
#include "transport/http/refusal.hpp"

#include <string_view>

namespace crm::transport {

/// Whether the client can use the connection again after this request's answer.
enum class persistence : std::uint8_t { keep_alive, close };

/// Reads one request. Show it every byte that it has not consumed, together with what came since.
class request_reader {
public:
  /// @pre `limits` outlives the reader.
  explicit request_reader(const http_limits& limits) : limits_(&limits) {}

  /// Reads on. Answers `head_complete` once, before any byte of the body is looked at; while the
  /// head is incomplete nothing is consumed.
  reading_step read(std::string_view bytes);

  /// Lowers the bound of the body, after the head and before the body; refuses a length beyond it.
  reading limit_body(std::size_t bytes_max);

  /// Returns the request so far: complete only after `complete`.
  const http_request& request() const { return request_; }
  http_request& request() { return request_; }
  http_request take() { return std::move(request_); }

  /// Returns why the request was refused.
  const refusal& why() const { return why_; }

  /// Returns whether the request, as far as it was read, shows a byte of itself.
  bool started() const { return scanned_ > line_at_ || line_at_ > blank_bytes_; }
  bool head_done() const { return part_ != part::request_line && part_ != part::headers; }
  bool has_body() const { return chunked_ || body_left_ > 0; }
  bool expects_continue() const { return expects_continue_; }
  persistence after_answer() const { return persistence_; }
  /// Returns whether the client speaks HTTP/1.0, and so does not know chunked framing.
  bool is_http_1_0() const { return minor_version_ == 0; }

private:
  enum class part : std::uint8_t { request_line, headers, fixed_body, chunked_body, done };
  /// Headers that decide about the framing or about who asks: each may come once.
  enum class single : std::uint8_t {
    host,
    content_length,
    transfer_encoding,
    content_encoding,
    content_type,
    authorization,
    origin,
    expect,
  };

  reading_step read_head(std::string_view bytes);
  reading_step read_fixed_body(std::string_view bytes);
  reading refuse(int status, std::string_view reason);
  reading refuse_long_line(std::string_view bytes, std::size_t line_bytes);
  reading read_line(std::string_view bytes, std::string_view line);
  reading read_request_line(std::string_view line);
  reading read_target(std::string_view target);
  reading read_header(std::string_view line);
  reading note_header(std::string_view name, std::string_view value);
  reading note_single(single which, std::string_view value);
  reading finish_head();
  reading check_body_framing();

  bool seen(single which) const { return (seen_ & (1U << static_cast<unsigned>(which))) != 0; }

  const http_limits* limits_;
  http_request request_;
  refusal why_;
  chunk_decoder chunks_;
  std::size_t blank_bytes_ = 0;
  std::size_t line_at_ = 0;
  std::size_t scanned_ = 0;
  std::size_t body_left_ = 0;
  std::size_t body_bytes_max_ = 0;
  std::uint16_t seen_ = 0;
  std::uint8_t minor_version_ = 1;
  part part_ = part::request_line;
  persistence persistence_ = persistence::keep_alive;
  bool chunked_ = false;
  bool expects_continue_ = false;
};

} // namespace crm::transport
