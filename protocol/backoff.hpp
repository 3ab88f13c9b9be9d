// SPDX-License-Identifier: Apache-2.0
// When to try again: exponential backoff with full jitter, as a pure function.
#pragma once

#include <algorithm>
#include <cstdint>

namespace crm {

/// How often and how patiently something is tried.
struct backoff {
  int attempts_max = 5;
  std::int64_t base_ms = 1'000;
  std::int64_t max_ms = 300'000;

  bool operator==(const backoff&) const = default;
};

/// Returns how long to wait after the attempt with this number (from 1) failed: somewhere between
/// half and all of base x 2^(attempt-1), at most `max_ms`, as `random` falls.
constexpr std::int64_t delay_ms(const backoff& policy, int attempt, std::uint64_t random) {
  std::int64_t ceiling = policy.base_ms;
  for (int i = 1; i < attempt && ceiling < policy.max_ms; ++i)
    ceiling *= 2;
  ceiling = std::max<std::int64_t>(std::min(ceiling, policy.max_ms), 1);
  const std::int64_t half = ceiling / 2;
  return half + static_cast<std::int64_t>(random % static_cast<std::uint64_t>(ceiling - half + 1));
}

} // namespace crm
