// SPDX-License-Identifier: Apache-2.0
// What becomes of a run whose actor died: a pure decision, so that it can be tested as a table.
#pragma once

#include "protocol/backoff.hpp"

#include <cstdint>
#include <optional>

namespace crm::actors {

/// Five deaths within one step, ever further apart; then the run has failed (issue: "restart storm
/// bounded").
inline constexpr backoff restart_backoff{.attempts_max = 5, .base_ms = 100, .max_ms = 5'000};

/// Returns how long to wait before the run's actor is started again after its `deaths`-th death;
/// none when the run has failed.
constexpr std::optional<std::int64_t> restart_delay_ms(int deaths, std::uint64_t random) {
  if (deaths >= restart_backoff.attempts_max)
    return std::nullopt;
  return delay_ms(restart_backoff, deaths, random);
}

} // namespace crm::actors
