// SPDX-License-Identifier: Apache-2.0
// A stretch of time, as lists and analytics are asked for it.
#pragma once

#include <cstdint>
#include <limits>

namespace crm::storage {

/// A period in Unix milliseconds: `since` belongs to it, `until` does not. Open at an end that is
/// not set.
struct period {
  std::int64_t since = std::numeric_limits<std::int64_t>::min();
  std::int64_t until = std::numeric_limits<std::int64_t>::max();
};

} // namespace crm::storage
