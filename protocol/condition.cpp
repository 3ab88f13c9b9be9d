// SPDX-License-Identifier: Apache-2.0
#include "protocol/condition.hpp"

#include "protocol/input.hpp"
#include "protocol/nearest.hpp"
#include "protocol/template_text.hpp"

#include <algorithm>
#include <array>

namespace crm {

namespace {

constexpr std::array<std::string_view, 11> operators{
    "eq", "ne", "gt", "gte", "lt", "lte", "in", "contains", "starts_with", "exists", "missing"};
constexpr std::size_t conditions_max = 20;

struct condition_args {
  std::string field;
  std::string op;
  std::optional<json> value;

  static constexpr auto input = fields(
      crm::field{"field", &condition_args::field}.length(1, 200),
      crm::field{"op", &condition_args::op}.one_of(operators).by_default(std::string_view{"eq"}),
      crm::field{"value", &condition_args::value});
};

bool needs_value(comparison how) {
  return how != comparison::exists && how != comparison::missing;
}

/// What is wrong with a condition beyond the shape of its members.
std::vector<error_detail> check_sense(const condition& read, bool has_value,
                                      const std::string& prefix,
                                      const std::vector<std::string_view>& roots) {
  const std::string_view field{read.field};
  const std::string_view root = field.substr(0, field.find('.'));
  if (std::find(roots.begin(), roots.end(), root) == roots.end()) {
    error_detail detail{prefix + "field", brief_json(json(field)), "a path with a valid beginning"};
    detail.valid_options.assign(roots.begin(), roots.end());
    detail.did_you_mean = nearest(root, roots);
    return {std::move(detail)};
  }
  if (needs_value(read.how) != has_value)
    return {{prefix + "value", has_value ? brief_json(read.value) : "nothing",
             has_value ? "nothing beside exists and missing" : "the value to compare with"}};
  if (read.how == comparison::in && !read.value.is_array())
    return {{prefix + "value", brief_json(read.value), "an array, beside in"}};
  return {};
}

/// Orders numbers by value and texts by their bytes; anything else has no order.
std::optional<int> order_of(const json& a, const json& b) {
  if (a.is_number() && b.is_number()) {
    const double left = a.get<double>();
    const double right = b.get<double>();
    return left < right ? -1 : (left > right ? 1 : 0);
  }
  if (a.is_string() && b.is_string())
    return a.get_ref<const std::string&>().compare(b.get_ref<const std::string&>());
  return std::nullopt;
}

bool contains(const json& value, const json& wanted) {
  if (value.is_array())
    return std::find(value.begin(), value.end(), wanted) != value.end();
  return value.is_string() && wanted.is_string()
         && value.get_ref<const std::string&>().find(wanted.get_ref<const std::string&>())
                != std::string::npos;
}

bool holds(const condition& rule, const json* value) {
  if (value == nullptr || value->is_null())
    return rule.how == comparison::missing || rule.how == comparison::ne;
  const std::optional<int> order = order_of(*value, rule.value);
  switch (rule.how) {
  case comparison::eq:
    return *value == rule.value;
  case comparison::ne:
    return *value != rule.value;
  case comparison::gt:
    return order && *order > 0;
  case comparison::gte:
    return order && *order >= 0;
  case comparison::lt:
    return order && *order < 0;
  case comparison::lte:
    return order && *order <= 0;
  case comparison::in:
    return contains(rule.value, *value);
  case comparison::contains:
    return contains(*value, rule.value);
  case comparison::starts_with:
    return value->is_string() && rule.value.is_string()
           && value->get_ref<const std::string&>().starts_with(
               rule.value.get_ref<const std::string&>());
  case comparison::exists:
    return true;
  case comparison::missing:
    return false;
  }
  return false;
}

} // namespace

result<std::vector<condition>> parse_conditions(const json& list, const std::string& prefix,
                                                const std::vector<std::string_view>& roots) {
  if (!list.is_array() || list.size() > conditions_max)
    return arguments_error({{prefix, brief_json(list),
                             "an array of at most " + std::to_string(conditions_max)
                                 + " conditions such as {field, op, value}"}});
  static const input_schema schema = schema_of<condition_args>();
  std::vector<condition> conditions;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string at = prefix + "[" + std::to_string(i) + "]";
    if (!list[i].is_object())
      return arguments_error({{at, brief_json(list[i]), "an object {field, op, value}"}});
    auto wrong = check_members(schema, list[i], at + ".", placeholders::are_text);
    if (!wrong.empty())
      return arguments_error(std::move(wrong));
    const auto args = read_input<condition_args>(list[i]);
    const auto op = std::find(operators.begin(), operators.end(), args.op) - operators.begin();
    condition read{args.field, static_cast<comparison>(op), args.value.value_or(json{})};
    wrong = check_sense(read, args.value.has_value(), at + ".", roots);
    if (!wrong.empty())
      return arguments_error(std::move(wrong));
    conditions.push_back(std::move(read));
  }
  return conditions;
}

bool holds(const std::vector<condition>& conditions, const json& root) {
  return std::all_of(conditions.begin(), conditions.end(), [&](const condition& rule) {
    return holds(rule, value_at(root, rule.field));
  });
}

} // namespace crm
