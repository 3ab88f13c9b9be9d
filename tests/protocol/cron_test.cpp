// SPDX-License-Identifier: Apache-2.0
#include "protocol/cron.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

namespace {

using namespace std::chrono;

std::int64_t utc(int y, unsigned m, unsigned d, int hour = 0, int minute = 0) {
  const sys_days day{year_month_day{year{y}, month{m}, std::chrono::day{d}}};
  return duration_cast<milliseconds>((day + hours{hour} + minutes{minute}).time_since_epoch())
      .count();
}

struct row {
  const char* cron;
  const char* zone;
  std::int64_t after;
  std::int64_t next;
};

} // namespace

TEST_CASE("a schedule comes when its five fields and its time zone say") {
  const row rows[] = {
      {"0 9 * * MON-FRI", "UTC", utc(2026, 11, 20, 9), utc(2026, 11, 23, 9)},
      {"*/15 * * * *", "UTC", utc(2026, 11, 22, 10, 1), utc(2026, 11, 22, 10, 15)},
      {"30 8 1 * *", "Europe/Berlin", utc(2026, 6, 15), utc(2026, 7, 1, 6, 30)},
      {"30 8 1 * *", "Europe/Berlin", utc(2026, 12, 15), utc(2027, 1, 1, 7, 30)},
      {"0 0 13 * FRI", "UTC", utc(2026, 11, 22), utc(2026, 11, 27)}, // either day is enough
      {"0 0 * * 7", "UTC", utc(2026, 11, 22), utc(2026, 11, 29)},
  };
  for (const row& each : rows) {
    CAPTURE(std::string{each.cron});
    CHECK(crm::cron_schedule::parse(each.cron, each.zone)->next(each.after) == each.next);
  }
}

TEST_CASE("29 February is waited for, across the years that have none") {
  const auto leap = crm::cron_schedule::parse("0 12 29 2 *", "UTC");
  CHECK(leap->next(utc(2026, 11, 22)) == utc(2028, 2, 29, 12));
  CHECK(leap->next(utc(2028, 2, 29, 12)) == utc(2032, 2, 29, 12));
  CHECK(leap->next(utc(2096, 3, 1)) == utc(2104, 2, 29, 12)); // 2100 is no leap year
  CHECK(crm::cron_schedule::parse("0 0 30 2 *", "UTC")->next(utc(2026, 1, 1)) == std::nullopt);
}

TEST_CASE("an hour that the clocks skip is made up for at the first instant after the gap") {
  // Berlin, 2026-03-29: 02:00 becomes 03:00, which is 01:00 UTC.
  const auto daily = crm::cron_schedule::parse("30 2 * * *", "Europe/Berlin");
  CHECK(daily->next(utc(2026, 3, 28, 12)) == utc(2026, 3, 29, 1));
  CHECK(daily->next(utc(2026, 3, 29, 1)) == utc(2026, 3, 30, 0, 30));
}

TEST_CASE("an hour that comes twice is met once by a fixed hour and twice by every hour") {
  // Berlin, 2026-10-25: 03:00 becomes 02:00 at 01:00 UTC.
  const auto fixed = crm::cron_schedule::parse("30 2 * * *", "Europe/Berlin");
  CHECK(fixed->next(utc(2026, 10, 24, 12)) == utc(2026, 10, 25, 0, 30));
  CHECK(fixed->next(utc(2026, 10, 25, 0, 30)) == utc(2026, 10, 26, 1, 30));
  const auto every = crm::cron_schedule::parse("30 * * * *", "Europe/Berlin");
  CHECK(every->next(utc(2026, 10, 25, 0, 0)) == utc(2026, 10, 25, 0, 30));
  CHECK(every->next(utc(2026, 10, 25, 0, 30)) == utc(2026, 10, 25, 1, 30));
}

TEST_CASE("what is no cron expression or no time zone is refused") {
  for (const char* cron : {"", "* * * *", "60 * * * *", "* 24 * * *", "0 0 0 * *", "0 0 * 13 *",
                           "a * * * *", "*/0 * * * *", "5-1 * * * *", "* * * * * *"}) {
    CAPTURE(std::string{cron});
    CHECK(!crm::cron_schedule::parse(cron, "UTC"));
  }
  CHECK(!crm::cron_schedule::parse("0 0 * * *", "Mars/Olympus"));
  const auto reason = crm::cron_schedule::parse("noon", "UTC").error();
  CHECK(reason.message.find("five fields") != std::string::npos);
  CHECK(reason.message.find(reason.details.at(0).expected) != std::string::npos);
}
