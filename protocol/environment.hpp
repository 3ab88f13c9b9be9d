// SPDX-License-Identifier: Apache-2.0
// What a program takes from outside without asking: the time and chance. Handed in, so that tests
// are deterministic and replays repeat.
#pragma once

#include <cstdint>
#include <functional>

namespace crm {

/// The time and chance of this run. Its functions may be called from any thread.
struct environment {
  /// Returns the time in Unix milliseconds.
  std::function<std::int64_t()> now_ms;
  /// Returns 64 unpredictable bits.
  std::function<std::uint64_t()> random;
};

} // namespace crm
