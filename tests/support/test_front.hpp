// SPDX-License-Identifier: Apache-2.0
// A running HTTP front with routes for tests, on a port of the kernel's choice and a clock of the
// test's.
#pragma once

#include "tests/support/manual_clock.hpp"
#include "transport/http/http_front.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace crm::test {

/// Exchanges that routes left for the test to answer.
class exchange_box {
public:
  void put(transport::http_request request, transport::exchange reply);
  /// Waits for the next one.
  std::pair<transport::http_request, transport::exchange> take();

private:
  std::mutex guard_;
  std::condition_variable arrived_;
  std::vector<std::pair<transport::http_request, transport::exchange>> waiting_;
};

/// The front. Routes: GET /hello; POST /echo (the body, and what was understood in X-Peer, X-Via,
/// X-Query); GET and POST /later (left in `later`); GET /large (8 MiB); POST /small (body at most
/// 16 bytes); POST /guarded (401 without Authorization); GET /throw; GET /drop; GET /inject.
class test_front {
public:
  explicit test_front(transport::http_options options = {});

  std::uint16_t port() const { return front_->port(); }
  transport::http_front& front() { return *front_; }
  exchange_box& later() { return later_; }

  /// Moves the clock, and has the front look at it.
  void advance(std::chrono::milliseconds by);
  /// Waits until `holds` is true of the counters.
  template <class Predicate>
  bool settles(Predicate holds) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (!holds(front_->stats())) {
      if (std::chrono::steady_clock::now() > end)
        return false;
      std::this_thread::yield();
    }
    return true;
  }

private:
  std::vector<transport::route> routes();

  manual_clock clock_;
  exchange_box later_;
  std::optional<transport::http_front> front_;
};

/// Bytes of the answer of GET /large.
inline constexpr std::size_t large_bytes = 8 * 1024 * 1024;

inline constexpr std::string_view good_request = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n";

} // namespace crm::test
