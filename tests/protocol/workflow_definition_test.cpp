// SPDX-License-Identifier: Apache-2.0
#include "protocol/condition.hpp"
#include "protocol/duration.hpp"
#include "protocol/template_text.hpp"
#include "protocol/workflow_definition.hpp"

#include <doctest/doctest.h>

#include <string>

using crm::json;

TEST_CASE("a text that is one template keeps the type of its value; a longer one is a text") {
  const json root{
      {"trigger", {{"after", {{"value", 12.5}, {"tags", {"a", "b"}}, {"name", "Zoë"}}}}}};
  CHECK(*crm::fill_in("{{trigger.after.value}}", root) == 12.5);
  CHECK(*crm::fill_in("{{ trigger.after.tags }}", root) == json({"a", "b"}));
  CHECK(*crm::fill_in("{{trigger.after.tags.1}}", root) == "b");
  CHECK(*crm::fill_in("Hi {{trigger.after.name}}: {{trigger.after.value}}", root)
        == "Hi Zoë: 12.5");
  CHECK(*crm::fill_in(json{{"a", {"{{trigger.after.value}}", 1}}}, root) == json{{"a", {12.5, 1}}});
}

TEST_CASE("a missing value is an error that names its path, never an empty text") {
  const json root{{"trigger", {{"after", {{"email", nullptr}}}}}};
  for (const char* text : {"{{trigger.after.email}}", "x {{trigger.after.phone}}", "{{now}}"}) {
    const auto filled = crm::fill_in(text, root);
    REQUIRE(!filled);
    CHECK(filled.error().code == crm::error_code::validation);
    CHECK(!filled.error().details.front().path.empty());
  }
}

TEST_CASE("templates that are none are refused") {
  for (const char* text :
       {"{{", "{{}}", "{{ }}", "{{a b}}", "{{a..b}}", "{{.a}}", "{{a.}}", "{{a()}}", "x {{trigger"})
    CHECK(!crm::parse_template(text));
}

TEST_CASE("durations are whole numbers with a unit") {
  CHECK(crm::parse_duration("15m") == 900'000);
  CHECK(crm::parse_duration("3d") == 259'200'000);
  CHECK(crm::parse_duration("250ms") == 250);
  for (const char* text : {"", "5", "m", "-5m", "1.5h", "5 m", "5w", "99999999999d"})
    CHECK(!crm::parse_duration(text));
}

TEST_CASE("conditions compare what is there, and a missing field fulfils missing and ne alone") {
  struct row {
    const char* op;
    json value;
    bool present;
    bool missing;
  };
  const row rows[] = {{"eq", 5, true, false},           {"ne", 4, true, true},
                      {"gt", 4, true, false},           {"gte", 5, true, false},
                      {"lt", 6, true, false},           {"lte", 5, true, false},
                      {"in", {4, 5}, true, false},      {"gt", "x", false, false},
                      {"exists", nullptr, true, false}, {"missing", nullptr, false, true}};
  for (const row& each : rows) {
    CAPTURE(std::string{each.op});
    json rule{{"field", "after.n"}, {"op", each.op}};
    if (!each.value.is_null())
      rule["value"] = each.value;
    const auto conditions = crm::parse_conditions(json::array({rule}), "c", {"after"});
    REQUIRE(conditions);
    CHECK(crm::holds(*conditions, {{"after", {{"n", 5}}}}) == each.present);
    CHECK(crm::holds(*conditions, {{"after", json::object()}}) == each.missing);
  }
}
