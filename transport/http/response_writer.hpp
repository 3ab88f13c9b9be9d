// SPDX-License-Identifier: Apache-2.0
// Writes the heads of responses. The only place where text of ours or of a client's becomes header
// bytes, so the only place where a line break could split a response.
#pragma once

#include "transport/http/http_message.hpp"
#include "transport/http/request_reader.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace crm::transport {

/// How the end of a response's body is marked.
enum class body_framing : std::uint8_t {
  /// Content-Length.
  length,
  /// Chunked transfer coding.
  chunks,
  /// The connection's end: for HTTP/1.0.
  connection_end,
};

/// Appends status line and headers of `response`, with the empty line behind them. `date_line` is a
/// whole header line.
void append_head(std::string& out, const http_response& response, body_framing framing,
                 persistence after, std::string_view date_line);

/// Returns whether responses of this status have a body at all (RFC 9110, section 6.4.1).
bool status_has_body(int status);

/// Returns the Date header's line (RFC 9110, section 5.6.7).
std::string date_line(std::chrono::system_clock::time_point now);

} // namespace crm::transport
