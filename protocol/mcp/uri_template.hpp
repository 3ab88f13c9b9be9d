// SPDX-License-Identifier: Apache-2.0
// URI templates with simple variables (RFC 6570 level 1): `crm://contact/{id}`. Matches addresses
// against them; never fetches anything.
#pragma once

#include "protocol/json.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crm::mcp {

/// A template, taken apart once.
class uri_template {
public:
  /// @pre every `{` has its `}`, and behind a variable comes `/`, `?`, `#` or the end.
  explicit uri_template(std::string_view pattern);

  /// Returns the variables by name, percent-decoded, if the template makes `uri`. A variable is
  /// never empty and holds no `/`, `?` or `#`.
  std::optional<json> match(std::string_view uri) const;

private:
  struct piece {
    std::string literal;
    /// The variable behind the literal; empty for none.
    std::string variable;
  };
  std::vector<piece> pieces_;
};

/// Returns whether `uri` has a scheme, something behind it, and only the characters of RFC 3986.
bool is_uri(std::string_view uri);

} // namespace crm::mcp
