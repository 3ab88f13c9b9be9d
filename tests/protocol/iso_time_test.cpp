// SPDX-License-Identifier: Apache-2.0
#include "protocol/iso_time.hpp"

#include <doctest/doctest.h>

#include <utility>
#include <vector>

TEST_CASE("ISO 8601 dates and times are read to the millisecond") {
  const std::vector<std::pair<const char*, std::int64_t>> rows{
      {"1970-01-01", 0},
      {"1970-01-01T00:00Z", 0},
      {"1970-01-01T00:00:01", 1'000},
      {"1970-01-01 00:00:00.5Z", 500},
      {"1970-01-01T00:00:00.1239999Z", 123},
      {"1970-01-01T01:00+01:00", 0},
      {"1969-12-31T19:00-0500", 0},
      {"2024-02-29", 1'709'164'800'000},
      {"9999-12-31T23:59:59.999Z", 253'402'300'799'999},
  };
  for (const auto& [text, ms] : rows) {
    CAPTURE(text);
    CHECK(crm::read_iso_time(text) == ms);
  }
}

TEST_CASE("what is no ISO 8601 time is not read as one") {
  for (const char* text :
       {"", "1970", "1970-1-1", "1970-01-01T", "1970-01-01T24:00Z", "1970-01-01T00", "2023-02-29",
        "1970-00-01", "0000-01-01", "1970-01-01T00:00:60Z", "1970-01-01T00:00.5Z",
        "1970-01-01T00:00:00.Z", "1970-01-01T00:00+1", "1970-01-01x", "1970-01-01T00:00Zx",
        "-970-01-01", "19700101", "1970-01-01T00:00+24:00"}) {
    CAPTURE(text);
    CHECK(!crm::read_iso_time(text));
  }
}

TEST_CASE("a time is shown as its date in UTC") {
  CHECK(crm::iso_date(0) == "1970-01-01");
  CHECK(crm::iso_date(-1) == "1969-12-31");
  CHECK(crm::iso_date(1'709'164'800'000) == "2024-02-29");
}
