// SPDX-License-Identifier: Apache-2.0
#include "protocol/cron.hpp"

#include "protocol/json.hpp"

#include <date/tz.h>

#include <array>
#include <charconv>
#include <chrono>
#include <vector>

namespace crm {

namespace {

using std::chrono::milliseconds;
using local_ms = date::local_time<milliseconds>;
using sys_ms = date::sys_time<milliseconds>;

constexpr std::array<std::string_view, 12> month_names{"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                       "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::array<std::string_view, 7> weekday_names{"SUN", "MON", "TUE", "WED",
                                                        "THU", "FRI", "SAT"};
constexpr date::days horizon{8 * 366};

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos)
      return parts;
    text.remove_prefix(at + 1);
  }
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (const std::string_view word : split(text, ' ')) {
    if (!word.empty())
      words.push_back(word);
  }
  return words;
}

/// The range of one cron field, and the names that stand for its numbers.
struct field_range {
  unsigned first;
  unsigned last;
  const std::string_view* names = nullptr;
  std::size_t name_count = 0;
};

std::optional<unsigned> number_of(std::string_view text, const field_range& range) {
  for (std::size_t i = 0; i < range.name_count; ++i) {
    if (text == range.names[i])
      return static_cast<unsigned>(i) + (range.first == 1 ? 1U : 0U);
  }
  unsigned number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{} || end != text.data() + text.size() || text.empty())
    return std::nullopt;
  return number >= range.first && number <= range.last ? std::optional{number} : std::nullopt;
}

/// Reads one item of a field: `*`, `n`, `n-m`, each with an optional `/step`.
template <std::size_t Size>
bool read_item(std::string_view item, const field_range& range, std::bitset<Size>& out) {
  const std::size_t slash = item.find('/');
  unsigned step = 1;
  if (slash != std::string_view::npos) {
    const auto given = number_of(item.substr(slash + 1), {1, range.last});
    if (!given)
      return false;
    step = *given;
    item = item.substr(0, slash);
  }
  unsigned first = range.first;
  unsigned last = range.last;
  if (item != "*") {
    const std::size_t dash = item.find('-');
    const auto from = number_of(item.substr(0, dash), range);
    const auto to = dash == std::string_view::npos ? from : number_of(item.substr(dash + 1), range);
    if (!from || !to || *from > *to)
      return false;
    first = *from;
    last = slash != std::string_view::npos && dash == std::string_view::npos ? range.last : *to;
  }
  for (unsigned n = first; n <= last; n += step)
    out.set(n);
  return true;
}

template <std::size_t Size>
bool read_field(std::string_view text, const field_range& range, std::bitset<Size>& out) {
  for (const std::string_view item : split(text, ',')) {
    if (!read_item(item, range, out))
      return false;
  }
  return true;
}

crm::error bad_schedule(std::string_view argument, std::string_view got, std::string expected) {
  std::string message = std::string{argument} + ": expected " + expected;
  return argument_error(
      error_code::validation, std::move(message),
      {std::string{argument}, brief_json(json(std::string{got})), std::move(expected)});
}

std::int64_t ms_of(sys_ms at) {
  return at.time_since_epoch().count();
}

} // namespace

result<cron_schedule> cron_schedule::parse(std::string_view expression,
                                           std::string_view time_zone) {
  const std::vector<std::string_view> words = words_of(expression);
  cron_schedule read;
  std::bitset<8> weekdays;
  const bool right =
      words.size() == 5 && read_field(words[0], {0, 59}, read.minutes_)
      && read_field(words[1], {0, 23}, read.hours_) && read_field(words[2], {1, 31}, read.days_)
      && read_field(words[3], {1, 12, month_names.data(), month_names.size()}, read.months_)
      && read_field(words[4], {0, 7, weekday_names.data(), weekday_names.size()}, weekdays);
  if (!right)
    return bad_schedule("cron", expression,
                        "five fields: minute hour day-of-month month day-of-week, "
                        "such as 0 9 * * MON-FRI");
  for (std::size_t day = 0; day < weekdays.size(); ++day) {
    if (weekdays.test(day))
      read.weekdays_.set(day % 7);
  }
  read.any_hour_ = words[1].starts_with('*');
  read.any_day_ = words[2].starts_with('*');
  read.any_weekday_ = words[4].starts_with('*');
  try {
    date::locate_zone(time_zone);
  } catch (const std::runtime_error&) {
    return bad_schedule("timeZone", time_zone, "an IANA time zone such as Europe/Berlin or UTC");
  }
  read.time_zone_ = time_zone;
  return read;
}

bool cron_schedule::day_matches(unsigned month, unsigned day, unsigned weekday) const {
  if (!months_.test(month))
    return false;
  if (any_day_ || any_weekday_)
    return days_.test(day) && weekdays_.test(weekday);
  return days_.test(day) || weekdays_.test(weekday);
}

std::optional<std::int64_t> cron_schedule::next(std::int64_t after_ms) const {
  return any_hour_ ? next_of_every_hour(after_ms) : next_of_fixed_hours(after_ms);
}

/// Walks the local calendar day by day, and within a day the times that it names.
std::optional<std::int64_t> cron_schedule::next_of_fixed_hours(std::int64_t after_ms) const {
  const date::time_zone* zone = date::locate_zone(time_zone_);
  const sys_ms after{milliseconds{after_ms}};
  auto day = date::floor<date::days>(zone->to_local(after));
  for (const auto last = day + horizon; day < last; day += date::days{1}) {
    const date::year_month_day ymd{day};
    const date::weekday weekday{day};
    if (!day_matches(unsigned{ymd.month()}, unsigned{ymd.day()}, weekday.c_encoding()))
      continue;
    for (unsigned hour = 0; hour < 24; ++hour) {
      for (unsigned minute = 0; hours_.test(hour) && minute < 60; ++minute) {
        if (!minutes_.test(minute))
          continue;
        const auto local = day + std::chrono::hours{hour} + std::chrono::minutes{minute};
        // `earliest` takes the first of two, and for a time in a gap the end of the gap.
        const sys_ms at = zone->to_sys(local_ms{local}, date::choose::earliest);
        if (at > after)
          return ms_of(at);
      }
    }
  }
  return std::nullopt;
}

/// Walks real time minute by minute, so that an hour that comes twice runs twice; days that do not
/// match are skipped whole.
std::optional<std::int64_t> cron_schedule::next_of_every_hour(std::int64_t after_ms) const {
  const date::time_zone* zone = date::locate_zone(time_zone_);
  auto at =
      date::floor<std::chrono::minutes>(sys_ms{milliseconds{after_ms}}) + std::chrono::minutes{1};
  for (const auto last = at + horizon; at < last;) {
    const auto local = zone->to_local(at);
    const auto day = date::floor<date::days>(local);
    const date::year_month_day ymd{day};
    const date::weekday weekday{day};
    if (!day_matches(unsigned{ymd.month()}, unsigned{ymd.day()}, weekday.c_encoding())) {
      const auto next_day = date::local_time<std::chrono::minutes>{day + date::days{1}};
      at = std::max(
          date::floor<std::chrono::minutes>(zone->to_sys(next_day, date::choose::earliest)),
          at + std::chrono::minutes{1});
      continue;
    }
    const date::hh_mm_ss time{date::floor<std::chrono::minutes>(local - day)};
    if (hours_.test(static_cast<std::size_t>(time.hours().count()))
        && minutes_.test(static_cast<std::size_t>(time.minutes().count())))
      return ms_of(at);
    at += std::chrono::minutes{1};
  }
  return std::nullopt;
}

} // namespace crm
