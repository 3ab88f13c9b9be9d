// SPDX-License-Identifier: Apache-2.0
// The arguments of a tool, declared once as a struct with a list of its fields. From that list come
// the JSON Schema, the validation and the reading into the struct:
//
//   struct rename_args {
//     std::string id;
//     std::optional<std::string> name;
//     static constexpr auto input = fields(field{"id", &rename_args::id}.length(1),
//                                          field{"name", &rename_args::name}.length(1, 200));
//   };
//
// A plain member is required, or optional with `.by_default`; std::optional may be left out;
// patch<T> may be left out or be null, which clears the field.
#pragma once

#include "protocol/json.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace crm {

/// An optional argument of an update: left out, cleared by an explicit null, or set.
template <class T>
struct patch {
  bool given = false;
  std::optional<T> value = std::nullopt;
};

/// A point in time in Unix milliseconds (design §3.10).
struct timestamp {
  std::int64_t ms = 0;
  bool operator==(const timestamp&) const = default;
};

/// A JSON object whose members the schema leaves open.
struct json_object {
  json members = json::object();
};

/// What kind of JSON value a field takes.
enum class shape : std::uint8_t {
  text,
  number,
  integer,
  boolean,
  time,
  text_list,
  object,
  list,
  any
};

/// A text form that a plain length cannot express.
enum class text_format : std::uint8_t {
  plain,
  email,
  /// An absolute http or https URL.
  url,
  /// Three ASCII letters.
  currency,
  /// `^[a-z][a-z0-9_]*$`
  field_key,
  /// `^[a-z0-9_]+$`
  object_type,
  /// Digits with the signs that people write between them.
  phone,
};

/// The value a field takes when it is left out.
using field_default = std::variant<std::monostate, std::string_view, std::int64_t, bool>;

/// What a value must obey; what is not set does not bind.
struct field_rules {
  std::size_t length_min = 0;
  std::size_t length_max = std::numeric_limits<std::size_t>::max();
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  std::size_t items_max = std::numeric_limits<std::size_t>::max();
  std::span<const std::string_view> options = {};
  text_format format = text_format::plain;
  field_default fallback = {};
  /// An example value as JSON text, for the schema.
  std::string_view example = {};
  /// A required value may be null, which clears what it names.
  bool or_null = false;
};

/// A field of a tool's input as the validator and the schema see it: types erased.
struct field_spec {
  std::string_view name;
  std::string_view about;
  shape kind;
  bool required;
  bool nullable;
  field_rules rules;
  /// The members of an object, or of each item of a list; empty when they are left open.
  std::vector<field_spec> members = {};
};

/// All fields of a tool's input, in the order of their declaration.
using input_schema = std::vector<field_spec>;

/// Checks `args` against the fields: every wrong argument becomes one detail with path, got and
/// expected. Unknown names are refused with the nearest valid one; nothing is coerced; lengths
/// count Unicode code points. @errors validation.
result<void> check_input(const input_schema& fields, const json& args);

/// What a text that holds a template, such as `{{now}}`, stands for.
enum class placeholders : std::uint8_t {
  /// A text like any other.
  are_text,
  /// Whatever the field takes: its value is known only when the template is filled in.
  fit_anything,
};

/// Checks the members of one object within the arguments and returns what is wrong with them; the
/// paths of the details begin with `prefix`, such as `trigger.config.`.
std::vector<error_detail> check_members(const input_schema& fields, const json& value,
                                        const std::string& prefix, placeholders how);

/// Returns the JSON Schema of an object with these fields, closed to any other.
json schema_json(const input_schema& fields);

// -- declaring -----------------------------------------------------------------------------------

/// One argument: its name, the struct's member that takes it, and what one must know to send it.
template <class Args, class T>
struct field {
  std::string_view name;
  T Args::*member;
  std::string_view about = {};
  field_rules rules = {};

  constexpr field(std::string_view field_name, T Args::*target, std::string_view text = {})
      : name(field_name), member(target), about(text) {}

  /// Bounds a text, in code points.
  constexpr field length(std::size_t min, std::size_t max = field_rules{}.length_max) const {
    return with([&](field_rules& r) { r.length_min = min, r.length_max = max; });
  }
  /// Bounds a number, both ends included.
  constexpr field range(double min, double max = field_rules{}.max) const {
    return with([&](field_rules& r) { r.min = min, r.max = max; });
  }
  constexpr field items(std::size_t max) const {
    return with([&](field_rules& r) { r.items_max = max; });
  }
  /// @pre `options` has static storage.
  constexpr field one_of(std::span<const std::string_view> options) const {
    return with([&](field_rules& r) { r.options = options; });
  }
  constexpr field format(text_format form) const {
    return with([&](field_rules& r) { r.format = form; });
  }
  constexpr field by_default(field_default value) const {
    return with([&](field_rules& r) { r.fallback = value; });
  }
  /// Takes null as a value of its own. @pre T is json.
  constexpr field or_null() const {
    return with([](field_rules& r) { r.or_null = true; });
  }
  /// @pre `json_text` is one JSON value with static storage.
  constexpr field example(std::string_view json_text) const {
    return with([&](field_rules& r) { r.example = json_text; });
  }

private:
  template <class Change>
  constexpr field with(Change change) const {
    field changed = *this;
    change(changed.rules);
    return changed;
  }
};

/// Lists the fields of an argument struct.
template <class... Fields>
constexpr auto fields(Fields... list) {
  return std::tuple<Fields...>{list...};
}

// -- from the declaration to the type-erased fields
// ------------------------------------------------

namespace input_traits {

template <class T>
struct unwrapped {
  using type = T;
  static constexpr bool optional = false;
  static constexpr bool nullable = false;
};
template <class T>
struct unwrapped<std::optional<T>> {
  using type = T;
  static constexpr bool optional = true;
  static constexpr bool nullable = false;
};
template <class T>
struct unwrapped<patch<T>> {
  using type = T;
  static constexpr bool optional = true;
  static constexpr bool nullable = true;
};

template <class T>
struct is_list : std::false_type {};
template <class T>
struct is_list<std::vector<T>> : std::true_type {};

template <class T>
constexpr shape shape_of() {
  if constexpr (std::is_same_v<T, std::string>)
    return shape::text;
  else if constexpr (std::is_same_v<T, double>)
    return shape::number;
  else if constexpr (std::is_same_v<T, std::int64_t>)
    return shape::integer;
  else if constexpr (std::is_same_v<T, bool>)
    return shape::boolean;
  else if constexpr (std::is_same_v<T, timestamp>)
    return shape::time;
  else if constexpr (std::is_same_v<T, std::vector<std::string>>)
    return shape::text_list;
  else if constexpr (std::is_same_v<T, json>)
    return shape::any;
  else if constexpr (is_list<T>::value)
    return shape::list;
  else
    return shape::object;
}

} // namespace input_traits

/// Returns the fields that `Args::input` declares.
template <class Args>
input_schema schema_of();

namespace input_traits {

template <class T>
input_schema members_of_type() {
  if constexpr (is_list<T>::value)
    return members_of_type<typename T::value_type>();
  else if constexpr (requires { T::input; })
    return schema_of<T>();
  else
    return {};
}

template <class Args, class T>
field_spec erase_field(const field<Args, T>& f) {
  using traits = unwrapped<T>;
  using value_type = typename traits::type;
  const bool has_default = !std::holds_alternative<std::monostate>(f.rules.fallback);
  return {f.name,
          f.about,
          shape_of<value_type>(),
          !traits::optional && !has_default,
          traits::nullable || f.rules.or_null,
          f.rules,
          members_of_type<value_type>()};
}

} // namespace input_traits

template <class Args>
input_schema schema_of() {
  return std::apply([](const auto&... f) { return input_schema{input_traits::erase_field(f)...}; },
                    Args::input);
}

// -- reading
// ---------------------------------------------------------------------------------------

/// Reads checked arguments into their struct. @pre `check_input` found nothing wrong.
template <class Args>
Args read_input(const json& args);

namespace input_traits {

template <class T>
T read_value(const json& value) {
  if constexpr (std::is_same_v<T, timestamp>)
    return {value.is_number_float() ? static_cast<std::int64_t>(value.get<double>())
                                    : value.get<std::int64_t>()};
  else if constexpr (std::is_same_v<T, std::int64_t>)
    return value.is_number_float() ? static_cast<std::int64_t>(value.get<double>())
                                   : value.get<std::int64_t>();
  else if constexpr (std::is_same_v<T, json_object>)
    return {value};
  else if constexpr (std::is_same_v<T, json>)
    return value;
  else if constexpr (std::is_same_v<T, std::vector<std::string>>)
    return value.get<std::vector<std::string>>();
  else if constexpr (is_list<T>::value) {
    T list;
    for (const json& item : value)
      list.push_back(read_value<typename T::value_type>(item));
    return list;
  } else if constexpr (requires { T::input; })
    return read_input<T>(value);
  else
    return value.get<T>();
}

template <class T>
T default_value(const field_default& fallback) {
  if constexpr (std::is_same_v<T, std::string>) {
    if (const auto* text = std::get_if<std::string_view>(&fallback))
      return T{*text};
  } else if constexpr (std::is_same_v<T, std::int64_t> || std::is_same_v<T, double>) {
    if (const auto* number = std::get_if<std::int64_t>(&fallback))
      return static_cast<T>(*number);
  } else if constexpr (std::is_same_v<T, bool>) {
    if (const auto* flag = std::get_if<bool>(&fallback))
      return *flag;
  }
  return T{};
}

template <class Args, class T>
void read_into(Args& out, const field<Args, T>& f, const json& args) {
  using traits = unwrapped<T>;
  using value_type = typename traits::type;
  const auto found = args.find(f.name);
  if (found == args.end()) {
    if constexpr (!traits::optional)
      out.*f.member = default_value<value_type>(f.rules.fallback);
    return;
  }
  if constexpr (traits::nullable) {
    (out.*f.member).given = true;
    if (!found->is_null())
      (out.*f.member).value = read_value<value_type>(*found);
  } else {
    out.*f.member = read_value<value_type>(*found);
  }
}

} // namespace input_traits

template <class Args>
Args read_input(const json& args) {
  Args out;
  std::apply([&](const auto&... f) { (input_traits::read_into(out, f, args), ...); }, Args::input);
  return out;
}

// -- writing
// ---------------------------------------------------------------------------------------

/// Writes what was given of `in` over the members of `document`, in the order of declaration;
/// a cleared field becomes null.
template <class Args>
void write_members(json& document, const Args& in);

namespace input_traits {

template <class T>
json value_json(const T& value) {
  if constexpr (std::is_same_v<T, timestamp>) {
    return value.ms;
  } else if constexpr (std::is_same_v<T, json_object>) {
    return value.members;
  } else if constexpr (is_list<T>::value) {
    json list = json::array();
    for (const auto& item : value)
      list.push_back(value_json(item));
    return list;
  } else if constexpr (requires { T::input; }) {
    json members = json::object();
    write_members(members, value);
    return members;
  } else {
    return value;
  }
}

template <class Args, class T>
void write_member(json& document, const Args& in, const field<Args, T>& f) {
  const T& value = in.*f.member;
  if constexpr (unwrapped<T>::nullable) {
    if (value.given)
      document[std::string{f.name}] = value.value ? value_json(*value.value) : json(nullptr);
  } else if constexpr (unwrapped<T>::optional) {
    if (value)
      document[std::string{f.name}] = value_json(*value);
  } else {
    document[std::string{f.name}] = value_json(value);
  }
}

} // namespace input_traits

template <class Args>
void write_members(json& document, const Args& in) {
  reserve_members(document,
                  document.size() + std::tuple_size_v<std::decay_t<decltype(Args::input)>>);
  std::apply([&](const auto&... f) { (input_traits::write_member(document, in, f), ...); },
             Args::input);
}

} // namespace crm
