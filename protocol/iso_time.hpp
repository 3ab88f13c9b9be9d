// SPDX-License-Identifier: Apache-2.0
// Points in time as ISO 8601 text. On the wire times are Unix milliseconds (design §3.10); this is
// for the values of date fields, which people write as dates.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace crm {

/// Reads a date (`2026-11-22`, its first instant) or a date and time (`2026-11-22T09:30`, with
/// seconds, a fraction and a zone `Z` or `+01:00` if wanted), from year 1 to 9999. What names no
/// zone is UTC. Returns Unix milliseconds, or none when the text is no such time.
std::optional<std::int64_t> read_iso_time(std::string_view text);

/// Returns the date of a time in UTC, as `2026-11-22`.
std::string iso_date(std::int64_t ms);

} // namespace crm
