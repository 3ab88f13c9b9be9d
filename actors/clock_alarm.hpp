// SPDX-License-Identifier: Apache-2.0
// When an actor last told itself to look at the clock, so that it does not tell itself twice.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

namespace crm::actors {

/// The one alarm that an actor keeps for what is due next.
class clock_alarm {
public:
  /// Returns how long to wait for what is due in `due_in_ms`, at least `wait_ms_min`; nothing when
  /// an alarm that rings no later is set already. The clock may be set, so no wait is longer than a
  /// minute.
  std::optional<std::chrono::milliseconds> set(std::int64_t due_in_ms, std::int64_t wait_ms_min) {
    const std::chrono::milliseconds wait{
        std::clamp<std::int64_t>(due_in_ms, wait_ms_min, wait_ms_max)};
    const auto now = std::chrono::steady_clock::now();
    if (rings_at_ > now && rings_at_ <= now + wait)
      return std::nullopt;
    rings_at_ = now + wait;
    return wait;
  }

private:
  static constexpr std::int64_t wait_ms_max = 60'000;
  std::chrono::steady_clock::time_point rings_at_;
};

} // namespace crm::actors
