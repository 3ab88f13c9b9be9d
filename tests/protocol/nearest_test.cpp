// SPDX-License-Identifier: Apache-2.0
#include "protocol/nearest.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

using crm::nearest;

namespace {

constexpr std::array<std::string_view, 7> names{"firstName", "lastName", "email",   "companyId",
                                                "id",        "notes",    "get_deal"};

struct guess_row {
  std::string_view sent;
  std::string_view meant;
};

} // namespace

TEST_CASE("the nearest name is found through the slips that people make") {
  const guess_row rows[] = {
      {"firstName", "firstName"},  {"firstname", "firstName"},  {"first_name", "firstName"},
      {"First-Name", "firstName"}, {"first name", "firstName"}, {"frist_name", "firstName"},
      {"lastNme", "lastName"},     {"emial", "email"},          {"e-mail", "email"},
      {"mail", "email"},           {"companyID", "companyId"},  {"company", "companyId"},
      {"note", "notes"},           {"getDeal", "get_deal"},     {"ID", "id"},
  };
  for (const guess_row& row : rows) {
    CAPTURE(row.sent);
    CHECK(nearest(row.sent, names) == row.meant);
  }
}

TEST_CASE("a name that is a part of exactly one candidate means that one") {
  const std::vector<std::string_view> move{"dealId", "newStage", "probability", "expectedVersion"};
  CHECK(nearest("stage", move) == "newStage");
  CHECK(nearest("version", move) == "expectedVersion");
  CHECK(nearest("new", move) == "");
  CHECK(nearest("name", names) == ""); // of two of them
}

TEST_CASE("no name is guessed when none is near") {
  for (const std::string_view sent : {"zzz", "telephone", "xy", "birthday", "金額"})
    CHECK(nearest(sent, names) == "");
  CHECK(nearest("", names) == "");
  CHECK(nearest("email", {}) == "");
  CHECK(nearest(std::string(100'000, 'e'), names) == "");
}

TEST_CASE("code points are counted, not bytes") {
  CHECK(crm::count_code_points("") == 0);
  CHECK(crm::count_code_points("abc") == 3);
  CHECK(crm::count_code_points("äöü") == 3);
  CHECK(crm::count_code_points("漢字") == 2);
  CHECK(crm::count_code_points("😀") == 1);
  CHECK(crm::count_code_points("e\xCC\x81") == 2); // e and a combining accent
}
