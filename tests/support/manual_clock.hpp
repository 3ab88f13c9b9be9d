// SPDX-License-Identifier: Apache-2.0
// A clock that moves only when a test moves it, so that no test waits for a deadline.
#pragma once

#include <atomic>
#include <chrono>

namespace crm::test {

/// Any thread may read it.
class manual_clock {
public:
  using time_point = std::chrono::steady_clock::time_point;

  time_point now() const { return time_point{std::chrono::milliseconds{at_ms_.load()}}; }
  void advance(std::chrono::milliseconds by) { at_ms_ += by.count(); }

private:
  std::atomic<std::int64_t> at_ms_{1'000'000};
};

} // namespace crm::test
