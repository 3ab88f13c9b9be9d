// SPDX-License-Identifier: Apache-2.0
// The HTTP server of this program, as its users see it: routes in, a port out. Everything a client
// can do to the connection is dealt with in here; a route sees complete, valid requests only.
#pragma once

#include "protocol/result.hpp"
#include "transport/http/http_options.hpp"
#include "transport/http/route.hpp"

#include <chrono>
#include <memory>
#include <vector>

namespace crm::transport {

/// An HTTP/1.1 server. Every function may be called from any thread but the front's own.
class http_front {
public:
  http_front(http_options options, std::vector<route> routes);
  /// Closes whatever is still open.
  ~http_front();
  http_front(const http_front&) = delete;
  http_front& operator=(const http_front&) = delete;

  /// Listens, and serves from now on. @errors invalid_request, naming the option and what is wrong.
  result<void> start();

  /// Returns the port it listens on, 0 before `start`.
  std::uint16_t port() const;

  /// Reads the TLS files again; open connections keep their session. @errors invalid_request, and
  /// the former certificate stays in use.
  result<void> reload_tls();

  /// Stops: nobody is accepted any more, parked connections are closed, streams end, calls in
  /// flight are answered. What is not done after `patience` is cut. Returns when all is closed.
  void drain(std::chrono::milliseconds patience);

  /// Returns what was done so far and what is open.
  front_counters stats() const;

  /// Has every loop look at its clock: for tests that move `http_options::now`.
  void clock_moved();

private:
  class impl;
  std::unique_ptr<impl> impl_;
};

} // namespace crm::transport
