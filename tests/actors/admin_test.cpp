// SPDX-License-Identifier: Apache-2.0
#include "tests/support/test_system.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

using crm::json;
using crm::local_user;
using crm::test::test_system;

namespace {

constexpr std::chrono::milliseconds one_day{24LL * 60 * 60 * 1000};

json add_contact(test_system& system, const std::string& last_name) {
  return system.call("create_contact", {{"firstName", "Zoë"}, {"lastName", last_name}}).data();
}

json find_row(const json& rows, const char* member, const json& value) {
  for (const json& row : rows) {
    if (row.at(member) == value)
      return row;
  }
  return nullptr;
}

/// Whether any file of the folder holds the text.
bool on_disk(const std::filesystem::path& folder, const std::string& text) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator{folder}) {
    if (!entry.is_regular_file())
      continue;
    std::ifstream in{entry.path(), std::ios::binary};
    const std::string bytes{std::istreambuf_iterator<char>{in}, {}};
    if (bytes.find(text) != std::string::npos)
      return true;
  }
  return false;
}

} // namespace

TEST_CASE("the audit log tells who did what, newest first, by any filters together") {
  test_system system;
  struct change {
    std::string type, actor;
    std::int64_t at;
  };
  std::vector<change> made; // oldest first
  for (int i = 0; i < 90; ++i) {
    system.surroundings().advance(std::chrono::milliseconds{i % 4 == 0 ? 0 : 1'000});
    const std::string actor = i % 3 == 0 ? "ann" : i % 3 == 1 ? "bob" : "cy";
    const bool company = i % 5 < 2;
    json args{{"name", "Acme"}};
    if (!company)
      args = {{"firstName", "A"}, {"lastName", "B"}};
    system
        .call_as(local_user{"default", actor}, company ? "create_company" : "create_contact", args)
        .data();
    made.push_back({company ? "company" : "contact", actor, system.surroundings().now_ms()});
  }
  system.restart();
  for (int filters = 0; filters < 16; ++filters) {
    json args{{"limit", 7}};
    const std::int64_t since = made[20].at;
    const std::int64_t until = made[70].at;
    if ((filters & 1) != 0)
      args["entityType"] = "company";
    if ((filters & 2) != 0)
      args["actorId"] = "bob";
    if ((filters & 4) != 0)
      args["since"] = since;
    if ((filters & 8) != 0)
      args["until"] = until;
    std::vector<std::int64_t> expected; // newest first
    for (std::size_t i = made.size(); i-- > 0;) {
      const change& each = made[i];
      if ((!args.contains("entityType") || each.type == "company")
          && (!args.contains("actorId") || each.actor == "bob")
          && (!args.contains("since") || each.at >= since)
          && (!args.contains("until") || each.at < until))
        expected.push_back(static_cast<std::int64_t>(i) + 1);
    }
    std::vector<std::int64_t> met;
    for (json cursor; met.empty() || !cursor.is_null();) {
      if (!cursor.is_null())
        args["cursor"] = cursor;
      const auto page = system.call("list_audit_log", args);
      CHECK(page.page()["total"] == expected.size());
      for (const json& row : page.data())
        met.push_back(row["seq"]);
      cursor = page.page()["nextCursor"];
    }
    CAPTURE(filters);
    CHECK(met == expected);
  }
  const json row = system.call("list_audit_log", {{"limit", 1}}).data()[0];
  CHECK(row["tool"] == "create_contact");
  CHECK(row["action"] == "created");
  CHECK(row["client"] == "test");
  CHECK(row["requestId"] == "req");
  CHECK(row["cause"] == "call");
  CHECK(system.call("get_actor_history", {{"actorId", "cy"}}).page()["total"] == 30);
}

TEST_CASE("the log's time never goes back, so that a period is one stretch of it") {
  test_system system;
  const std::int64_t start = system.surroundings().now_ms();
  system.surroundings().advance(one_day);
  add_contact(system, "A");
  system.surroundings().advance(-one_day);
  add_contact(system, "B");
  CHECK(system.call("list_audit_log", {{"since", start + one_day.count()}}).page()["total"] == 2);
}

TEST_CASE("an unknown entity type is refused with the types that there are") {
  test_system system;
  const auto refused = system.call("list_audit_log", {{"entityType", "contcat"}});
  CHECK(refused.code() == "ZOD_VALIDATION_ERROR");
  CHECK(refused.error()["details"][0]["didYouMean"] == "contact");
  CHECK(system.call("list_audit_log", {{"entityType", "Contact"}}).ok());
}

TEST_CASE("an entity's history tells each field's old and new value") {
  test_system system;
  system.define_field("contact", "size", "number");
  system.define_field("contact", "hat", "text");
  const std::string id =
      system
          .call("create_contact",
                {{"firstName", "Zoë"}, {"lastName", "M"}, {"customFields", {{"size", 1}}}})
          .data()["id"];
  system
      .call("update_contact",
            {{"contactId", id}, {"lastName", "N"}, {"customFields", {{"size", 2}, {"hat", "red"}}}})
      .data();
  system.call("update_contact", {{"contactId", id}, {"customFields", {{"hat", nullptr}}}}).data();
  system.call("delete_contact", {{"contactId", id}}).data();
  system.restart();
  const auto history =
      system.call("get_entity_history", {{"entityType", "contact"}, {"entityId", id}});
  const json rows = history.data();
  REQUIRE(rows.size() == 4);
  CHECK(history.page()["total"] == 4);
  CHECK(rows[0]["action"] == "archived");
  CHECK(rows[1]["changes"]
        == json::array({{{"field", "customFields.hat"}, {"old", "red"}, {"new", nullptr}}}));
  CHECK(rows[2]["tool"] == "update_contact");
  CHECK(rows[2]["actor"] == "tester");
  CHECK(rows[2]["changes"].size() == 3);
  CHECK(find_row(rows[2]["changes"], "field", "lastName")
        == json{{"field", "lastName"}, {"old", "M"}, {"new", "N"}});
  CHECK(find_row(rows[2]["changes"], "field", "customFields.size")["old"] == 1);
  CHECK(rows[3]["action"] == "created");
  CHECK(find_row(rows[3]["changes"], "field", "firstName")["new"] == "Zoë");
  CHECK(find_row(rows[3]["changes"], "field", "id").is_null());

  CHECK(system.call("get_entity_history", {{"entityType", "deal"}, {"entityId", id}}).code()
        == "NOT_FOUND");
  CHECK(system.call("get_entity_history", {{"entityType", "contact"}, {"entityId", "con_x"}}).code()
        == "NOT_FOUND");
}

TEST_CASE("a purge erases what was archived long ago, and the log still verifies") {
  test_system system;
  system.define_field("contact", "pet", "text");
  const json old = system
                       .call("create_contact", {{"firstName", "Zoë"},
                                                {"lastName", "Unforgettable"},
                                                {"notes", "Lives at the lighthouse"},
                                                {"customFields", {{"pet", "wolfhound"}}}})
                       .data();
  const std::string id = old["id"];
  const std::string kept = add_contact(system, "Stays")["id"];
  const std::string young = add_contact(system, "Archived-later")["id"];
  system.call("delete_contact", {{"contactId", id}}).data();
  system.surroundings().advance(one_day * 10);
  system.call("delete_contact", {{"contactId", young}}).data();
  system.surroundings().advance(one_day * 21);

  CHECK(system.call("purge_archived_records", {{"entityType", "contact"}, {"olderThanDays", 29}})
            .code()
        == "ZOD_VALIDATION_ERROR");
  const json done = system.call("purge_archived_records", {{"entityType", "contact"}}).data();
  CHECK(done["purged"] == 1);
  CHECK(done["erasedChanges"] == 2);
  CHECK(done["remaining"] == 0);
  CHECK(system.call("purge_archived_records", {{"entityType", "contact"}}).data()["purged"] == 0);
  system.restart();

  CHECK(system.call("get_contact", {{"contactId", id}}).code() == "NOT_FOUND");
  CHECK(system.call("get_contact", {{"contactId", kept}}).ok());
  CHECK(system.call("get_contact", {{"contactId", young}}).ok());
  const json rows =
      system.call("get_entity_history", {{"entityType", "contact"}, {"entityId", id}}).data();
  REQUIRE(rows.size() == 3);
  CHECK(rows[0]["action"] == "purged");
  CHECK(rows[0]["erased"] == false);
  for (const std::size_t erased : {1U, 2U}) {
    CHECK(rows[erased]["erased"] == true);
    CHECK(rows[erased]["changes"].empty());
  }
  system.stop();
  for (const char* text : {"Unforgettable", "unforgettable", "lighthouse", "wolfhound"}) {
    CAPTURE(text);
    CHECK(!on_disk(system.folder(), text));
  }
  CHECK(on_disk(system.folder(), "Stays"));
  const auto verified = crm::actors::verify_workspace(system.folder(), "default");
  REQUIRE(verified);
  CHECK(*verified == 7);
}

TEST_CASE("a purge of deals takes their stage history along, and companies can be purged too") {
  test_system system;
  const std::string deal =
      system.call("create_deal", {{"title", "Old"}, {"stage", "lead"}}).data()["id"];
  const std::string company = system.call("create_company", {{"name", "Old"}}).data()["id"];
  system.call("delete_deal", {{"dealId", deal}}).data();
  system.call("delete_company", {{"companyId", company}}).data();
  CHECK(system.call("conversion_rate", json::object()).data()["leftOut"]["archived"] == 1);
  system.surroundings().advance(one_day * 30);
  CHECK(system.call("purge_archived_records", {{"entityType", "deal"}}).data()["purged"] == 1);
  CHECK(system.call("purge_archived_records", {{"entityType", "company"}}).data()["purged"] == 1);
  CHECK(system.call("conversion_rate", json::object()).data()["leftOut"]["archived"] == 0);
  CHECK(system.call("get_deal", {{"dealId", deal}}).code() == "NOT_FOUND");
  system.stop();
  CHECK(crm::actors::verify_workspace(system.folder(), "default"));
}

TEST_CASE("every type of entity is found under the name that the log itself uses") {
  test_system system;
  system.call("add_custom_object", {{"objectType", "asset"}, {"label", "A"}, {"labelPlural", "As"}})
      .data();
  const json record =
      system.call("create_record", {{"objectType", "asset"}, {"fields", json::object()}}).data();
  for (const char* type : {"custom_object_record", "record", "customObjectRecord"}) {
    CAPTURE(type);
    CHECK(system.call("list_audit_log", {{"entityType", type}}).page()["total"] == 1);
    const auto history =
        system.call("get_entity_history", {{"entityType", type}, {"entityId", record["id"]}});
    CHECK(history.page()["total"] == 1);
    CHECK(history.data()[0]["entityType"] == "custom_object_record");
  }
  for (const char* type : {"workflow", "execution", "member", "custom_field", "deal"})
    CHECK(system.call("list_audit_log", {{"entityType", type}}).page()["total"] == 0);
}

TEST_CASE("limits bound what is created, not what is there; archived records make room") {
  test_system system;
  json limits = system.call("list_workspace_limits", json::object()).data();
  CHECK(limits["tier"] == "self-hosted");
  CHECK(limits["limits"]["contacts"].is_null());

  const auto unknown = system.set_tier("fre");
  REQUIRE(!unknown);
  CHECK(unknown.error().code == crm::error_code::validation);
  CHECK(unknown.error().details.at(0).did_you_mean == "free");
  const auto nowhere = system.set_tier("free", "elsewhere");
  REQUIRE(!nowhere);
  CHECK(nowhere.error().code == crm::error_code::not_found);
  REQUIRE(system.set_tier("free"));
  std::string last;
  for (int i = 0; i < 500; ++i)
    last = system.call("create_company", {{"name", "C" + std::to_string(i)}}).data()["id"];
  const auto refused = system.call("create_company", {{"name", "one more"}});
  CHECK(refused.code() == "LIMIT_EXCEEDED");
  CHECK(refused.error()["message"].get<std::string>().find("free") != std::string::npos);
  CHECK(refused.error()["details"][0]["path"] == "limits.companies");
  limits = system.call("list_workspace_limits", json::object()).data();
  CHECK(limits["limits"]["companies"] == 500);
  CHECK(limits["usage"]["companies"] == 500);
  system.call("delete_company", {{"companyId", last}}).data();
  CHECK(system.call("create_company", {{"name", "one more"}}).ok());

  for (const char* user : {"a", "b", "c"})
    system.call("add_workspace_member", {{"userId", user}}).data();
  CHECK(system.call("add_workspace_member", {{"userId", "d"}}).code() == "LIMIT_EXCEEDED");
  system.restart(); // the tier is kept
  CHECK(system.call("add_workspace_member", {{"userId", "d"}}).code() == "LIMIT_EXCEEDED");
  REQUIRE(system.set_tier("self-hosted"));
  CHECK(system.call("add_workspace_member", {{"userId", "d"}}).ok());
}
