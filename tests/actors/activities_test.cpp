// SPDX-License-Identifier: Apache-2.0
#include "tests/support/sales_records.hpp"

#include <doctest/doctest.h>

#include <string>

using crm::json;
using crm::test::sales_records;
using crm::test::test_system;

TEST_CASE("the subject, type and time of an activity can never change") {
  test_system system;
  const sales_records records{system};
  const auto rows = crm::test::logged_changes(system);
  const json before = system.call("get_activity", {{"activityId", records.activity}}).data();
  for (const char* fixed : {"subject", "type", "occurredAt", "contactId", "dealId", "companyId",
                            "id", "createdBy", "createdAt", "version", "archivedAt"}) {
    CAPTURE(fixed);
    const auto given =
        system.call("update_activity", {{"activityId", records.activity}, {fixed, before["type"]}});
    CHECK(given.code() == "ZOD_VALIDATION_ERROR");
    CHECK(given.error()["details"][0]["path"] == fixed);
  }
  CHECK(system.call("delete_activity", {{"activityId", records.activity}}).code()
        == "TOOL_NOT_FOUND");
  CHECK(system.call("get_activity", {{"activityId", records.activity}}).data() == before);
  CHECK(crm::test::logged_changes(system) == rows);
}

TEST_CASE("what may change of an activity changes, and null clears it") {
  test_system system;
  system.define_field("activity", "k", "text");
  const sales_records records{system};
  const json set = system
                       .call("update_activity", {{"activityId", records.activity},
                                                 {"description", "later"},
                                                 {"dueAt", 5},
                                                 {"completedAt", 6},
                                                 {"customFields", {{"k", "v"}}}})
                       .data();
  CHECK(set["description"] == "later");
  CHECK(set["dueAt"] == 5);
  CHECK(set["completedAt"] == 6);
  CHECK(set["customFields"] == json{{"k", "v"}});
  const json cleared = system
                           .call("update_activity", {{"activityId", records.activity},
                                                     {"description", nullptr},
                                                     {"dueAt", nullptr},
                                                     {"completedAt", nullptr},
                                                     {"customFields", nullptr}})
                           .data();
  for (const char* name : {"description", "dueAt", "completedAt", "customFields"})
    CHECK(!cleared.contains(name));
}

TEST_CASE("an activity happens now unless it is said when") {
  test_system system;
  const auto now = system.surroundings().now_ms();
  CHECK(system.call("create_activity", {{"type", "call"}, {"subject", "A"}}).data()["occurredAt"]
        == now);
  CHECK(system.call("create_activity", {{"type", "call"}, {"subject", "A"}, {"occurredAt", 7}})
            .data()["occurredAt"]
        == 7);
}

TEST_CASE("activities of a type are listed latest first, from since to just before until") {
  test_system system;
  for (const int at : {30, 10, 20, 20, 40})
    system.call("create_activity",
                {{"type", "call"}, {"subject", std::to_string(at)}, {"occurredAt", at}});
  system.call("create_activity", {{"type", "note"}, {"subject", "x"}, {"occurredAt", 20}});
  const auto subjects = [&](json args) {
    args["type"] = "call";
    std::string out;
    const auto page = system.call("list_activities_by_type", args);
    for (const json& each : page.data())
      out += each["subject"].get<std::string>() + " ";
    return out;
  };
  CHECK(subjects(json::object()) == "40 30 20 20 10 ");
  CHECK(subjects({{"since", 20}}) == "40 30 20 20 ");
  CHECK(subjects({{"until", 30}}) == "20 20 10 ");
  CHECK(subjects({{"since", 20}, {"until", 30}}) == "20 20 ");

  CHECK(system.call("list_activities_by_type", {{"type", "call"}, {"since", 20}, {"until", 40}})
            .page()["total"]
        == 3);
}

TEST_CASE("activities are found by the records that they belong to, and by all of them together") {
  test_system system;
  const sales_records r{system};
  const auto log = [&](json args) {
    args.update({{"type", "call"}, {"subject", "A"}});
    REQUIRE(system.call("create_activity", args).ok());
  };
  log({{"contactId", r.contact}});
  log({{"contactId", r.contact}, {"dealId", r.deal}});
  log({{"contactId", r.contact}, {"dealId", r.deal}, {"companyId", r.company}});
  log({{"companyId", r.company}});
  const auto total = [&](const json& filter) {
    const auto page = system.call("list_activities", filter).page();
    CHECK(page["returned"] == page["total"]);
    return page["total"].get<int>();
  };
  CHECK(total(json::object()) == 5);
  CHECK(total({{"contactId", r.contact}}) == 3);
  CHECK(total({{"dealId", r.deal}}) == 2);
  CHECK(total({{"companyId", r.company}}) == 2);
  CHECK(total({{"contactId", r.contact}, {"dealId", r.deal}}) == 2);
  CHECK(total({{"dealId", r.deal}, {"companyId", r.company}}) == 1);
  CHECK(total({{"contactId", r.contact}, {"dealId", r.deal}, {"companyId", r.company}}) == 1);
  CHECK(total({{"contactId", "con_unknown"}}) == 0);
}
