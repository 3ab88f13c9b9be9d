// SPDX-License-Identifier: Apache-2.0
#include "actors/tools/catalogue.hpp"

#include "protocol/nearest.hpp"
#include "tests/actors/argument_rows.hpp"
#include "tests/support/sales_records.hpp"

#include <doctest/doctest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

using crm::json;
using crm::test::argument_case;
using crm::test::sales_records;
using crm::test::test_system;

namespace {

/// The smallest arguments that a tool takes, with ids of records that exist.
json smallest_args(const json& row, const sales_records& records) {
  json args = json::object();
  for (const auto& [name, rules] : row["args"].items()) {
    if (!rules["required"].get<bool>())
      continue;
    const std::string id = records.of(name);
    args[name] = id.empty() ? crm::test::allowed_value(name, rules) : json(id);
  }
  return args;
}

const crm::field_spec* field_of(const crm::tool_spec& tool, std::string_view name) {
  for (const crm::field_spec& field : tool.input) {
    if (field.name == name)
      return &field;
  }
  return nullptr;
}

/// The tools of contacts, companies, deals and activities, with their rows of tools.json. The other
/// families need definitions before they take anything, and have tests of their own.
std::vector<std::pair<const crm::tool_spec*, const json*>> known_tools() {
  std::vector<std::pair<const crm::tool_spec*, const json*>> out;
  for (const crm::tool_spec* tool : crm::tools::tool_specs()) {
    const std::set<std::string_view> families{"Contacts", "Companies", "Deals", "Activities"};
    if (const json* row = crm::test::row_of(tool->name); row && families.contains(tool->category))
      out.emplace_back(tool, row);
  }
  return out;
}

void check_refused(const crm::test::answer& answer, const std::string& path) {
  CHECK(answer.code() == "ZOD_VALIDATION_ERROR");
  if (answer.ok() || !answer.error().contains("details"))
    return;
  const json& details = answer.error()["details"];
  REQUIRE(details.size() == 1);
  CHECK(details[0]["path"] == path);
  CHECK(details[0]["got"].get<std::string>() != "");
  CHECK(details[0]["expected"].get<std::string>() != "");
  CHECK(!answer.error()["message"].get<std::string>().empty());
}

bool is_id(std::string_view name) {
  return name.ends_with("Id");
}

} // namespace

TEST_CASE("every tool is one of the sixty, with its category, its scope and all its arguments") {
  std::set<std::string> names;
  std::map<crm::scope, int> by_scope;
  for (const crm::tool_spec* tool : crm::tools::tool_specs()) {
    CAPTURE(tool->name);
    ++by_scope[tool->needs];
    CHECK(names.insert(std::string{tool->name}).second);
    const json* row = crm::test::row_of(tool->name);
    REQUIRE(row != nullptr);
    CHECK((*row)["category"] == tool->category);
    CHECK((*row)["scope"] == crm::name_of(tool->needs));
    if ((*row)["scope"] != "admin") // audit and limits are read with the scope admin
      CHECK(tool->writes() == ((*row)["scope"] != "read"));
    for (const auto& [name, rules] : (*row)["args"].items()) {
      CAPTURE(name);
      const crm::field_spec* field = field_of(*tool, name);
      REQUIRE(field != nullptr);
      CHECK(field->required == rules["required"].get<bool>());
    }
    // What we add to the described system may be left out.
    for (const crm::field_spec& field : tool->input)
      CHECK((!field.required || (*row)["args"].contains(field.name)));
  }
  CHECK(names.size() == 60);
  CHECK(by_scope[crm::scope::read] == 25);
  CHECK(by_scope[crm::scope::write] == 23);
  CHECK(by_scope[crm::scope::admin] == 11);
  CHECK(by_scope[crm::scope::workflow_trigger] == 1);
}

TEST_CASE("every tool shows a closed schema, a title, a short summary and all four annotations") {
  std::size_t bytes = 0;
  for (const crm::tool_spec* tool : crm::tools::tool_specs()) {
    CAPTURE(tool->name);
    const json shown = crm::describe_for_mcp(*tool);
    CHECK(shown["inputSchema"]["type"] == "object");
    CHECK(shown["inputSchema"]["additionalProperties"] == false);
    CHECK(shown["inputSchema"]["properties"].contains("workspaceId"));
    for (const char* hint : {"readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"})
      CHECK(shown["annotations"][hint].is_boolean());
    CHECK(shown["annotations"]["readOnlyHint"] == !tool->writes());
    CHECK(crm::count_code_points(tool->summary) <= 400);
    CHECK(!shown["title"].get<std::string>().empty());
    bytes += shown.dump().size() + 1;
  }
  CHECK(bytes <= 39'900); // 40 KB with what the answer has around them
}

TEST_CASE("the schema that a tool shows says the bounds of its row") {
  for (const auto& [tool, row] : known_tools()) {
    const json properties = crm::schema_json(tool->input)["properties"];
    for (const auto& [name, rules] : (*row)["args"].items()) {
      CAPTURE(tool->name);
      CAPTURE(name);
      const json& shown = properties[name];
      // Its one valid value is the token's workspace; sixty times the bound would cost 840 bytes.
      if (name == "workspaceId")
        continue;
      for (const auto& [theirs, ours] : {std::pair{"minLength", "minLength"},
                                         {"maxLength", "maxLength"},
                                         {"min", "minimum"},
                                         {"max", "maximum"},
                                         {"maxItems", "maxItems"},
                                         {"default", "default"},
                                         {"format", "format"},
                                         {"pattern", "pattern"}}) {
        CAPTURE(theirs);
        if (rules.contains(theirs))
          CHECK(shown.value(ours, json{}) == rules[theirs]);
      }
      if (rules.contains("enum")) {
        json choices = shown["enum"];
        if (choices.back().is_null())
          choices.erase(choices.size() - 1);
        CHECK(choices == rules["enum"]);
      }
    }
  }
}

TEST_CASE("every rule of every argument is enforced, and a refused call writes nothing") {
  test_system system;
  const sales_records records{system};
  const auto before = crm::test::logged_changes(system);
  int refused = 0;
  for (const auto& [tool, row] : known_tools()) {
    const std::string name{tool->name};
    const json args = smallest_args(*row, records);
    for (const auto& [argument, rules] : (*row)["args"].items()) {
      const bool null_clears = field_of(*tool, argument)->nullable;
      for (const argument_case& each : crm::test::refused_cases(argument, rules, null_clears)) {
        CAPTURE(name);
        CAPTURE(each.what);
        json wrong = args;
        wrong[argument] = each.value;
        check_refused(system.call(name, wrong), each.path);
        ++refused;
      }
      if (!rules["required"].get<bool>())
        continue;
      CAPTURE(name);
      CAPTURE(argument);
      json without = args;
      without.erase(argument);
      check_refused(system.call(name, without), argument);
    }
  }
  MESSAGE(refused << " wrong values were refused");
  CHECK(crm::test::logged_changes(system) == before);
}

TEST_CASE("an unknown argument of any tool is refused with the one that was probably meant") {
  test_system system;
  const sales_records records{system};
  const auto before = crm::test::logged_changes(system);
  for (const auto& [tool, row] : known_tools()) {
    const std::string name{tool->name};
    const json args = smallest_args(*row, records);
    json bogus = args;
    bogus["bogusArgument"] = 1;
    check_refused(system.call(name, bogus), "bogusArgument");
    for (const crm::field_spec& field : tool->input) {
      CAPTURE(name);
      CAPTURE(field.name);
      json misspelt = args;
      const std::string spelling = std::string{field.name} + field.name.back();
      misspelt[spelling] = 1;
      const auto answer = system.call(name, misspelt);
      check_refused(answer, spelling);
      CHECK(answer.error()["details"][0]["didYouMean"] == field.name);
    }
    for (const json& not_object : {json(nullptr), json::array(), json("x"), json(1)})
      check_refused(system.call(name, not_object), "args");
  }
  CHECK(crm::test::logged_changes(system) == before);
}

TEST_CASE("every tool names each of its arguments that is wrong or misspelt") {
  test_system system;
  system.define_field("contact", "n", "text"); // there is a file from the first call on
  const auto before = crm::test::logged_changes(system);
  const auto details_of = [&](const std::string& name, const json& args) {
    const auto answer = system.call(name, args);
    CHECK(answer.code() == "ZOD_VALIDATION_ERROR");
    CHECK(!answer.error().at("message").get<std::string>().empty());
    return answer.error().at("details");
  };
  const auto row_at = [](const json& details, const std::string& path) {
    for (const json& each : details) {
      if (each.at("path") == path)
        return each;
    }
    return json{{"path", "none: " + details.dump()}, {"got", ""}, {"expected", ""}};
  };
  for (const crm::tool_spec* tool : crm::tools::tool_specs()) {
    const std::string name{tool->name};
    CAPTURE(name);
    for (const crm::field_spec& field : tool->input) {
      const std::string argument{field.name};
      CAPTURE(argument);
      const std::string slip = argument + argument.back();
      const json misspelt = row_at(details_of(name, {{slip, 1}}), slip);
      CHECK(misspelt.value("didYouMean", "") == argument);
      const std::string shown = crm::schema_json(tool->input)["properties"][argument].dump();
      if (shown.find("\"type\"") == std::string::npos)
        continue; // takes any JSON value
      const json wrong = shown.find("\"array\"") == std::string::npos ? json::array() : json(true);
      const json refused = row_at(details_of(name, {{argument, wrong}}), argument);
      CHECK(refused["path"] == argument);
      CHECK(refused["got"] != "");
      CHECK(refused["expected"] != "");
    }
  }
  CHECK(crm::test::logged_changes(system) == before);
}

TEST_CASE("what the rows allow is taken, to the last character and item") {
  test_system system;
  const sales_records records{system};
  for (const auto& [tool, row] : known_tools()) {
    const std::string name{tool->name};
    if (tool->does == crm::effect::remove || name == "restore_contact")
      continue; // takes nothing but the id of a record in the right state
    if (name == "list_contacts_by_custom_field")
      continue; // takes defined keys only
    const json args = smallest_args(*row, records);
    CHECK(system.call(name, args).ok());
    for (const auto& [argument, rules] : (*row)["args"].items()) {
      if (is_id(argument))
        continue;
      for (const argument_case& each : crm::test::allowed_cases(argument, rules)) {
        CAPTURE(name);
        CAPTURE(each.what);
        json right = args;
        right[argument] = each.value;
        const auto answer = system.call(name, right);
        CAPTURE(answer.envelope.dump());
        CHECK(answer.ok());
      }
      if (!field_of(*tool, argument)->nullable)
        continue;
      json cleared = args;
      cleared[argument] = nullptr;
      const auto answer = system.call(name, cleared);
      CHECK(answer.ok());
      CHECK(!answer.data().contains(argument));
    }
  }
}

TEST_CASE("an unknown tool is answered with the one that was probably meant") {
  test_system system;
  for (const crm::tool_spec* tool : crm::tools::tool_specs()) {
    std::string misspelt{tool->name};
    std::swap(misspelt[misspelt.size() - 2], misspelt.back());
    if (misspelt == tool->name)
      misspelt += "x";
    const auto answer = system.call(misspelt, json::object());
    CHECK(answer.code() == "TOOL_NOT_FOUND");
    CHECK(answer.error()["details"][0]["didYouMean"] == tool->name);
  }
  for (const char* name : {"", "zzz", "CREATE CONTACT; drop table", "../create_contact"}) {
    const auto answer = system.call(name, json::object());
    CHECK(answer.code() == "TOOL_NOT_FOUND");
  }
  CHECK(system.call("createContact", json::object()).error()["details"][0]["didYouMean"]
        == "create_contact");
}

TEST_CASE("the document of tools names every tool and every argument") {
  const std::string document = crm::tools::tools_markdown();
  for (const crm::tool_spec* tool : crm::tools::tool_specs()) {
    CHECK(document.find("### " + std::string{tool->name} + "\n") != std::string::npos);
    for (const crm::field_spec& field : tool->input)
      CHECK(document.find("`" + std::string{field.name} + "`") != std::string::npos);
  }
}
