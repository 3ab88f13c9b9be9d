// SPDX-License-Identifier: Apache-2.0
// Conditions of workflows: `{"field":"after.value","op":"gte","value":1000}`. All conditions of a
// list must hold.
#pragma once

#include "protocol/json.hpp"

#include <string>
#include <vector>

namespace crm {

/// How a field is compared.
enum class comparison : std::uint8_t {
  eq,
  ne,
  gt,
  gte,
  lt,
  lte,
  in,
  contains,
  starts_with,
  exists,
  missing,
};

/// One comparison of one field with a value.
struct condition {
  /// A path such as `after.stage`.
  std::string field;
  comparison how = comparison::eq;
  json value;
};

/// Reads a list of conditions. `prefix` names the list in the details of an error; `roots` are the
/// first words that a field may begin with. @errors validation.
result<std::vector<condition>> parse_conditions(const json& list, const std::string& prefix,
                                                const std::vector<std::string_view>& roots);

/// Returns whether all conditions hold for the values in `root`. A field that is missing fulfils
/// only `missing` and `ne`.
bool holds(const std::vector<condition>& conditions, const json& root);

} // namespace crm
