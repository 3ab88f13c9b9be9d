// SPDX-License-Identifier: Apache-2.0
#include "protocol/input.hpp"

#include "protocol/limits.hpp"
#include "protocol/nearest.hpp"
#include "protocol/text_format.hpp"

#include <cmath>

namespace crm {

namespace {

constexpr double no_max = std::numeric_limits<double>::infinity();
constexpr auto no_length_max = std::numeric_limits<std::size_t>::max();

std::string_view type_name(shape kind) {
  switch (kind) {
  case shape::text:
    return "string";
  case shape::number:
  case shape::time:
    return "number";
  case shape::integer:
    return "integer";
  case shape::boolean:
    return "boolean";
  case shape::text_list:
  case shape::list:
    return "array";
  case shape::object:
    return "object";
  case shape::any:
    return "";
  }
  return "";
}

std::string number_text(double value) {
  return json(value == std::floor(value) && std::fabs(value) < 1e15
                  ? json(static_cast<std::int64_t>(value))
                  : json(value))
      .dump();
}

std::string range_text(const field_rules& rules) {
  if (rules.max == no_max)
    return " of at least " + number_text(rules.min);
  return " from " + number_text(rules.min) + " to " + number_text(rules.max);
}

std::string length_text(const field_rules& rules) {
  if (rules.length_max == no_length_max)
    return rules.length_min > 0 ? ", not empty" : "";
  const std::string most = std::to_string(rules.length_max) + " characters";
  const std::string of = rules.format == text_format::plain ? " of " : ", ";
  return of
         + (rules.length_min == rules.length_max
                ? most
                : std::to_string(rules.length_min) + " to " + most);
}

/// What the field accepts, in words.
std::string expectation(const field_spec& field) {
  const field_rules& rules = field.rules;
  std::string text;
  switch (field.kind) {
  case shape::text:
    text = rules.options.empty() ? std::string{describe(rules.format)} + length_text(rules)
                                 : "one of the valid options";
    break;
  case shape::number:
  case shape::integer:
    text = field.kind == shape::integer ? "an integer" : "a number";
    if (rules.min != -no_max || rules.max != no_max)
      text += range_text(rules);
    break;
  case shape::boolean:
    text = "true or false";
    break;
  case shape::time:
    text = "Unix time in whole milliseconds, a number";
    break;
  case shape::text_list:
    text = "an array of strings";
    if (rules.items_max != no_length_max)
      text += ", at most " + std::to_string(rules.items_max);
    break;
  case shape::list:
    text = "an array of objects";
    break;
  case shape::object:
    text = "an object";
    break;
  case shape::any:
    text = "any JSON value but null";
    break;
  }
  return field.nullable ? text + ", or null to clear it" : text;
}

/// Gathers what is wrong, and stops describing at the bound.
class input_check {
public:
  explicit input_check(placeholders how) : how_(how) {}

  void object(const input_schema& fields, const json& value, const std::string& prefix) {
    // First, so that a misspelt argument is what the message names, not the one that it left out.
    for (const auto& [name, member] : value.items()) {
      if (!knows(fields, name))
        unknown(fields, name, prefix);
    }
    for (const field_spec& field : fields) {
      const auto found = value.find(field.name);
      if (found != value.end())
        one(field, *found, prefix + std::string{field.name});
      else if (field.required)
        add({prefix + std::string{field.name}, "nothing", expectation(field), options_of(field)});
    }
  }

  std::vector<error_detail> take() { return std::move(details_); }

private:
  static bool knows(const input_schema& fields, std::string_view name) {
    return std::any_of(fields.begin(), fields.end(),
                       [&](const field_spec& field) { return field.name == name; });
  }

  static std::vector<std::string> options_of(const field_spec& field) {
    const auto& options = field.rules.options;
    if (options.size() > limits::valid_options_max)
      return {};
    return {options.begin(), options.end()};
  }

  void add(error_detail detail) {
    if (details_.size() < limits::error_details_max)
      details_.push_back(std::move(detail));
  }

  void unknown(const input_schema& fields, const std::string& name, const std::string& prefix) {
    std::vector<std::string_view> names;
    for (const field_spec& field : fields)
      names.push_back(field.name);
    error_detail detail{prefix + name.substr(0, 100), "an unknown argument",
                        prefix.empty() ? "one of the tool's arguments" : "one of the options"};
    detail.did_you_mean = nearest(name, names);
    for (const std::string_view valid : names) {
      if (detail.valid_options.size() < limits::valid_options_max)
        detail.valid_options.emplace_back(valid);
    }
    add(std::move(detail));
  }

  void wrong(const field_spec& field, const json& value, const std::string& path) {
    error_detail detail{path, brief_json(value), expectation(field), options_of(field)};
    if (value.is_string() && !field.rules.options.empty())
      detail.did_you_mean = nearest(value.get_ref<const std::string&>(), field.rules.options);
    add(std::move(detail));
  }

  void one(const field_spec& field, const json& value, const std::string& path) {
    if (value.is_null() && field.nullable)
      return;
    if (how_ == placeholders::fit_anything && holds_template(value))
      return;
    if (!accepts(field, value))
      return wrong(field, value, path);
    if (field.members.empty())
      return;
    if (field.kind == shape::object)
      return object(field.members, value, path + ".");
    for (std::size_t i = 0; i < value.size(); ++i) {
      const std::string item_path = path + "[" + std::to_string(i) + "]";
      if (value[i].is_object())
        object(field.members, value[i], item_path + ".");
      else
        add({item_path, brief_json(value[i]), "an object"});
    }
  }

  static bool holds_template(const json& value) {
    return value.is_string() && value.get_ref<const std::string&>().find("{{") != std::string::npos;
  }

  static bool accepts(const field_spec& field, const json& value) {
    const field_rules& rules = field.rules;
    switch (field.kind) {
    case shape::text:
      return value.is_string() && accepts_text(rules, value.get_ref<const std::string&>());
    case shape::number:
      return value.is_number() && in_range(rules, value.get<double>());
    case shape::integer:
      return is_whole(value) && in_range(rules, value.get<double>());
    case shape::boolean:
      return value.is_boolean();
    case shape::time:
      return is_whole(value) && is_time(value.get<double>());
    case shape::text_list:
      return value.is_array() && value.size() <= rules.items_max
             && std::all_of(value.begin(), value.end(),
                            [](const json& v) { return v.is_string(); });
    case shape::list:
      return value.is_array() && value.size() <= rules.items_max;
    case shape::object:
      return value.is_object();
    case shape::any:
      return !value.is_null();
    }
    return false;
  }

  static bool accepts_text(const field_rules& rules, const std::string& text) {
    if (!rules.options.empty())
      return std::find(rules.options.begin(), rules.options.end(), text) != rules.options.end();
    const std::size_t length = count_code_points(text);
    return length >= rules.length_min && length <= rules.length_max && matches(rules.format, text);
  }

  static bool in_range(const field_rules& rules, double value) {
    return value >= rules.min && value <= rules.max;
  }

  /// A whole number that fits 64 bits with a sign, which is what it is read into.
  static bool is_whole(const json& value) {
    if (value.is_number_unsigned())
      return value.get<std::uint64_t>() <= std::uint64_t{std::numeric_limits<std::int64_t>::max()};
    return value.is_number_integer()
           || (value.is_number_float() && value.get<double>() == std::floor(value.get<double>())
               && std::fabs(value.get<double>()) < 9.0e18);
  }

  /// The range of an ECMAScript date: what every client can represent (ECMA-262, 21.4.1.1).
  static bool is_time(double ms) { return std::fabs(ms) <= 8.64e15; }

  placeholders how_;
  std::vector<error_detail> details_;
};

// -- JSON Schema
// -----------------------------------------------------------------------------------

void add_text_rules(json& out, const field_rules& rules, bool nullable) {
  if (!rules.options.empty()) {
    out["enum"] = json(std::vector<std::string>{rules.options.begin(), rules.options.end()});
    if (nullable)
      out["enum"].push_back(nullptr);
    return;
  }
  if (rules.length_min > 0)
    out["minLength"] = rules.length_min;
  if (rules.length_max != no_length_max)
    out["maxLength"] = rules.length_max;
  if (const auto name = schema_format(rules.format); !name.empty())
    out["format"] = name;
  if (const auto pattern = schema_pattern(rules.format); !pattern.empty())
    out["pattern"] = pattern;
}

void add_number_rules(json& out, const field_rules& rules) {
  const auto bound = [](double value) {
    return value == std::floor(value) ? json(static_cast<std::int64_t>(value)) : json(value);
  };
  if (rules.min != -no_max)
    out["minimum"] = bound(rules.min);
  if (rules.max != no_max)
    out["maximum"] = bound(rules.max);
}

void add_default(json& out, const field_default& fallback) {
  if (const auto* text = std::get_if<std::string_view>(&fallback))
    out["default"] = *text;
  else if (const auto* number = std::get_if<std::int64_t>(&fallback))
    out["default"] = *number;
  else if (const auto* flag = std::get_if<bool>(&fallback))
    out["default"] = *flag;
}

json field_json(const field_spec& field) {
  json out = json::object();
  if (const auto name = type_name(field.kind); !name.empty())
    out["type"] = field.nullable ? json::array({name, "null"}) : json(name);
  if (!field.about.empty())
    out["description"] = field.about;
  const field_rules& rules = field.rules;
  if (field.kind == shape::text)
    add_text_rules(out, rules, field.nullable);
  else if (field.kind == shape::number || field.kind == shape::integer)
    add_number_rules(out, rules);
  else if (field.kind == shape::text_list)
    out["items"] = {{"type", "string"}};
  else if (field.kind == shape::list)
    out["items"] = schema_json(field.members);
  else if (field.kind == shape::object && !field.members.empty())
    out.update(schema_json(field.members));
  if (rules.items_max != no_length_max)
    out["maxItems"] = rules.items_max;
  add_default(out, rules.fallback);
  if (!rules.example.empty())
    out["examples"] = json::array({json::parse(rules.example)});
  return out;
}

} // namespace

result<void> check_input(const input_schema& fields, const json& args) {
  if (!args.is_object())
    return argument_error(error_code::validation, "the arguments must be a JSON object",
                          {"args", brief_json(args), "an object"});
  std::vector<error_detail> details = check_members(fields, args, "", placeholders::are_text);
  if (details.empty())
    return {};
  return arguments_error(std::move(details));
}

std::vector<error_detail> check_members(const input_schema& fields, const json& value,
                                        const std::string& prefix, placeholders how) {
  input_check check{how};
  check.object(fields, value, prefix);
  return check.take();
}

json schema_json(const input_schema& fields) {
  json out{{"type", "object"}, {"properties", json::object()}};
  json required = json::array();
  for (const field_spec& field : fields) {
    out["properties"][std::string{field.name}] = field_json(field);
    if (field.required)
      required.push_back(field.name);
  }
  if (!required.empty())
    out["required"] = std::move(required);
  out["additionalProperties"] = false;
  return out;
}

} // namespace crm
