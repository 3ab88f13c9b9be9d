// SPDX-License-Identifier: Apache-2.0
// A field that a workspace defines itself: its type, what its values must obey, and who may see
// them. Custom fields of contacts, companies, deals and activities and the fields of custom objects
// are the same thing. Pure: knows nothing of where definitions and values are stored.
#pragma once

#include "protocol/json.hpp"
#include "protocol/pattern.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace crm {

/// What kind of value a custom field takes. In the order of `field_type_names`.
enum class field_type : std::uint8_t {
  text,
  number,
  boolean,
  /// A point in time: Unix milliseconds or ISO 8601 in, Unix milliseconds out.
  date,
  /// One of the options.
  select,
  /// An array of distinct options.
  multi_select,
  url,
  email,
  phone,
};

inline constexpr std::array<std::string_view, 9> field_type_names{
    "text", "number", "boolean", "date", "select", "multi_select", "url", "email", "phone"};

/// Who may read a field's values: everyone, or callers who reach that far up. In the order of
/// `visibility_names`; a greater one hides more.
enum class visibility : std::uint8_t { all, admin, owner };

inline constexpr std::array<std::string_view, 3> visibility_names{"all", "admin", "owner"};

/// What the values of a field must obey beside its type; what is not set does not bind.
struct value_rules {
  /// Of a number, or of a date in Unix milliseconds; both ends are included.
  std::optional<double> min;
  std::optional<double> max;
  /// In Unicode code points.
  std::optional<std::int64_t> length_min;
  std::optional<std::int64_t> length_max;
  std::optional<pattern> form;
  /// No two live records have the same value.
  bool unique = false;
};

/// A field as its definition says, ready to check values.
struct custom_field {
  std::string key;
  field_type type = field_type::text;
  bool required = false;
  visibility visible_to = visibility::all;
  std::vector<std::string> options;
  value_rules rules;
};

/// Reads a stored definition. @pre `complete_definition` found nothing wrong with it.
custom_field custom_field_of(const json& definition);

/// Checks what JSON Schema cannot say of a definition: that `options` and `validation` fit the
/// `fieldType`, that bounds are in order, that a pattern compiles. Writes dates in `validation` as
/// milliseconds and drops an empty `validation`. What is wrong is appended to `wrong`, with paths
/// that start with `prefix`. @pre the members have the types that the tools' schemas give them.
void complete_definition(json& definition, const std::string& prefix,
                         std::vector<error_detail>& wrong);

/// A value in the form in which it is stored, or what is wrong with it.
using checked_value = std::variant<json, error_detail>;

/// Checks a value that is to be stored: type, options, rules; a required field takes no empty text
/// and no empty array. `path` is where the caller sent it. Null is no value.
checked_value check_value(const custom_field& field, const json& value, const std::string& path);

/// Checks a value that is to be looked up: one item of a multi_select, and no rules but the type.
checked_value check_wanted_value(const custom_field& field, const json& value,
                                 const std::string& path);

/// Returns the text under which one value, or one item of an array, is compared: JSON text, where 5
/// and 5.0 are one number, e-mail addresses do not differ by case and telephone numbers only by
/// their digits.
std::string comparable_text(field_type type, const json& value);

/// Appends what a search finds the value by: words; a date as `2026-11-22`; a telephone number
/// as it was written and its digits.
void append_search_text(std::string& out, field_type type, const json& value);

/// Describes a key that no field has, with the keys that there are.
error_detail unknown_key(const std::vector<custom_field>& fields, std::string_view key,
                         std::string path);

} // namespace crm
