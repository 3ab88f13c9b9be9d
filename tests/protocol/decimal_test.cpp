// SPDX-License-Identifier: Apache-2.0
#include "protocol/decimal.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <string_view>

using crm::decimal;

namespace {

struct spelling_row {
  double value;
  std::string_view text;
};

struct percent_row {
  double value;
  double percent;
  std::string_view text;
};

} // namespace

TEST_CASE("a decimal is the number that the caller wrote") {
  const spelling_row rows[] = {
      {0, "0"},
      {-0.0, "0"},
      {1, "1"},
      {-1, "-1"},
      {0.1, "0.1"},
      {-0.05, "-0.05"},
      {19.99, "19.99"},
      {1e15, "1000000000000000"},
      {-1e15, "-1000000000000000"},
      {999999999999.99, "999999999999.99"},
      {123456789.123456, "123456789.123456"},
      {0.000000000001, "0.000000000001"},
      {0.0000000000004, "0"},
      {0.0000000000005, "0.000000000001"},
      {1e-300, "0"},
      {2.5e-7, "0.00000025"},
  };
  for (const spelling_row& row : rows)
    CHECK(decimal::from(row.value).to_string() == row.text);
}

TEST_CASE("sums are exact where binary ones are not") {
  decimal sum;
  for (int i = 0; i < 10; ++i)
    sum += decimal::from(0.1);
  CHECK(sum == decimal::from(1));
  CHECK(sum.to_string() == "1");

  decimal three;
  three += decimal::from(0.1);
  three += decimal::from(0.2);
  CHECK(three.to_string() == "0.3");

  decimal wide = decimal::from(1e15);
  wide += decimal::from(0.01);
  wide += decimal::from(-1e15);
  CHECK(wide.to_string() == "0.01");
}

TEST_CASE("a sum of cents equals the same sum in whole numbers, in any order") {
  std::mt19937_64 random{7};
  std::uniform_int_distribution<long long> cents{-100'000'000'000, 100'000'000'000};
  long long total = 0;
  decimal forward;
  std::vector<long long> all;
  for (int i = 0; i < 10'000; ++i) {
    all.push_back(cents(random));
    total += all.back();
    forward += decimal::from(static_cast<double>(all.back()) / 100);
  }
  decimal backward;
  for (auto each = all.rbegin(); each != all.rend(); ++each)
    backward += decimal::from(static_cast<double>(*each) / 100);
  CHECK(forward == backward);
  CHECK(forward == decimal::from(static_cast<double>(total) / 100));
}

TEST_CASE("a percentage is rounded half to even in the twelfth place only") {
  const percent_row rows[] = {
      {100, 25, "25"},
      {0.1, 50, "0.05"},
      {19.99, 10, "1.999"},
      {1e15, 100, "1000000000000000"},
      {1e15, 0.000001, "10000000"},
      {33.33, 33.33, "11.108889"},
      {100, 0, "0"},
      {0.000000000001, 50, "0"},
      {0.000000000003, 50, "0.000000000002"},
      {0.000000000001, 51, "0.000000000001"},
      {-19.99, 10, "-1.999"},
  };
  for (const percent_row& row : rows) {
    CAPTURE(row.value);
    CAPTURE(row.percent);
    CHECK(decimal::from(row.value).percent(decimal::from(row.percent)).to_string() == row.text);
  }
}

TEST_CASE("a division is rounded half to even in the twelfth place") {
  CHECK(decimal::from(1).divided_by(3).to_string() == "0.333333333333");
  CHECK(decimal::from(2).divided_by(3).to_string() == "0.666666666667");
  CHECK(decimal::from(-2).divided_by(3).to_string() == "-0.666666666667");
  CHECK(decimal::from(10).divided_by(4).to_string() == "2.5");
  CHECK(decimal::from(0.000000000001).divided_by(2).to_string() == "0");
  CHECK(decimal::from(0.000000000003).divided_by(2).to_string() == "0.000000000002");
}
