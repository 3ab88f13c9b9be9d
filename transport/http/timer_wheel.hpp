// SPDX-License-Identifier: Apache-2.0
// Deadlines of many connections: setting, moving and forgetting one costs a few stores, and nothing
// ticks while none is near. Knows no clock; it is told the time.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace crm::transport {

using time_point = std::chrono::steady_clock::time_point;

/// Deadlines by slot, one each. A deadline is reported up to one `tick` late, and one beyond the
/// horizon (51 s) is reported at the horizon: who is told looks at his own deadline and sets it
/// again if it is still to come.
class timer_wheel {
public:
  static constexpr std::chrono::milliseconds tick{50};

  explicit timer_wheel(time_point now) : start_(now) {}

  /// Sets or moves the deadline of `slot`.
  void set(std::uint32_t slot, time_point deadline);

  /// Forgets the deadline of `slot`, if it has one.
  void forget(std::uint32_t slot);

  /// Returns the deadline that is set for `slot`, rounded up to a tick.
  std::optional<time_point> deadline_of(std::uint32_t slot) const;

  /// Moves the slots whose deadline has come to `due`.
  void collect_due(time_point now, std::vector<std::uint32_t>& due);

  /// Returns when `collect_due` has something to do next.
  std::optional<time_point> next() const;

private:
  static constexpr std::uint32_t bucket_count = 1024;
  static constexpr std::uint32_t none = UINT32_MAX;

  struct node {
    std::uint32_t next = none;
    std::uint32_t previous = none;
    /// The tick that the slot waits for; 0 when it waits for none.
    std::uint64_t due_tick = 0;
  };

  std::uint32_t& head_of(std::uint64_t tick_number) { return heads_[tick_number % bucket_count]; }
  void mark(std::uint64_t tick_number, std::uint32_t head);

  time_point start_;
  /// The last tick whose bucket has been emptied.
  std::uint64_t done_tick_ = 0;
  std::array<std::uint32_t, bucket_count> heads_ = empty_heads();
  std::array<std::uint64_t, bucket_count / 64> occupied_{};
  std::vector<node> nodes_;

  static constexpr std::array<std::uint32_t, bucket_count> empty_heads() {
    std::array<std::uint32_t, bucket_count> heads{};
    heads.fill(none);
    return heads;
  }
};

} // namespace crm::transport
