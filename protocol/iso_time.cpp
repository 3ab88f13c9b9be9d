// SPDX-License-Identifier: Apache-2.0
#include "protocol/iso_time.hpp"

#include <chrono>

namespace crm {

namespace {

constexpr std::int64_t minute_ms = 60'000;

/// Takes a text apart from its front; once a part is missing, all that follows fails.
class time_reader {
public:
  explicit time_reader(std::string_view text) : rest_(text) {}

  /// Takes a number of exactly `digits` digits.
  int number(std::size_t digits) {
    if (rest_.size() < digits)
      return fail();
    int value = 0;
    for (const char c : rest_.substr(0, digits)) {
      if (c < '0' || c > '9')
        return fail();
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(digits);
    return value;
  }

  /// Takes a number of exactly `digits` digits that is at most `max`.
  int number(std::size_t digits, int max) {
    const int value = number(digits);
    return value <= max ? value : fail();
  }

  bool take(char wanted) {
    if (rest_.empty() || rest_.front() != wanted)
      return false;
    rest_.remove_prefix(1);
    return true;
  }

  void need(char wanted) {
    if (!take(wanted))
      fail();
  }

  /// Takes the digits of a fraction of a second and returns its milliseconds.
  int fraction() {
    int ms = number(1) * 100;
    for (int unit = 10; next_is_digit(); unit /= 10)
      ms += number(1) * unit;
    return ms;
  }

  bool at_end() const { return rest_.empty(); }
  bool failed() const { return failed_; }

private:
  bool next_is_digit() const { return !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9'; }

  int fail() {
    failed_ = true;
    rest_ = {};
    return 0;
  }

  std::string_view rest_;
  bool failed_ = false;
};

std::int64_t read_clock(time_reader& from) {
  std::int64_t ms = from.number(2, 23) * 60 * minute_ms;
  from.need(':');
  ms += from.number(2, 59) * minute_ms;
  if (!from.take(':'))
    return ms;
  ms += from.number(2, 59) * std::int64_t{1000};
  return from.take('.') ? ms + from.fraction() : ms;
}

/// How far the zone's clocks are ahead of UTC.
std::int64_t read_zone(time_reader& from) {
  if (from.at_end() || from.take('Z') || from.take('z'))
    return 0;
  const bool behind = from.take('-');
  if (!behind)
    from.need('+');
  std::int64_t ms = from.number(2, 23) * 60 * minute_ms;
  from.take(':');
  ms += from.number(2, 59) * minute_ms;
  return behind ? -ms : ms;
}

} // namespace

std::optional<std::int64_t> read_iso_time(std::string_view text) {
  time_reader from{text};
  const int year = from.number(4);
  from.need('-');
  const int month = from.number(2);
  from.need('-');
  const int day = from.number(2);
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (from.failed() || year == 0 || !date.ok())
    return std::nullopt;
  std::int64_t ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                        std::chrono::sys_days{date}.time_since_epoch())
                        .count();
  if (from.take('T') || from.take('t') || from.take(' ')) {
    ms += read_clock(from);
    ms -= read_zone(from);
  }
  if (from.failed() || !from.at_end())
    return std::nullopt;
  return ms;
}

std::string iso_date(std::int64_t ms) {
  const std::chrono::sys_time<std::chrono::milliseconds> at{std::chrono::milliseconds{ms}};
  const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(at)};
  const auto padded = [](auto number, std::size_t digits) {
    const std::string text = std::to_string(number);
    return text.size() < digits ? std::string(digits - text.size(), '0') + text : text;
  };
  return padded(static_cast<int>(date.year()), 4) + "-"
         + padded(static_cast<unsigned>(date.month()), 2) + "-"
         + padded(static_cast<unsigned>(date.day()), 2);
}

} // namespace crm
