// SPDX-License-Identifier: Apache-2.0
#include "protocol/custom_field.hpp"

#include "protocol/iso_time.hpp"
#include "protocol/limits.hpp"
#include "protocol/nearest.hpp"
#include "protocol/text_format.hpp"

#include <algorithm>
#include <cmath>

namespace crm {

namespace {

/// The range of an ECMAScript date: what every client can represent (ECMA-262, 21.4.1.1).
constexpr double time_max_ms = 8.64e15;

text_format format_of(field_type type) {
  switch (type) {
  case field_type::url:
    return text_format::url;
  case field_type::email:
    return text_format::email;
  case field_type::phone:
    return text_format::phone;
  default:
    return text_format::plain;
  }
}

std::string bound_text(field_type type, double value) {
  if (type == field_type::date)
    return iso_date(static_cast<std::int64_t>(value));
  const bool whole = value == std::floor(value) && std::fabs(value) < 1e15;
  return dump_json(whole ? json(static_cast<std::int64_t>(value)) : json(value));
}

std::string range_text(const custom_field& field) {
  const value_rules& rules = field.rules;
  if (rules.min && rules.max)
    return " from " + bound_text(field.type, *rules.min) + " to "
           + bound_text(field.type, *rules.max);
  if (rules.min)
    return " of at least " + bound_text(field.type, *rules.min);
  return rules.max ? " of at most " + bound_text(field.type, *rules.max) : "";
}

std::int64_t length_min(const custom_field& field) {
  return field.rules.length_min.value_or(field.required ? 1 : 0);
}

std::int64_t length_max(const custom_field& field) {
  return field.rules.length_max.value_or(limits::custom_text_length_max);
}

std::string text_expectation(const custom_field& field) {
  std::string text{describe(format_of(field.type))};
  const value_rules& rules = field.rules;
  if (rules.length_min || rules.length_max || field.type == field_type::text)
    text += " of " + std::to_string(length_min(field)) + " to " + std::to_string(length_max(field))
            + " characters";
  if (rules.form)
    text += " that matches the pattern " + rules.form->source();
  return text;
}

/// What the field accepts, in words.
std::string expectation(const custom_field& field) {
  switch (field.type) {
  case field_type::number:
    return "a number" + range_text(field);
  case field_type::boolean:
    return "true or false";
  case field_type::date:
    return "a time" + range_text(field) + ", in Unix milliseconds or ISO 8601 such as 2026-11-22";
  case field_type::select:
    return "one of the field's options";
  case field_type::multi_select:
    return field.required ? "an array of the field's options, not empty"
                          : "an array of the field's options";
  case field_type::text:
  case field_type::url:
  case field_type::email:
  case field_type::phone:
    return text_expectation(field);
  }
  return "";
}

std::vector<std::string_view> views_of(const std::vector<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

std::vector<std::string> first_options(const std::vector<std::string_view>& all) {
  return {all.begin(),
          all.begin()
              + static_cast<std::ptrdiff_t>(std::min(all.size(), limits::valid_options_max))};
}

/// Checks values against one field.
class value_check {
public:
  value_check(const custom_field& field, const std::string& path) : field_(field), path_(path) {}

  checked_value stored(const json& value) const {
    switch (field_.type) {
    case field_type::number:
      return in_range(value.is_number(), value, value);
    case field_type::boolean:
      return value.is_boolean() ? checked_value{value} : wrong(value);
    case field_type::date:
      return date(value);
    case field_type::select:
      return option(value, path_);
    case field_type::multi_select:
      return option_list(value);
    case field_type::text:
    case field_type::url:
    case field_type::email:
    case field_type::phone:
      return text(value);
    }
    return wrong(value);
  }

  /// @pre the field is a multi_select.
  checked_value item(const json& value) const { return option(value, path_); }

private:
  error_detail wrong(const json& value) const {
    return {path_, brief_json(value), expectation(field_)};
  }

  checked_value in_range(bool right_type, const json& sent, json value) const {
    if (!right_type)
      return wrong(sent);
    const double number = value.get<double>();
    const bool fits = (!field_.rules.min || number >= *field_.rules.min)
                      && (!field_.rules.max || number <= *field_.rules.max);
    if (!fits)
      return wrong(sent);
    return value;
  }

  checked_value date(const json& value) const {
    if (value.is_string()) {
      const auto ms = read_iso_time(value.get_ref<const std::string&>());
      return in_range(ms.has_value(), value, json(ms.value_or(0)));
    }
    const bool whole = value.is_number() && std::fabs(value.get<double>()) <= time_max_ms
                       && value.get<double>() == std::floor(value.get<double>());
    return in_range(whole, value,
                    whole ? json(static_cast<std::int64_t>(value.get<double>())) : json());
  }

  checked_value option(const json& value, const std::string& path) const {
    const auto options = views_of(field_.options);
    error_detail detail{path, brief_json(value), "one of the field's options",
                        first_options(options)};
    if (!value.is_string())
      return detail;
    const std::string& text = value.get_ref<const std::string&>();
    if (std::find(options.begin(), options.end(), text) != options.end())
      return value;
    detail.did_you_mean = nearest(text, options);
    return detail;
  }

  checked_value option_list(const json& value) const {
    if (!value.is_array() || (field_.required && value.empty())) {
      error_detail detail = wrong(value);
      detail.valid_options = first_options(views_of(field_.options));
      return detail;
    }
    for (std::size_t i = 0; i < value.size(); ++i) {
      const std::string path = path_ + "[" + std::to_string(i) + "]";
      auto checked = option(value[i], path);
      if (std::holds_alternative<error_detail>(checked))
        return checked;
      if (std::find(value.begin(), value.begin() + static_cast<std::ptrdiff_t>(i), value[i])
          != value.begin() + static_cast<std::ptrdiff_t>(i))
        return error_detail{path, brief_json(value[i]), "each option once"};
    }
    return value;
  }

  checked_value text(const json& value) const {
    if (!value.is_string())
      return wrong(value);
    const std::string& sent = value.get_ref<const std::string&>();
    const auto length = static_cast<std::int64_t>(count_code_points(sent));
    const bool fits = length >= length_min(field_) && length <= length_max(field_)
                      && matches(format_of(field_.type), sent)
                      && (!field_.rules.form || field_.rules.form->is_found_in(sent));
    if (!fits)
      return wrong(value);
    return value;
  }

  const custom_field& field_;
  const std::string& path_;
};

} // namespace

checked_value check_value(const custom_field& field, const json& value, const std::string& path) {
  return value_check{field, path}.stored(value);
}

checked_value check_wanted_value(const custom_field& field, const json& value,
                                 const std::string& path) {
  custom_field bare{field.key, field.type, false, field.visible_to, field.options, {}};
  const value_check check{bare, path};
  return field.type == field_type::multi_select ? check.item(value) : check.stored(value);
}

std::string comparable_text(field_type type, const json& value) {
  if (value.is_string() && type == field_type::email)
    return dump_json(normal_email(value.get_ref<const std::string&>()));
  if (value.is_string() && type == field_type::phone)
    return dump_json(phone_digits(value.get_ref<const std::string&>()));
  if (value.is_number_float()) {
    const double number = value.get<double>();
    if (number == std::floor(number) && std::fabs(number) < 9.0e15)
      return std::to_string(static_cast<std::int64_t>(number));
  }
  return dump_json(value);
}

void append_search_text(std::string& out, field_type type, const json& value) {
  if (value.is_structured()) {
    for (const json& item : value)
      append_search_text(out, type, item);
    return;
  }
  if (value.is_string()) {
    const std::string& text = value.get_ref<const std::string&>();
    out += text + ' ';
    if (type == field_type::phone)
      out += phone_digits(text) + ' ';
  } else if (value.is_number()) {
    out += type == field_type::date ? iso_date(value.get<std::int64_t>()) : dump_json(value);
    out += ' ';
  }
}

error_detail unknown_key(const std::vector<custom_field>& fields, std::string_view key,
                         std::string path) {
  std::vector<std::string_view> keys;
  for (const custom_field& field : fields)
    keys.emplace_back(field.key);
  error_detail detail{std::move(path), brief_json(json(key)),
                      keys.empty() ? "no custom field: none is defined here"
                                   : "the key of a defined custom field",
                      first_options(keys)};
  detail.did_you_mean = nearest(key, keys);
  return detail;
}

} // namespace crm
