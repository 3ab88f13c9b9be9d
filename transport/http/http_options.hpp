// SPDX-License-Identifier: Apache-2.0
// What the HTTP front can be told, and what it tells about itself.
#pragma once

#include "transport/http/http_limits.hpp"
#include "transport/http/tls.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace crm::transport {

/// How to run the front.
struct http_options {
  /// A host name or an IP address of this machine.
  std::string host = "127.0.0.1";
  /// 0 lets the kernel choose.
  std::uint16_t port = 0;
  std::size_t io_threads = limits::io_threads;
  /// Set: the port speaks TLS, and nothing else.
  std::optional<tls_files> tls = std::nullopt;
  /// Addresses and networks whose X-Forwarded-For and X-Forwarded-Proto are believed.
  std::vector<std::string> trusted_proxies = {};
  http_limits limits = {};
  /// The clock of all deadlines. A test that moves it calls `http_front::clock_moved`.
  std::function<std::chrono::steady_clock::time_point()> now = &std::chrono::steady_clock::now;
  /// The clock of the Date header.
  std::function<std::chrono::system_clock::time_point()> wall_now = &std::chrono::system_clock::now;
};

/// What the front has done, and what it holds. The open ones go up and down, the rest only up.
struct front_counters {
  std::uint64_t connections_open = 0;
  std::uint64_t connections_accepted = 0;
  /// Connections over the cap: told 503, or closed when too many were being told.
  std::uint64_t connections_shed = 0;
  /// Requests that came to a route.
  std::uint64_t requests = 0;
  std::uint64_t requests_in_flight = 0;
  /// Requests that the front itself turned away: malformed, too large, too slow, no such path.
  std::uint64_t requests_refused = 0;
  /// Requests that got 503 because the bound of buffered bytes was reached.
  std::uint64_t requests_shed = 0;
  std::uint64_t handlers_failed = 0;
  std::uint64_t streams_open = 0;
  /// Streams that were cut because their reader fell behind.
  std::uint64_t streams_cut = 0;
  std::uint64_t bytes_received = 0;
  std::uint64_t bytes_sent = 0;
  /// Bytes of request bodies and of unsent answers held at this moment.
  std::uint64_t bytes_buffered = 0;
};

} // namespace crm::transport
