// SPDX-License-Identifier: Apache-2.0
// What a call leaves behind: one row of the change log for each changed record, and none otherwise.
#include "tests/support/sales_records.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using crm::json;
using crm::test::logged_changes;
using crm::test::sales_records;
using crm::test::test_system;

namespace {

struct write_row {
  const char* tool;
  json args;
};

/// Writes that each change one record, in an order that works.
std::vector<write_row> changing(const sales_records& r) {
  return {
      {"create_contact", {{"firstName", "A"}, {"lastName", "B"}, {"companyId", r.company}}},
      {"update_contact", {{"contactId", r.contact}, {"notes", "x"}, {"tags", {"a"}}}},
      {"update_contact", {{"contactId", r.contact}, {"notes", nullptr}}},
      {"update_contact", {{"contactId", r.contact}, {"customFields", {{"k", 1}}}}},
      {"delete_contact", {{"contactId", r.contact}}},
      {"restore_contact", {{"contactId", r.contact}}},
      {"create_company", {{"name", "A"}}},
      {"update_company", {{"companyId", r.company}, {"size", "11-50"}}},
      {"create_deal", {{"title", "A"}, {"stage", "lead"}, {"contactId", r.contact}}},
      {"update_deal", {{"dealId", r.deal}, {"value", 10}}},
      {"move_deal_stage", {{"dealId", r.deal}, {"newStage", "won"}}},
      {"create_activity", {{"type", "task"}, {"subject", "A"}, {"dealId", r.deal}}},
      {"update_activity", {{"activityId", r.activity}, {"description", "x"}}},
      {"delete_deal", {{"dealId", r.deal}}},
      {"delete_company", {{"companyId", r.company}}},
  };
}

/// Writes that succeed and change nothing, after `changing`.
std::vector<write_row> idle(const sales_records& r) {
  return {
      {"update_contact", {{"contactId", r.contact}}},
      {"update_contact", {{"contactId", r.contact}, {"notes", nullptr}}},
      {"update_contact", {{"contactId", r.contact}, {"firstName", "Ada"}, {"tags", {"a"}}}},
      {"update_contact", {{"contactId", r.contact}, {"customFields", json::object()}}},
      {"update_contact", {{"contactId", r.contact}, {"customFields", {{"k", 1}, {"l", nullptr}}}}},
      {"update_activity", {{"activityId", r.activity}, {"description", "x"}}},
  };
}

struct refused_row {
  const char* tool;
  json args;
  const char* code;
};

/// Writes that are refused, after `changing`.
std::vector<refused_row> refused(const sales_records& r) {
  return {
      {"create_contact", {{"firstName", "A"}}, "ZOD_VALIDATION_ERROR"},
      {"create_contact",
       {{"firstName", "A"}, {"lastName", "B"}, {"companyId", "com_x"}},
       "NOT_FOUND"},
      {"create_contact",
       {{"firstName", "A"}, {"lastName", "B"}, {"companyId", r.company}},
       "CONFLICT"},
      {"update_contact", {{"contactId", "con_x"}, {"notes", "y"}}, "NOT_FOUND"},
      {"update_contact",
       {{"contactId", r.contact}, {"notes", "y"}, {"expectedVersion", 1}},
       "CONFLICT"},
      {"delete_contact", {{"contactId", r.contact}, {"expectedVersion", 999}}, "CONFLICT"},
      {"restore_contact", {{"contactId", r.contact}}, "CONFLICT"},
      {"update_company", {{"companyId", r.company}, {"notes", "y"}}, "CONFLICT"},
      {"delete_company", {{"companyId", r.company}}, "CONFLICT"},
      {"create_deal", {{"title", "A"}, {"stage", "bogus"}}, "ZOD_VALIDATION_ERROR"},
      {"move_deal_stage", {{"dealId", r.deal}, {"newStage", "lost"}}, "CONFLICT"},
      {"update_deal", {{"dealId", r.deal}, {"title", "y"}}, "CONFLICT"},
      {"create_activity", {{"type", "call"}, {"subject", "A"}, {"dealId", r.deal}}, "CONFLICT"},
      {"update_activity", {{"activityId", r.activity}, {"subject", "y"}}, "ZOD_VALIDATION_ERROR"},
  };
}

} // namespace

TEST_CASE("a write leaves one row in the log, and none when it is refused or changes nothing") {
  test_system system;
  system.define_field("contact", "k", "number");
  system.define_field("contact", "l", "number");
  const sales_records records{system};
  auto rows = logged_changes(system);
  CHECK(rows == 6);
  for (const write_row& row : changing(records)) {
    CAPTURE(row.tool);
    CAPTURE(row.args.dump());
    CHECK(system.call(row.tool, row.args).ok());
    CHECK(logged_changes(system) == ++rows);
  }
  for (const write_row& row : idle(records)) {
    CAPTURE(row.tool);
    CAPTURE(row.args.dump());
    const json before = system.call("get_contact", {{"contactId", records.contact}}).data();
    system.surroundings().advance(std::chrono::seconds{1});
    CHECK(system.call(row.tool, row.args).ok());
    CHECK(system.call("get_contact", {{"contactId", records.contact}}).data() == before);
    CHECK(logged_changes(system) == rows);
  }
  for (const refused_row& row : refused(records)) {
    CAPTURE(row.tool);
    CAPTURE(row.args.dump());
    CHECK(system.call(row.tool, row.args).code() == row.code);
  }
  CHECK(logged_changes(system) == rows);
}

TEST_CASE("reads leave no row") {
  test_system system;
  system.define_field("contact", "k", "number");
  const sales_records r{system};
  const auto rows = logged_changes(system);
  for (const write_row& row : std::vector<write_row>{
           {"get_contact", {{"contactId", r.contact}}},
           {"list_contacts", json::object()},
           {"search_contacts", {{"query", "ada"}}},
           {"list_contacts_by_custom_field", {{"fieldKey", "k"}, {"fieldValue", 1}}},
           {"search_deals", {{"query", "big"}}},
           {"forecast_pipeline", json::object()},
           {"list_activities_by_type", {{"type", "note"}}}})
    CHECK(system.call(row.tool, row.args).ok());
  CHECK(logged_changes(system) == rows);
}

TEST_CASE("an expected version is met or the change is refused with the version that there is") {
  test_system system;
  const sales_records records{system};
  const json changed =
      system
          .call("update_contact",
                {{"contactId", records.contact}, {"notes", "a"}, {"expectedVersion", 1}})
          .data();
  CHECK(changed["version"] == 2);
  const auto late = system.call(
      "update_contact", {{"contactId", records.contact}, {"notes", "b"}, {"expectedVersion", 1}});
  CHECK(late.code() == "CONFLICT");
  CHECK(late.error()["details"][0]["path"] == "expectedVersion");
  CHECK(late.error()["details"][0]["expected"] == "2");
}

TEST_CASE("records that are deleted block no new ones, and their twins are not named") {
  test_system system;
  const json contact = {{"firstName", "A"}, {"lastName", "B"}, {"email", "a@b.io"}};
  const json company = {{"name", "A"}, {"domain", "a.io"}};
  for (int round = 0; round < 3; ++round) {
    const auto made = system.call("create_contact", contact);
    CHECK(!made.envelope.contains("warnings"));
    CHECK(system.call("delete_contact", {{"contactId", made.data()["id"]}}).ok());
    const auto firm = system.call("create_company", company);
    CHECK(!firm.envelope.contains("warnings"));
    CHECK(system.call("delete_company", {{"companyId", firm.data()["id"]}}).ok());
  }
  const auto again =
      system.call("create_company", {{"name", "B"}, {"domain", "https://www.A.io/"}});
  CHECK(!again.envelope.contains("warnings"));
  const auto twin = system.call("create_company", company);
  CHECK(twin.envelope["warnings"][0]["ids"] == json{again.data()["id"]});
}

TEST_CASE("a contact can be restored for thirty days and not a millisecond longer") {
  test_system system;
  for (const int extra_ms : {0, 1}) {
    const std::string id =
        system.call("create_contact", {{"firstName", "A"}, {"lastName", "B"}}).data()["id"];
    CHECK(system.call("delete_contact", {{"contactId", id}}).ok());
    system.surroundings().advance(std::chrono::hours{24 * 30}
                                  + std::chrono::milliseconds{extra_ms});
    const auto rows = logged_changes(system);
    const auto back = system.call("restore_contact", {{"contactId", id}});
    CHECK(back.code() == (extra_ms == 0 ? "" : "CONFLICT"));
    CHECK(logged_changes(system) == rows + (extra_ms == 0 ? 1 : 0));
    CHECK(system.call("get_contact", {{"contactId", id}}).data().contains("archivedAt")
          == (extra_ms == 1));
  }
}
