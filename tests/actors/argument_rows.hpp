// SPDX-License-Identifier: Apache-2.0
// What tests/actors/tools.json says of the tools' arguments, and what follows from it: values that
// a tool must take, and values that it must refuse.
#pragma once

#include "protocol/json.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace crm::test {

/// The rows of tools.json: name, category, scope, args.
const json& tool_rows();

/// Returns the row of a tool, or null.
const json* row_of(std::string_view tool);

/// A value for an argument, and what about it is under test.
struct argument_case {
  std::string what;
  json value;
  /// Where the refusal must point, such as `actions[0].type`.
  std::string path;
};

/// Returns a value that the rules of an argument allow.
json allowed_value(const std::string& name, const json& rules);

/// Returns the values at the bounds of the rules, all of them allowed.
std::vector<argument_case> allowed_cases(const std::string& name, const json& rules);

/// Returns values that break one rule each; null is left out when it clears the argument.
std::vector<argument_case> refused_cases(const std::string& name, const json& rules,
                                         bool null_clears);

} // namespace crm::test
