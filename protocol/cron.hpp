// SPDX-License-Identifier: Apache-2.0
// Times of a schedule: five cron fields read in a time zone. Pure: the same question has the same
// answer, whatever the clock says.
#pragma once

#include "protocol/result.hpp"

#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace crm {

/// A cron expression in a time zone: minute, hour, day of month, month, day of week (0 or 7 is
/// Sunday; names such as MON and JAN are read). When both days are restricted, one of them is
/// enough (POSIX crontab).
///
/// When clocks go forward, a time that does not exist is moved to the first instant after the gap;
/// when they go back, a fixed hour runs once, in the first of the two, and `*` runs in both.
class cron_schedule {
public:
  /// @errors validation, for the expression or for a name that is no IANA time zone.
  static result<cron_schedule> parse(std::string_view expression, std::string_view time_zone);

  /// Returns the first time after `after_ms`, in Unix milliseconds; none when there is none within
  /// eight years, the longest that 29 February lets one wait.
  std::optional<std::int64_t> next(std::int64_t after_ms) const;

private:
  struct local_minute;
  cron_schedule() = default;
  bool day_matches(unsigned month, unsigned day, unsigned weekday) const;
  std::optional<std::int64_t> next_of_fixed_hours(std::int64_t after_ms) const;
  std::optional<std::int64_t> next_of_every_hour(std::int64_t after_ms) const;

  std::bitset<60> minutes_;
  std::bitset<24> hours_;
  std::bitset<32> days_;
  std::bitset<13> months_;
  std::bitset<7> weekdays_;
  bool any_hour_ = false;
  bool any_day_ = false;
  bool any_weekday_ = false;
  std::string time_zone_;
};

} // namespace crm
