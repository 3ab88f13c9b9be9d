// SPDX-License-Identifier: Apache-2.0
// Lengths of time as people write them: `90s`, `15m`, `3d`.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace crm {

/// Returns the milliseconds of a whole number with the unit ms, s, m, h or d, such as `15m`; none
/// for anything else, or for more than ten years.
std::optional<std::int64_t> parse_duration(std::string_view text);

} // namespace crm
