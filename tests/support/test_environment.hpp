// SPDX-License-Identifier: Apache-2.0
// A clock that moves when a test moves it, and chance that repeats.
#pragma once

#include "protocol/environment.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <random>

namespace crm::test {

/// Time and chance in a test's hand. Copies share both.
class test_environment {
public:
  /// Starts on 2026-11-22 00:00 UTC.
  explicit test_environment(std::uint64_t seed = 1) : state_(std::make_shared<state>(seed)) {}

  void advance(std::chrono::milliseconds by) { state_->now_ms += by.count(); }
  std::int64_t now_ms() const { return state_->now_ms; }

  environment get() const {
    return {[state = state_] { return state->now_ms.load(); },
            [state = state_] {
              const std::lock_guard lock{state->guard};
              return state->random();
            }};
  }

private:
  struct state {
    explicit state(std::uint64_t seed) : random(seed) {}
    std::atomic<std::int64_t> now_ms{1'795'305'600'000};
    std::mutex guard;
    std::mt19937_64 random;
  };

  std::shared_ptr<state> state_;
};

} // namespace crm::test
