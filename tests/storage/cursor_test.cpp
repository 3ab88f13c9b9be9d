// SPDX-License-Identifier: Apache-2.0
#include "storage/cursor.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <string_view>

using crm::storage::make_cursor;
using crm::storage::position;
using crm::storage::read_cursor;

namespace {

const std::string key(32, 'k');
constexpr std::string_view digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

} // namespace

TEST_CASE("a cursor leads back to the position that it was made for") {
  for (const position& at : {position{0, 1}, position{-12.5, 99}, position{1.795e12, 1'000'000'000},
                             position{-std::numeric_limits<double>::infinity(),
                                      std::numeric_limits<std::int64_t>::max()}}) {
    const auto read = read_cursor(key, "list_contacts{}", make_cursor(key, "list_contacts{}", at));
    REQUIRE(read);
    CHECK(read->rank == at.rank);
    CHECK(read->seq == at.seq);
  }
}

TEST_CASE("a cursor with any bit changed, added or missing is refused") {
  const std::string cursor = make_cursor(key, "list", {-1.5, 1234});
  for (std::size_t i = 0; i < cursor.size(); ++i) {
    const std::size_t digit = digits.find(cursor[i]);
    REQUIRE(digit != digits.npos);
    for (unsigned bit = 0; bit < 6; ++bit) {
      std::string changed = cursor;
      changed[i] = digits[digit ^ (1U << bit)];
      CHECK(!read_cursor(key, "list", changed));
    }
    CHECK(!read_cursor(key, "list", cursor.substr(0, i)));
    CHECK(!read_cursor(key, "list", cursor.substr(i + 1)));
    CHECK(!read_cursor(key, "list", std::string{cursor}.insert(i, 1, 'A')));
  }
  for (const std::string& wrong :
       {std::string{}, std::string{"null"}, cursor + "A", cursor + "=", " " + cursor, cursor + "\n",
        cursor + cursor, std::string(100'000, 'A'), std::string{"\xC3\xA9"},
        std::string(38, 'A')}) {
    const auto read = read_cursor(key, "list", wrong);
    REQUIRE(!read);
    CHECK(read.error().code == crm::error_code::validation);
    CHECK(read.error().details.at(0).path == "cursor");
    CHECK(read.error().details.at(0).got.size() < 100);
  }
}

TEST_CASE("a cursor enters no other list and no other workspace") {
  const std::string cursor = make_cursor(key, "list_contacts{}", {0, 7});
  CHECK(read_cursor(key, "list_contacts{}", cursor));
  CHECK(!read_cursor(key, "list_contacts{\"type\":\"lead\"}", cursor));
  CHECK(!read_cursor(key, "list_companies{}", cursor));
  CHECK(!read_cursor(key, "", cursor));
  CHECK(!read_cursor(std::string(32, 'j'), "list_contacts{}", cursor));
}

TEST_CASE("a cursor that is refused is shown as short JSON text") {
  std::string wrong(59, 'a');
  wrong += "é\"";
  const auto read = read_cursor(key, "list", wrong);
  REQUIRE(!read);
  const std::string& got = read.error().details.at(0).got;
  CHECK(got.starts_with("\"aaa"));
  CHECK(got.ends_with("…"));
}
