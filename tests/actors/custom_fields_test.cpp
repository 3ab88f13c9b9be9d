// SPDX-License-Identifier: Apache-2.0
#include "actors/system.hpp"
#include "tests/support/test_system.hpp"

#include <doctest/doctest.h>

#include <array>

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

/// Defines a field of contacts unless `more` names another entity type.
json define(test_system& system, const std::string& key, const std::string& type,
            const json& more = json::object()) {
  const json args =
      with({{"entityType", "contact"}, {"key", key}, {"label", key}, {"fieldType", type}}, more);
  return system.call("add_custom_field", args).data();
}

/// What each entity type's create tool needs beside customFields.
json essentials(const std::string& type) {
  if (type == "contact")
    return {{"firstName", "Ada"}, {"lastName", "Lovelace"}};
  if (type == "company")
    return {{"name", "Acme"}};
  if (type == "deal")
    return {{"title", "Fifty seats"}, {"stage", "lead"}};
  return {{"type", "note"}, {"subject", "Hello"}};
}

answer make(test_system& system, const json& custom, const std::string& type = "contact") {
  return system.call("create_" + type, with(essentials(type), {{"customFields", custom}}));
}

std::string id_of(const answer& made) {
  return made.data().at("id");
}

std::int64_t total(const answer& listed) {
  return listed.page().at("total");
}

std::int64_t found(test_system& system, const std::string& query) {
  return total(system.call("search_contacts", {{"query", query}}));
}

/// How many changes the log of the workspace holds; checks the whole chain.
std::int64_t changes(test_system& system) {
  system.stop();
  const auto rows = crm::actors::verify_workspace(system.folder(), "default");
  system.restart();
  REQUIRE(rows);
  return *rows;
}

struct type_case {
  std::string type;
  json more;
  std::vector<std::pair<json, json>> good; // as sent, as stored
  std::vector<json> bad;
};

const std::vector<type_case>& type_cases() {
  static const json tiers{{"options", {"gold", "silver"}}};
  static const std::vector<type_case> cases{
      {"text", {}, {{"Zoë", "Zoë"}, {"", ""}}, {1, true, json::array(), json::object()}},
      {"number", {}, {{5, 5}, {-2.5, -2.5}, {0, 0}}, {"5", true, json::array()}},
      {"boolean", {}, {{true, true}, {false, false}}, {"true", 0, 1}},
      {"date",
       {},
       {{1'795'305'600'000, 1'795'305'600'000},
        {"2026-11-22", 1'795'305'600'000},
        {"2026-11-22T01:00:00.250+01:00", 1'795'305'600'250},
        {"1969-12-31T23:59:59.999Z", -1}},
       {"tomorrow", "2026-02-30", "2026-13-01", "2026-11-22T25:00Z", "22.11.2026", 1.5, 9e15,
        true}},
      {"select", tiers, {{"gold", "gold"}}, {"Gold", "bronze", "", 1, json{"gold"}}},
      {"multi_select",
       tiers,
       {{{"silver", "gold"}, {"silver", "gold"}}, {json::array(), json::array()}},
       {"gold", {"gold", "gold"}, {"gold", "bronze"}, {1}}},
      {"url",
       {},
       {{"https://example.com/a?b=c", "https://example.com/a?b=c"}},
       {"example.com", "ftp://example.com", "https://", "", 1}},
      {"email", {}, {{"Ada@Example.com", "Ada@Example.com"}}, {"ada", "ada@", "@b.io", "", 1}},
      {"phone",
       {},
       {{"+49 (30) 123-45", "+49 (30) 123-45"}},
       {"12", "call me", "", 4'930'123, "123456789012345678901"}},
  };
  return cases;
}

} // namespace

TEST_CASE("every type takes its good values and refuses its bad ones, whichever tool brings them") {
  for (const type_case& each : type_cases()) {
    CAPTURE(each.type);
    test_system system;
    define(system, "f", each.type, each.more);
    const std::string id = id_of(make(system, json::object()));
    const auto ways = [&](const json& value) {
      return std::array{
          make(system, {{"f", value}}),
          system.call("update_contact", {{"contactId", id}, {"customFields", {{"f", value}}}}),
          system.call(
              "set_custom_field_value",
              {{"entityType", "contact"}, {"entityId", id}, {"key", "f"}, {"value", value}})};
    };
    for (const auto& [sent, stored] : each.good) {
      CAPTURE(sent);
      for (const answer& got : ways(sent))
        CHECK(got.data()["customFields"]["f"] == stored);
    }
    const json before = system.call("get_contact", {{"contactId", id}}).data();
    for (const json& sent : each.bad) {
      CAPTURE(sent);
      for (const answer& got : ways(sent)) {
        CHECK(got.code() == "ZOD_VALIDATION_ERROR");
        CHECK(got.error()["details"][0].contains("got"));
        CHECK(!got.error()["details"][0]["expected"].get<std::string>().empty());
      }
    }
    CHECK(system.call("get_contact", {{"contactId", id}}).data() == before);
  }
}

TEST_CASE("all four entity types know their own custom fields and no others") {
  test_system system;
  for (const std::string type : {"contact", "company", "deal", "activity"})
    define(system, "of_" + type, "number", {{"entityType", type}});
  for (const std::string type : {"contact", "company", "deal", "activity"}) {
    CAPTURE(type);
    const std::string key = "of_" + type;
    const answer made = make(system, {{key, 1}}, type);
    CHECK(made.data()["customFields"] == json{{key, 1}});
    CHECK(make(system, {{key, "1"}}, type).code() == "ZOD_VALIDATION_ERROR");
    CHECK(make(system, {{"of_nothing", 1}}, type).code() == "ZOD_VALIDATION_ERROR");
    const json id{{type + "Id", made.data()["id"]}};
    const auto update = [&](const json& custom) {
      return system.call("update_" + type, with(id, {{"customFields", custom}}));
    };
    CHECK(update({{key, 2}}).data()["customFields"][key] == 2);
    CHECK(update({{key, "x"}}).code() == "ZOD_VALIDATION_ERROR");
    CHECK(!update({{key, nullptr}}).data().contains("customFields"));
  }
}

TEST_CASE("an unknown key is refused with the valid ones and the nearest") {
  test_system system;
  const answer none = make(system, {{"tier", 1}});
  CHECK(none.code() == "ZOD_VALIDATION_ERROR");
  define(system, "tier", "text");
  define(system, "score", "number");
  const json detail = make(system, {{"teir", "x"}}).error()["details"][0];
  CHECK(detail["path"] == "customFields.teir");
  CHECK(detail["didYouMean"] == "tier");
  CHECK(detail["validOptions"] == json{"tier", "score"});
  const json by_key =
      system.call("list_contacts_by_custom_field", {{"fieldKey", "scor"}, {"fieldValue", 1}})
          .error()["details"][0];
  CHECK(by_key["path"] == "fieldKey");
  CHECK(by_key["didYouMean"] == "score");
}

TEST_CASE("every wrong value of one call is told, each with its path") {
  test_system system;
  define(system, "a", "number");
  define(system, "b", "boolean");
  define(system, "c", "text", {{"required", true}});
  const json details = make(system, {{"a", "1"}, {"b", "no"}}).error()["details"];
  REQUIRE(details.size() == 3);
  CHECK(details[0]["path"] == "customFields.a");
  CHECK(details[1]["path"] == "customFields.b");
  CHECK(details[2]["path"] == "customFields.c");
}

TEST_CASE("rules of validation bind from their definition on") {
  struct row {
    std::string type;
    json rules;
    std::vector<json> good;
    std::vector<json> bad;
  };
  const std::vector<row> rows{
      {"number", {{"min", 1}, {"max", 2.5}}, {1, 2.5}, {0.99, 2.51}},
      {"date",
       {{"min", "2026-01-01"}, {"max", "2026-12-31"}},
       {"2026-01-01", "2026-12-31"},
       {"2025-12-31", "2027-01-01", 0}},
      {"text", {{"minLength", 2}, {"maxLength", 3}}, {"ää", "äää"}, {"ä", "ääää"}},
      {"text", {{"pattern", "^[A-Z]{2}-\\d+$"}}, {"AB-1"}, {"AB-", "xAB-1", "ab-1"}},
      {"text", {{"pattern", "b"}}, {"abc"}, {"acd"}},
      {"url", {{"pattern", "^https://"}}, {"https://a.io"}, {"http://a.io"}},
      {"email", {{"pattern", "@acme\\.com$"}}, {"a@acme.com"}, {"a@other.com"}},
      {"phone", {{"minLength", 6}}, {"123456"}, {"12345"}},
  };
  for (const row& each : rows) {
    CAPTURE(each.rules);
    test_system system;
    define(system, "f", each.type, {{"validation", each.rules}});
    for (const json& value : each.good)
      CHECK(make(system, {{"f", value}}).ok());
    for (const json& value : each.bad)
      CHECK(make(system, {{"f", value}}).code() == "ZOD_VALIDATION_ERROR");
  }
}

TEST_CASE("a definition that contradicts itself is refused, and says why") {
  struct row {
    std::string type;
    json more;
    std::string path;
  };
  const std::vector<row> rows{
      {"text", {{"validation", {{"min", 1}}}}, "validation.min"},
      {"text", {{"validation", {{"minLenght", 1}}}}, "validation.minLenght"},
      {"text", {{"validation", {{"minLength", 3}, {"maxLength", 2}}}}, "validation.minLength"},
      {"text", {{"validation", {{"minLength", -1}}}}, "validation.minLength"},
      {"text", {{"validation", {{"maxLength", 10'001}}}}, "validation.maxLength"},
      {"text", {{"validation", {{"pattern", "(a"}}}}, "validation.pattern"},
      {"text", {{"validation", {{"pattern", ""}}}}, "validation.pattern"},
      {"text", {{"validation", {{"pattern", "(\\pL{999}){999}"}}}}, "validation.pattern"},
      {"text", {{"validation", {{"pattern", std::string(501, 'a')}}}}, "validation.pattern"},
      {"text", {{"validation", {{"pattern", "(?=a)b"}}}}, "validation.pattern"},
      {"text", {{"validation", {{"unique", "yes"}}}}, "validation.unique"},
      {"number", {{"validation", {{"pattern", "a"}}}}, "validation.pattern"},
      {"number", {{"validation", {{"min", "1"}}}}, "validation.min"},
      {"number", {{"validation", {{"min", 2}, {"max", 1}}}}, "validation.min"},
      {"date", {{"validation", {{"min", "soon"}}}}, "validation.min"},
      {"boolean", {{"validation", {{"unique", true}}}}, "validation.unique"},
      {"text", {{"options", {"a"}}}, "options"},
      {"select", json::object(), "options"},
      {"select", {{"options", json::array()}}, "options"},
      {"select", {{"options", {"a", "b", "a"}}}, "options[2]"},
      {"multi_select", {{"options", {""}}}, "options[0]"},
      {"multi_select",
       {{"options", {"a"}}, {"validation", {{"unique", true}}}},
       "validation.unique"},
  };
  test_system system;
  const json base{{"entityType", "deal"}, {"key", "f"}, {"label", "F"}};
  for (const row& each : rows) {
    CAPTURE(each.type);
    CAPTURE(each.more.dump());
    const answer refused =
        system.call("add_custom_field", with(with(base, {{"fieldType", each.type}}), each.more));
    CHECK(refused.code() == "ZOD_VALIDATION_ERROR");
    CHECK(refused.error()["details"][0]["path"] == each.path);
  }
  CHECK(system
            .call("add_custom_field",
                  with(base, {{"fieldType", "text"}, {"validation", {{"minLenght", 1}}}}))
            .error()["details"][0]["didYouMean"]
        == "minLength");
  CHECK(total(system.call("list_custom_fields", json::object())) == 0);
}

TEST_CASE("a unique value stands in one live record, and the conflict names that record") {
  struct row {
    std::string type;
    json first;
    json same;
    json other;
  };
  const std::vector<row> rows{{"text", "a", "a", "b"},
                              {"number", 5, 5.0, 6},
                              {"date", "1970-01-02", 86'400'000, 0},
                              {"email", "a@b.io", "A@B.io", "c@b.io"},
                              {"phone", "+49 30 123", "(4930) 123", "+49 30 124"}};
  for (const row& each : rows) {
    CAPTURE(each.type);
    test_system system;
    define(system, "f", each.type, {{"validation", {{"unique", true}}}});
    const std::string holder = id_of(make(system, {{"f", each.first}}));
    const answer twin = make(system, {{"f", each.same}});
    CHECK(twin.code() == "CONFLICT");
    CHECK(twin.error()["message"].get<std::string>().find(holder) != std::string::npos);
    const std::string other = id_of(make(system, {{"f", each.other}}));
    const auto set = [&](const std::string& id, const json& value) {
      return system.call("update_contact", {{"contactId", id}, {"customFields", {{"f", value}}}});
    };
    CHECK(set(other, each.same).code() == "CONFLICT");
    CHECK(set(holder, each.same).ok());
    CHECK(system.call("delete_contact", {{"contactId", holder}}).ok());
    CHECK(set(other, each.same).ok());
    CHECK(system.call("restore_contact", {{"contactId", holder}}).code() == "CONFLICT");
    CHECK(set(other, nullptr).ok());
    CHECK(system.call("restore_contact", {{"contactId", holder}}).ok());
  }
}

TEST_CASE("values of different entity types do not have to differ") {
  test_system system;
  define(system, "f", "text", {{"validation", {{"unique", true}}}});
  define(system, "f", "text", {{"entityType", "deal"}, {"validation", {{"unique", true}}}});
  CHECK(make(system, {{"f", "x"}}).ok());
  CHECK(make(system, {{"f", "x"}}, "deal").ok());
}

TEST_CASE("a field becomes unique only when its values are") {
  test_system system;
  const std::string field = define(system, "f", "text")["id"];
  const std::string one = id_of(make(system, {{"f", "x"}}));
  make(system, {{"f", "x"}}).data();
  const json wish{{"definitionId", field}, {"validation", {{"unique", true}}}};
  CHECK(system.call("update_custom_field_definition", wish).code() == "CONFLICT");
  system.call("delete_contact", {{"contactId", one}}).data();
  CHECK(system.call("update_custom_field_definition", wish).ok());
  CHECK(make(system, {{"f", "x"}}).code() == "CONFLICT");
}

TEST_CASE("required binds creates, and updates that touch the field") {
  test_system system;
  define(system, "note", "text");
  const std::string old = id_of(make(system, json::object()));
  const std::string field = define(system, "f", "text", {{"required", true}})["id"];
  CHECK(system.call("create_contact", essentials("contact")).code() == "ZOD_VALIDATION_ERROR");
  CHECK(make(system, {{"f", ""}}).code() == "ZOD_VALIDATION_ERROR");
  CHECK(make(system, {{"f", nullptr}}).code() == "ZOD_VALIDATION_ERROR");
  const auto update = [&](const std::string& id, const json& custom) {
    return system.call("update_contact", {{"contactId", id}, {"customFields", custom}});
  };
  CHECK(update(old, {{"note", "still without f"}}).ok());
  CHECK(update(old, {{"f", nullptr}}).code() == "ZOD_VALIDATION_ERROR");
  const std::string fresh = id_of(make(system, {{"f", "x"}, {"note", "n"}}));
  CHECK(update(fresh, {{"f", nullptr}}).code() == "ZOD_VALIDATION_ERROR");
  CHECK(update(fresh, nullptr).code() == "ZOD_VALIDATION_ERROR");
  CHECK(
      system
          .call("set_custom_field_value",
                {{"entityType", "contact"}, {"entityId", fresh}, {"key", "f"}, {"value", nullptr}})
          .code()
      == "ZOD_VALIDATION_ERROR");
  system.call("update_custom_field_definition", {{"definitionId", field}, {"required", false}})
      .data();
  CHECK(!update(fresh, nullptr).data().contains("customFields"));
}

TEST_CASE("an option in use cannot be left out, and the conflict counts its uses") {
  for (const bool many : {false, true}) {
    test_system system;
    const std::string field =
        define(system, "f", many ? "multi_select" : "select", {{"options", {"a", "b", "c"}}})["id"];
    const auto value = [&](const char* option) { return many ? json{option} : json(option); };
    const std::string one = id_of(make(system, {{"f", value("a")}}));
    make(system, {{"f", value("a")}}).data();
    make(system, {{"f", value("b")}}).data();
    const auto options = [&](const json& list) {
      return system.call("update_custom_field_definition",
                         {{"definitionId", field}, {"options", list}});
    };
    const answer refused = options({"b"});
    INFO(refused.envelope.dump());
    CHECK(refused.code() == "CONFLICT");
    CHECK(refused.error()["message"].get<std::string>().find("2 times") != std::string::npos);
    CHECK(options({"b", "a", "d"}).data()["options"] == json{"b", "a", "d"});
    CHECK(make(system, {{"f", value("c")}}).code() == "ZOD_VALIDATION_ERROR");
    CHECK(make(system, {{"f", value("d")}}).ok());
  }
}

TEST_CASE("deleting a field takes its values out of every record, archived ones too") {
  test_system system;
  const json field = define(system, "f", "multi_select", {{"options", {"a", "b"}}});
  define(system, "g", "text");
  const std::string live = id_of(make(system, {{"f", {"a", "b"}}, {"g", "stays"}}));
  const std::string empty = id_of(make(system, {{"f", json::array()}}));
  const std::string archived = id_of(make(system, {{"f", {"a"}}}));
  make(system, {{"g", "no f"}}).data();
  system.call("delete_contact", {{"contactId", archived}}).data();
  const std::int64_t before = changes(system);

  const json gone = system.call("delete_custom_field", {{"definitionId", field["id"]}}).data();
  CHECK(gone == with(field, {{"removedValues", 3}}));
  CHECK(changes(system) == before + 4);
  for (const std::string& id : {live, empty, archived}) {
    const json contact = system.call("get_contact", {{"contactId", id}}).data();
    CHECK(!contact.value("customFields", json::object()).contains("f"));
  }
  CHECK(system.call("get_contact", {{"contactId", live}}).data()["customFields"]["g"] == "stays");
  CHECK(make(system, {{"f", {"a"}}}).code() == "ZOD_VALIDATION_ERROR");
  CHECK(system.call("delete_custom_field", {{"definitionId", field["id"]}}).code() == "NOT_FOUND");
  CHECK(found(system, "stays") == 1);

  // The key is free for another type, and nothing of the old values is left to be found.
  define(system, "f", "number");
  CHECK(total(system.call("list_contacts_by_custom_field", {{"fieldKey", "f"}, {"fieldValue", 1}}))
        == 0);
}

TEST_CASE("every change of a definition or a value is one change row, and no change is none") {
  test_system system;
  const std::string field = define(system, "f", "date")["id"];
  const std::string id = id_of(make(system, json::object()));
  const std::int64_t start = changes(system);
  const auto set = [&](const json& value) {
    return system.call(
        "set_custom_field_value",
        {{"entityType", "contact"}, {"entityId", id}, {"key", "f"}, {"value", value}});
  };
  CHECK(set("2026-11-22").data()["version"] == 2);
  CHECK(set(1'795'305'600'000).data()["version"] == 2);
  CHECK(set("never").code() == "ZOD_VALIDATION_ERROR");
  CHECK(changes(system) == start + 1);
  const auto relabel = [&](const char* label) {
    return system.call("update_custom_field_definition",
                       {{"definitionId", field}, {"label", label}});
  };
  CHECK(relabel("When").data()["version"] == 2);
  CHECK(relabel("When").data()["version"] == 2);
  CHECK(changes(system) == start + 2);
}

TEST_CASE("a key is defined once per entity type, and definitions outlive a restart") {
  test_system system;
  const json first = define(system, "f", "select", {{"options", {"a"}}});
  const answer again =
      system.call("add_custom_field",
                  {{"entityType", "contact"}, {"key", "f"}, {"label", "F"}, {"fieldType", "text"}});
  CHECK(again.code() == "CONFLICT");
  CHECK(again.error()["message"].get<std::string>().find(first["id"]) != std::string::npos);
  define(system, "f", "text", {{"entityType", "deal"}});
  system.restart();
  CHECK(make(system, {{"f", "b"}}).code() == "ZOD_VALIDATION_ERROR");
  const answer all = system.call("list_custom_fields", json::object());
  CHECK(total(all) == 2);
  const answer ours = system.call("list_custom_fields", {{"entityType", "contact"}});
  CHECK(ours.data() == json::array({first}));
  CHECK(ours.page()["applied"] == json{{"entityType", "contact"}});
}

TEST_CASE("list_contacts_by_custom_field finds values in the form in which people write them") {
  test_system system;
  define(system, "day", "date");
  define(system, "tags", "multi_select", {{"options", {"red", "blue"}}});
  define(system, "n", "number");
  define(system, "tel", "phone");
  make(system, {{"day", "2026-11-22"}, {"tags", {"red", "blue"}}, {"n", 5}, {"tel", "+49 30 1"}})
      .data();
  make(system, {{"day", 0}, {"tags", {"red"}}, {"n", 5.5}}).data();
  const auto count = [&](const char* key, const json& value) {
    return total(
        system.call("list_contacts_by_custom_field", {{"fieldKey", key}, {"fieldValue", value}}));
  };
  CHECK(count("day", "2026-11-22T00:00Z") == 1);
  CHECK(count("day", 1'795'305'600'000) == 1);
  CHECK(count("tags", "red") == 2);
  CHECK(count("tags", "blue") == 1);
  CHECK(count("n", 5.0) == 1);
  CHECK(count("n", 5.5) == 1);
  CHECK(count("tel", "(4930) 1") == 1);
  const answer slip =
      system.call("list_contacts_by_custom_field", {{"fieldKey", "tags"}, {"fieldValue", "rde"}});
  CHECK(slip.code() == "ZOD_VALIDATION_ERROR");
  CHECK(slip.error()["details"][0]["didYouMean"] == "red");
}

TEST_CASE("a search finds custom values: words, telephone digits, dates") {
  test_system system;
  define(system, "word", "text");
  define(system, "tel", "phone");
  define(system, "day", "date");
  const std::string id =
      id_of(make(system, {{"word", "Grüße"}, {"tel", "+49 (30) 123-45"}, {"day", "2026-11-22"}}));
  for (const char* query : {"grusse", "493012345", "4930", "2026-11-22", "+49 (30) 123-45"}) {
    CAPTURE(query);
    CHECK(found(system, query) == (std::string_view{query} == "grusse" ? 0 : 1));
  }
  CHECK(found(system, "gruße") == 1);
  system.call("update_contact", {{"contactId", id}, {"customFields", {{"tel", nullptr}}}}).data();
  CHECK(found(system, "493012345") == 0);
}
