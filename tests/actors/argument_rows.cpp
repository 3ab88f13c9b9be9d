// SPDX-License-Identifier: Apache-2.0
#include "tests/actors/argument_rows.hpp"

#include <cstdint>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace crm::test {

namespace {

std::string letters(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i)
    text += "é"; // two bytes, one code point
  return text;
}

json with_member(json object, const std::string& name, json value) {
  object[name] = std::move(value);
  return object;
}

json allowed_object(const json& rules) {
  json object = json::object();
  if (rules.contains("properties")) {
    for (const auto& [name, member] : rules["properties"].items())
      object[name] = allowed_value(name, member);
  }
  return object;
}

class case_list {
public:
  case_list(std::string name, std::vector<argument_case>& out)
      : name_(std::move(name)), out_(out) {}

  void add(const std::string& what, json value) {
    out_.push_back({name_ + ": " + what, std::move(value), name_});
  }
  void add_types(std::initializer_list<json> values) {
    for (const json& value : values)
      add("wrong type " + value.dump(), value);
  }

private:
  std::string name_;
  std::vector<argument_case>& out_;
};

void add_text_cases(case_list& cases, const json& rules) {
  cases.add_types({5, true, json::array({"x"}), json::object()});
  if (rules.value("minLength", 0) > 0)
    cases.add("too short", letters(rules["minLength"].get<std::size_t>() - 1));
  if (rules.contains("maxLength"))
    cases.add("too long", letters(rules["maxLength"].get<std::size_t>() + 1));
  if (rules.contains("enum")) {
    cases.add("no choice", "bogus");
    cases.add("empty", "");
    cases.add("padded", rules["enum"][0].get<std::string>() + " ");
  }
  if (rules.contains("pattern"))
    cases.add("bad form", "No Such-Form!");
  if (rules.contains("format")) {
    for (const char* text : {"", "not one", "a@b", "www.example.com", "ftp://x.io", "a b@c.io"})
      cases.add("bad form", text);
  }
}

void add_number_cases(case_list& cases, const json& rules) {
  cases.add_types({"1", true, json::array({1}), json::object()});
  if (rules["type"] == "integer")
    cases.add("not whole", 1.5);
  if (rules.contains("min"))
    cases.add("too small", rules["min"].get<std::int64_t>() - 1);
  if (rules.contains("max"))
    cases.add("too large", rules["max"].get<std::int64_t>() + 1);
}

/// The refused cases of the members of an object, each inside an object that is right otherwise.
void add_member_cases(std::vector<argument_case>& out, const std::string& prefix, const json& rules,
                      const std::function<json(json)>& wrap) {
  if (!rules.contains("properties"))
    return;
  const json whole = allowed_object(rules);
  for (const auto& [name, member] : rules["properties"].items()) {
    for (argument_case& each : refused_cases(name, member, false)) {
      each.value = wrap(with_member(whole, name, each.value));
      each.path = prefix + each.path;
      out.push_back(std::move(each));
    }
    if (!member.value("required", false))
      continue;
    json without = whole;
    without.erase(name);
    out.push_back({prefix + name + ": missing", wrap(std::move(without)), prefix + name});
  }
  out.push_back(
      {prefix + "bogus: unknown", wrap(with_member(whole, "bogus", 1)), prefix + "bogus"});
}

} // namespace

const json& tool_rows() {
  static const json rows = [] {
    std::ifstream file{CRM_TEST_FOLDER "/actors/tools.json"};
    if (!file)
      throw std::runtime_error{"no tools.json"};
    return json::parse(file);
  }();
  return rows;
}

const json* row_of(std::string_view tool) {
  for (const json& row : tool_rows()) {
    if (row["name"] == tool)
      return &row;
  }
  return nullptr;
}

json allowed_value(const std::string& name, const json& rules) {
  const std::string type = rules["type"];
  if (rules.contains("enum"))
    return rules["enum"][0];
  if (type == "integer" || type == "number")
    return rules.value("min", 1);
  if (type == "boolean")
    return true;
  if (type == "object")
    return allowed_object(rules);
  if (type == "array") {
    const json& items = rules["items"];
    return json::array({items["type"] == "object" ? allowed_object(items) : json("x")});
  }
  if (type == "any")
    return 1;
  if (name == "stage" || name == "newStage")
    return "proposal";
  const std::string format = rules.value("format", "");
  if (format == "email")
    return "ada@example.com";
  if (format == "uri")
    return "https://example.com/a";
  return std::string(rules.value("minLength", std::size_t{1}), 'a');
}

std::vector<argument_case> allowed_cases(const std::string& name, const json& rules) {
  std::vector<argument_case> out;
  case_list cases{name, out};
  cases.add("allowed", allowed_value(name, rules));
  if (rules.contains("enum")) {
    for (const json& choice : rules["enum"])
      cases.add("choice", choice);
  } else if (rules["type"] == "string" && rules.contains("maxLength") && name != "currency"
             && name != "stage") {
    cases.add("longest", letters(rules["maxLength"]));
  }
  if (rules.contains("max"))
    cases.add("largest", rules["max"]);
  if (rules.contains("maxItems")) {
    cases.add("most items", json(std::vector<std::string>(rules["maxItems"], "é")));
    cases.add("no items", json::array());
  }
  return out;
}

std::vector<argument_case> refused_cases(const std::string& name, const json& rules,
                                         bool null_clears) {
  std::vector<argument_case> out;
  case_list cases{name, out};
  const std::string type = rules["type"];
  if (!null_clears)
    cases.add("null", nullptr);
  if (type == "string") {
    add_text_cases(cases, rules);
  } else if (type == "integer" || type == "number") {
    add_number_cases(cases, rules);
  } else if (type == "boolean") {
    cases.add_types({"true", 1, 0, json::array()});
  } else if (type == "object") {
    cases.add_types({"{}", 1, json::array()});
    add_member_cases(out, name + ".", rules, [](json object) { return object; });
  } else if (type == "array") {
    cases.add_types({"x", 1, json::object()});
    if (rules.contains("maxItems"))
      cases.add("too many items",
                std::vector<std::string>(rules["maxItems"].get<std::size_t>() + 1, "x"));
    if (rules["items"]["type"] == "string")
      cases.add("wrong item", json::array({"x", 1}));
    else
      add_member_cases(out, name + "[0].", rules["items"],
                       [](json object) { return json::array({std::move(object)}); });
  }
  return out;
}

} // namespace crm::test
