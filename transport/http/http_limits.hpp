// SPDX-License-Identifier: Apache-2.0
// The bounds that the HTTP front runs under. The numbers are those of protocol/limits.hpp; they
// stand in a struct so that a test can lower one without waiting or sending megabytes.
#pragma once

#include "protocol/limits.hpp"

namespace crm::transport {

/// Bounds of the HTTP front; each is explained in protocol/limits.hpp under its own name.
struct http_limits {
  std::size_t request_line_bytes_max = limits::request_line_bytes_max;
  std::size_t path_bytes_max = limits::path_bytes_max;
  std::size_t header_bytes_max = limits::header_bytes_max;
  std::size_t head_bytes_max = limits::head_bytes_max;
  std::size_t headers_max = limits::headers_max;
  std::size_t body_bytes_max = limits::body_bytes_max;
  std::size_t chunk_line_bytes_max = limits::chunk_line_bytes_max;
  std::size_t trailer_bytes_max = limits::trailer_bytes_max;
  std::chrono::milliseconds head_timeout_ms = limits::head_timeout_ms;
  std::chrono::milliseconds body_timeout_ms = limits::body_timeout_ms;
  std::chrono::milliseconds body_window_ms = limits::body_window_ms;
  std::size_t body_window_bytes_min = limits::body_window_bytes_min;
  std::chrono::milliseconds idle_timeout_ms = limits::idle_timeout_ms;
  std::chrono::milliseconds write_window_ms = limits::write_window_ms;
  std::size_t write_window_bytes_min = limits::write_window_bytes_min;
  std::chrono::milliseconds handshake_timeout_ms = limits::handshake_timeout_ms;
  std::chrono::milliseconds linger_timeout_ms = limits::linger_timeout_ms;
  std::size_t linger_bytes_max = limits::linger_bytes_max;
  std::uint32_t connection_requests_max = limits::connection_requests_max;
  std::size_t connections_max = limits::connections_max;
  std::size_t shed_connections_max = limits::shed_connections_max;
  std::size_t buffered_bytes_max = limits::buffered_bytes_max;
  std::size_t stream_buffer_bytes_max = limits::stream_buffer_bytes_max;
};

} // namespace crm::transport
