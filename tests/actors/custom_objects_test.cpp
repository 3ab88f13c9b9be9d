// SPDX-License-Identifier: Apache-2.0
#include "actors/system.hpp"
#include "tests/support/test_system.hpp"

#include <doctest/doctest.h>

using crm::json;
using crm::test::answer;
using crm::test::test_system;

namespace {

json with(json base, const json& more) {
  if (more.is_null())
    return base;
  base.update(more);
  return base;
}

json field(const std::string& key, const std::string& type, const json& more = json::object()) {
  return with({{"key", key}, {"label", key}, {"fieldType", type}}, more);
}

answer define(test_system& system, const std::string& type, const json& fields) {
  return system.call(
      "add_custom_object",
      {{"objectType", type}, {"label", type}, {"labelPlural", type + "s"}, {"fields", fields}});
}

answer make(test_system& system, const std::string& type, const json& fields,
            const json& more = json::object()) {
  return system.call("create_record", with({{"objectType", type}, {"fields", fields}}, more));
}

std::string id_of(const answer& made) {
  return made.data().at("id");
}

std::int64_t found(test_system& system, const std::string& type, const std::string& query) {
  return system.call("search_records", {{"objectType", type}, {"query", query}}).page().at("total");
}

std::int64_t changes(test_system& system) {
  system.stop();
  const auto rows = crm::actors::verify_workspace(system.folder(), "default");
  system.restart();
  REQUIRE(rows);
  return *rows;
}

} // namespace

TEST_CASE("a definition says its fields, stands in the list and outlives a restart") {
  test_system system;
  const json made =
      define(system, "car",
             {field("plate", "text", {{"required", true}, {"validation", {{"unique", true}}}}),
              field("built", "date"), field("fuel", "select", {{"options", {"petrol", "ac"}}})})
          .data();
  CHECK(made["id"].get<std::string>().starts_with("obj_"));
  CHECK(made["fields"].size() == 3);
  CHECK(made["fields"][1] == with(field("built", "date"), {{"required", false}}));
  system.restart();
  const answer listed = system.call("list_custom_objects", json::object());
  CHECK(listed.data() == json::array({made}));
  CHECK(listed.page()["total"] == 1);
  CHECK(make(system, "car", {{"plate", "B-1"}, {"fuel", "petrol"}}).ok());
}

TEST_CASE("an objectType is defined once and is no built-in name") {
  test_system system;
  CHECK(define(system, "car", json::array()).ok());
  for (const char* taken : {"car", "contact", "deal", "activity", "company", "custom_object"}) {
    CAPTURE(taken);
    const answer again = define(system, taken, json::array());
    CHECK(again.code() == "CONFLICT");
    CHECK(again.error()["details"][0]["path"] == "objectType");
  }
  CHECK(define(system, "Car", json::array()).code() == "ZOD_VALIDATION_ERROR");
}

TEST_CASE("a definition whose fields are not sound is refused, with the path of each fault") {
  struct row {
    json fields;
    std::string path;
  };
  const std::vector<row> rows{
      {{field("a", "text"), field("a", "number")}, "fields[1].key"},
      {{field("a", "texts")}, "fields[0].fieldType"},
      {{field("", "text")}, "fields[0].key"},
      {{field("a", "select")}, "fields[0].options"},
      {{field("a", "text", {{"options", {"x"}}})}, "fields[0].options"},
      {{field("a", "number", {{"validation", {{"pattern", "x"}}}})},
       "fields[0].validation.pattern"},
      {{field("a", "text", {{"visible", true}})}, "fields[0].visible"},
      {{"a"}, "fields[0]"},
  };
  test_system system;
  for (const row& each : rows) {
    CAPTURE(each.fields);
    const answer refused = define(system, "car", each.fields);
    CHECK(refused.code() == "ZOD_VALIDATION_ERROR");
    CHECK(refused.error()["details"][0]["path"] == each.path);
  }
  CHECK(system.call("list_custom_objects", json::object()).page()["total"] == 0);
}

TEST_CASE("a record obeys its definition, on create and on update") {
  struct row {
    std::string type;
    json more;
    json sent;
    json stored;
    json bad;
  };
  const json options{{"options", {"a", "b"}}};
  const std::vector<row> rows{
      {"text", {}, "x", "x", 1},
      {"number", {}, 1.5, 1.5, "1.5"},
      {"boolean", {}, true, true, "yes"},
      {"date", {}, "1970-01-02", 86'400'000, "soon"},
      {"select", options, "a", "a", "c"},
      {"multi_select", options, {"b", "a"}, {"b", "a"}, {"a", "c"}},
      {"url", {}, "https://a.io", "https://a.io", "a.io"},
      {"email", {}, "a@b.io", "a@b.io", "a"},
      {"phone", {}, "+49 30 1", "+49 30 1", "none"},
  };
  for (const row& each : rows) {
    CAPTURE(each.type);
    test_system system;
    define(system, "thing", json::array({field("f", each.type, each.more)})).data();
    const json made = make(system, "thing", {{"f", each.sent}}).data();
    CHECK(made["fields"]["f"] == each.stored);
    const std::string empty = id_of(make(system, "thing", json::object()));
    const auto update = [&](const json& value) {
      return system.call("update_record", {{"recordId", empty}, {"fields", {{"f", value}}}});
    };
    for (const answer& refused : {make(system, "thing", {{"f", each.bad}}), update(each.bad)}) {
      CHECK(refused.code() == "ZOD_VALIDATION_ERROR");
      CHECK(refused.error()["details"][0]["path"].get<std::string>().starts_with("fields.f"));
    }
    CHECK(update(each.sent).data()["fields"]["f"] == each.stored);
    CHECK(update(nullptr).data()["fields"] == json::object());
  }
}

TEST_CASE("an update merges fields, clears by null, and cannot clear a required one") {
  test_system system;
  define(system, "car", {field("plate", "text", {{"required", true}}), field("doors", "number")})
      .data();
  CHECK(make(system, "car", {{"doors", 4}}).code() == "ZOD_VALIDATION_ERROR");
  const json made = make(system, "car", {{"plate", "B-1"}, {"doors", 4}}).data();
  const auto update = [&](const json& fields) {
    return system.call("update_record", {{"recordId", made["id"]}, {"fields", fields}});
  };
  CHECK(update({{"plate", "B-2"}}).data()["fields"] == json{{"plate", "B-2"}, {"doors", 4}});
  CHECK(update({{"doors", nullptr}}).data()["fields"] == json{{"plate", "B-2"}});
  CHECK(update({{"plate", nullptr}}).code() == "ZOD_VALIDATION_ERROR");
  const answer unknown = update({{"palte", "B-3"}});
  CHECK(unknown.code() == "ZOD_VALIDATION_ERROR");
  CHECK(unknown.error()["details"][0]["didYouMean"] == "plate");
  const std::int64_t before = changes(system);
  CHECK(update(json::object()).data()["version"] == 3);
  CHECK(update({{"plate", "B-2"}}).data()["version"] == 3);
  CHECK(changes(system) == before);
  const json stale{{"recordId", made["id"]}, {"fields", {{"doors", 2}}}, {"expectedVersion", 1}};
  CHECK(system.call("update_record", stale).code() == "CONFLICT");
}

TEST_CASE("a unique field is unique among the live records of its own object") {
  test_system system;
  const json unique = field("n", "number", {{"validation", {{"unique", true}}}});
  define(system, "car", json::array({unique})).data();
  define(system, "bike", json::array({unique})).data();
  const std::string first = id_of(make(system, "car", {{"n", 1}}));
  CHECK(make(system, "bike", {{"n", 1}}).ok());
  const answer twin = make(system, "car", {{"n", 1.0}});
  CHECK(twin.code() == "CONFLICT");
  CHECK(twin.error()["message"].get<std::string>().find(first) != std::string::npos);
  system.call("delete_record", {{"recordId", first}}).data();
  CHECK(make(system, "car", {{"n", 1}}).ok());
}

TEST_CASE("a relation names a live contact, deal or company") {
  test_system system;
  define(system, "car", json::array()).data();
  const std::string contact =
      system.call("create_contact", {{"firstName", "A"}, {"lastName", "B"}}).data()["id"];
  const std::string company = system.call("create_company", {{"name", "A"}}).data()["id"];
  const std::string deal =
      system.call("create_deal", {{"title", "A"}, {"stage", "lead"}}).data()["id"];
  const json relations{
      {"relatedContactId", contact}, {"relatedDealId", deal}, {"relatedCompanyId", company}};
  const json made = make(system, "car", json::object(), relations).data();
  for (const auto& [name, id] : relations.items())
    CHECK(made[name] == id);
  CHECK(make(system, "car", json::object(), {{"relatedDealId", contact}}).code() == "NOT_FOUND");
  system.call("delete_company", {{"companyId", company}}).data();
  CHECK(make(system, "car", json::object(), {{"relatedCompanyId", company}}).code() == "CONFLICT");
}

TEST_CASE("a search finds all values of one object's live records, and of no other object's") {
  test_system system;
  const json fields{field("name", "text"), field("tel", "phone"), field("day", "date"),
                    field("tags", "multi_select", {{"options", {"red", "dark blue"}}}),
                    field("n", "number")};
  for (const char* type : {"car", "car_part", "my_car"})
    define(system, type, fields).data();
  const json values{{"name", "Käfer Cabrio"},
                    {"tel", "+49 30-123"},
                    {"day", "2026-11-22"},
                    {"tags", {"dark blue"}},
                    {"n", 42}};
  const std::string id = id_of(make(system, "car", values));
  make(system, "car_part", values).data();
  make(system, "my_car", {{"name", "car kind1"}}).data();
  for (const char* query : {"kafer", "CABR", "4930123", "2026-11-22", "blue", "42", "blu"}) {
    CAPTURE(query);
    CHECK(found(system, "car", query) == 1);
    CHECK(found(system, "car_part", query) == 1);
    CHECK(found(system, "my_car", query) == 0);
  }
  for (const char* query :
       {"!!!", "car", "kind1", "kind : kind1", "\"", "AND", "{title} : x", "name:"})
    CHECK(found(system, "car", query) == 0);
  system.call("update_record", {{"recordId", id}, {"fields", {{"name", "Ente"}}}}).data();
  CHECK(found(system, "car", "kafer") == 0);
  CHECK(found(system, "car", "ente") == 1);
  system.call("delete_record", {{"recordId", id}}).data();
  CHECK(found(system, "car", "ente") == 0);
  CHECK(found(system, "car_part", "kafer") == 1);
}

TEST_CASE("lists and searches go page by page through every record once") {
  test_system system;
  define(system, "car", json::array({field("name", "text")})).data();
  define(system, "bike", json::array({field("name", "text")})).data();
  for (int i = 0; i < 25; ++i) {
    make(system, "car", {{"name", "car " + std::to_string(i)}}).data();
    make(system, "bike", {{"name", "car " + std::to_string(i)}}).data();
  }
  for (const std::string tool : {"list_records", "search_records"}) {
    json args{{"objectType", "car"}, {"limit", 10}};
    if (tool == "search_records")
      args["query"] = "car";
    std::map<std::string, int> seen;
    for (int pages = 1;; ++pages) {
      const answer page = system.call(tool, args);
      CHECK(page.page()["total"] == 25);
      CHECK(page.page()["applied"]["objectType"] == "car");
      for (const json& record : page.data())
        ++seen[record["id"]];
      if (page.page()["nextCursor"].is_null()) {
        CHECK(pages == 3);
        break;
      }
      args["cursor"] = page.page()["nextCursor"];
    }
    CHECK(seen.size() == 25);
  }
}

TEST_CASE("an unknown objectType is answered with those that there are") {
  test_system system;
  CHECK(make(system, "car", json::object()).code() == "NOT_FOUND");
  define(system, "subscription", json::array()).data();
  for (const std::string tool : {"create_record", "list_records", "search_records"}) {
    json args{{"objectType", "subscriptions"}};
    if (tool == "create_record")
      args["fields"] = json::object();
    if (tool == "search_records")
      args["query"] = "x";
    const answer refused = system.call(tool, args);
    CHECK(refused.code() == "NOT_FOUND");
    CHECK(refused.error()["details"][0]["didYouMean"] == "subscription");
    args["objectType"] = refused.error()["details"][0]["didYouMean"];
    CHECK(system.call(tool, args).ok());
  }
}

TEST_CASE("an archived record is not changed and not archived again") {
  test_system system;
  define(system, "car", json::array({field("n", "number")})).data();
  const std::string id = id_of(make(system, "car", {{"n", 1}}));
  CHECK(system.call("delete_record", {{"recordId", id}}).data().contains("archivedAt"));
  CHECK(system.call("delete_record", {{"recordId", id}}).code() == "CONFLICT");
  CHECK(system.call("update_record", {{"recordId", id}, {"fields", {{"n", 2}}}}).code()
        == "CONFLICT");
  CHECK(system.call("update_record", {{"recordId", "rec_x"}, {"fields", json::object()}}).code()
        == "NOT_FOUND");
  CHECK(system.call("list_records", {{"objectType", "car"}}).page()["total"] == 0);
}
