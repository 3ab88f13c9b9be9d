// SPDX-License-Identifier: Apache-2.0
#include "protocol/limits.hpp"
#include "tests/support/test_system.hpp"

#include <doctest/doctest.h>

#include <set>

using crm::json;
using crm::test::test_system;

namespace {

std::string add_contact(test_system& system, json fields) {
  fields.emplace("firstName", "Ada");
  fields.emplace("lastName", "L");
  return system.call("create_contact", std::move(fields)).data()["id"];
}

} // namespace

TEST_CASE("a name counts more than a note, and a short note more than a long one") {
  test_system system;
  std::string filler;
  for (int i = 0; i < 100; ++i)
    filler += "word ";
  const std::string in_long_note = add_contact(system, {{"notes", filler + "Turing"}});
  const std::string in_note = add_contact(system, {{"notes", "knows Turing"}});
  const std::string in_name = add_contact(system, {{"lastName", "Turing"}});
  const json found = system.call("search_contacts", {{"query", "turing"}}).data();
  REQUIRE(found.size() == 3);
  CHECK(found[0]["id"] == in_name);
  CHECK(found[1]["id"] == in_note);
  CHECK(found[2]["id"] == in_long_note);
}

TEST_CASE("a search that finds more than it ranks still meets every match exactly once") {
  test_system system;
  const int all = static_cast<int>(crm::limits::search_ranked_max) + 250;
  std::set<std::string> expected;
  for (int i = 0; i < all; ++i)
    expected.insert(add_contact(system, {{"notes", "a customer"}}));
  for (const char* query : {"customer", "custom"}) {
    CAPTURE(query);
    std::multiset<std::string> met;
    json args{{"query", query}, {"limit", 50}};
    for (int page = 0; page == 0 || args.contains("cursor"); ++page) {
      const auto answer = system.call("search_contacts", args);
      for (const json& row : answer.data())
        met.insert(row["id"].get<std::string>());
      CHECK(answer.page()["total"].get<int>() >= all);
      CHECK(!answer.page().contains("totalIsLowerBound"));
      // Others come and go in between; who was there throughout is met once.
      if (page % 5 == 0)
        system
            .call("delete_contact", {{"contactId", add_contact(system, {{"notes", "a customer"}})}})
            .data();
      args.erase("cursor");
      if (const json& next = answer.page()["nextCursor"]; !next.is_null())
        args["cursor"] = next;
      REQUIRE(page < 100);
    }
    for (const std::string& id : expected)
      CHECK(met.count(id) == 1);
  }
}

TEST_CASE("the beginning of a word finds what the whole word does not") {
  test_system system;
  add_contact(system, {{"notes", "custom"}});
  add_contact(system, {{"notes", "customer"}});
  CHECK(system.call("search_contacts", {{"query", "custom"}}).page()["total"] == 2);
  CHECK(system.call("search_contacts", {{"query", "customer"}}).page()["total"] == 1);
  CHECK(system.call("search_contacts", {{"query", "custom ad"}}).page()["total"] == 2);
  CHECK(system.call("search_contacts", {{"query", "cust ada"}}).page()["total"] == 0);
}
