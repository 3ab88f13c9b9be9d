// SPDX-License-Identifier: Apache-2.0
// Definitions of custom fields: what one may say, and how a stored one is read.
#include "protocol/custom_field.hpp"

#include "protocol/iso_time.hpp"
#include "protocol/limits.hpp"
#include "protocol/nearest.hpp"

#include <algorithm>
#include <cmath>

namespace crm {

namespace {

template <class Enum, std::size_t Size>
Enum named(const std::array<std::string_view, Size>& names, std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  return static_cast<Enum>(found == names.end() ? 0 : found - names.begin());
}

field_type type_of(const json& definition) {
  return named<field_type>(field_type_names,
                           definition.at("fieldType").get_ref<const std::string&>());
}

bool has_options(field_type type) {
  return type == field_type::select || type == field_type::multi_select;
}

/// The members of `validation` that say something about values of the type.
std::vector<std::string_view> rules_for(field_type type) {
  switch (type) {
  case field_type::number:
  case field_type::date:
    return {"min", "max", "unique"};
  case field_type::select:
    return {"unique"};
  case field_type::boolean:
  case field_type::multi_select:
    return {};
  case field_type::text:
  case field_type::url:
  case field_type::email:
  case field_type::phone:
    return {"minLength", "maxLength", "pattern", "unique"};
  }
  return {};
}

constexpr std::array<std::string_view, 6> all_rules{"min",       "max",     "minLength",
                                                    "maxLength", "pattern", "unique"};

/// Checks the parts of one definition that depend on its type.
class definition_check {
public:
  definition_check(json& definition, const std::string& prefix, std::vector<error_detail>& wrong)
      : definition_(definition), prefix_(prefix), wrong_(wrong), type_(type_of(definition)),
        type_name_(field_type_names.at(static_cast<std::size_t>(type_))) {}

  void options() {
    const std::string path = prefix_ + "options";
    const auto found = definition_.find("options");
    if (!has_options(type_)) {
      if (found != definition_.end())
        add({path, brief_json(*found), "no options: only select and multi_select have some"});
      return;
    }
    if (found == definition_.end() || found->empty()
        || found->size() > limits::custom_options_max) {
      const std::string got = found == definition_.end() ? "nothing" : brief_json(*found);
      return add({path, got,
                  "an array of 1 to " + std::to_string(limits::custom_options_max)
                      + " options, for a field of type " + type_name_});
    }
    for (std::size_t i = 0; i < found->size(); ++i)
      option(*found, i, path + "[" + std::to_string(i) + "]");
  }

  void rules() {
    const auto found = definition_.find("validation");
    if (found == definition_.end())
      return;
    if (found->empty()) {
      definition_.erase("validation");
      return;
    }
    for (auto& [name, value] : found->items())
      rule(name, value);
    in_order(*found, "min", "max");
    in_order(*found, "minLength", "maxLength");
  }

private:
  void add(error_detail detail) {
    if (wrong_.size() < limits::error_details_max)
      wrong_.push_back(std::move(detail));
  }

  void option(const json& all, std::size_t i, const std::string& path) {
    const std::size_t length = count_code_points(all[i].get_ref<const std::string&>());
    if (length == 0 || length > limits::custom_option_length_max)
      add({path, brief_json(all[i]),
           "an option of 1 to " + std::to_string(limits::custom_option_length_max)
               + " characters"});
    const auto end = all.begin() + static_cast<std::ptrdiff_t>(i);
    if (std::find(all.begin(), end, all[i]) != end)
      add({path, brief_json(all[i]), "each option once"});
  }

  void rule(const std::string& name, json& value) {
    const auto fitting = rules_for(type_);
    const std::string path = prefix_ + "validation." + name;
    if (std::find(fitting.begin(), fitting.end(), name) == fitting.end())
      return unknown_rule(name, fitting);
    if (name == "min" || name == "max")
      return bound(value, path);
    if (name == "minLength" || name == "maxLength")
      return length(value, path);
    if (name == "pattern")
      return form(value, path);
    if (!value.is_boolean())
      add({path, brief_json(value), "true or false"});
  }

  void unknown_rule(const std::string& name, const std::vector<std::string_view>& fitting) {
    error_detail detail{prefix_ + "validation." + name.substr(0, 100), "an unknown rule", {}};
    if (std::find(all_rules.begin(), all_rules.end(), name) != all_rules.end())
      detail.got = "a rule for other types";
    detail.expected = fitting.empty()
                          ? "no validation: a field of type " + type_name_ + " has no rules"
                          : "one of the rules for a field of type " + type_name_;
    detail.valid_options.assign(fitting.begin(), fitting.end());
    detail.did_you_mean = nearest(name, fitting);
    add(std::move(detail));
  }

  void bound(json& value, const std::string& path) {
    if (type_ == field_type::date) {
      custom_field any_date;
      any_date.type = field_type::date;
      auto checked = check_value(any_date, value, path);
      if (auto* detail = std::get_if<error_detail>(&checked))
        return add(std::move(*detail));
      value = std::get<json>(std::move(checked));
    } else if (!value.is_number()) {
      add({path, brief_json(value), "a number"});
    }
  }

  void length(const json& value, const std::string& path) {
    const bool fits = value.is_number_integer() && value.get<double>() >= 0
                      && value.get<double>() <= limits::custom_text_length_max;
    if (!fits)
      add({path, brief_json(value),
           "an integer from 0 to " + std::to_string(limits::custom_text_length_max)});
  }

  void form(const json& value, const std::string& path) {
    if (!value.is_string())
      return add({path, brief_json(value), "a regular expression in RE2 syntax, as a string"});
    const auto compiled = pattern::compile(value.get_ref<const std::string&>());
    if (!compiled)
      add({path, brief_json(value),
           "a regular expression in RE2 syntax (" + compiled.error().message + ")"});
  }

  void in_order(const json& rules, const char* least, const char* most) {
    const auto low = rules.find(least);
    const auto high = rules.find(most);
    const bool both =
        low != rules.end() && high != rules.end() && low->is_number() && high->is_number();
    if (both && low->get<double>() > high->get<double>())
      add({prefix_ + "validation." + least, brief_json(*low),
           "at most " + std::string{most} + ", which is " + brief_json(*high)});
  }

  json& definition_;
  const std::string& prefix_;
  std::vector<error_detail>& wrong_;
  field_type type_;
  std::string type_name_;
};

template <class T>
void read_rule(std::optional<T>& out, const json& rules, const char* name) {
  if (const auto found = rules.find(name); found != rules.end())
    out = found->get<T>();
}

value_rules rules_of(const json& validation) {
  value_rules rules;
  read_rule(rules.min, validation, "min");
  read_rule(rules.max, validation, "max");
  read_rule(rules.length_min, validation, "minLength");
  read_rule(rules.length_max, validation, "maxLength");
  rules.unique = validation.value("unique", false);
  if (const auto found = validation.find("pattern"); found != validation.end()) {
    // It compiled when it was defined; a library that has since become stricter must not keep a
    // workspace from being opened.
    if (auto compiled = pattern::compile(found->get_ref<const std::string&>()))
      rules.form = *std::move(compiled);
  }
  return rules;
}

} // namespace

void complete_definition(json& definition, const std::string& prefix,
                         std::vector<error_detail>& wrong) {
  definition_check check{definition, prefix, wrong};
  check.options();
  check.rules();
}

custom_field custom_field_of(const json& definition) {
  custom_field field;
  field.key = definition.at("key").get<std::string>();
  field.type = type_of(definition);
  field.required = definition.value("required", false);
  field.visible_to =
      named<visibility>(visibility_names, definition.value("visibility", std::string{}));
  if (const auto found = definition.find("options"); found != definition.end())
    field.options = found->get<std::vector<std::string>>();
  if (const auto found = definition.find("validation"); found != definition.end())
    field.rules = rules_of(*found);
  return field;
}

} // namespace crm
