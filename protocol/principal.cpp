// SPDX-License-Identifier: Apache-2.0
#include "protocol/principal.hpp"

#include "protocol/tool_spec.hpp"

#include <array>

namespace crm {

namespace {

constexpr std::array<std::string_view, 5> tier_names{"read", "write", "admin", "workflow-trigger",
                                                     "cloud-admin"};
constexpr std::array<scope, 5> tiers{scope::read, scope::write, scope::admin,
                                     scope::workflow_trigger, scope::cloud_admin};

} // namespace

scope_set::scope_set(std::initializer_list<scope> scopes) {
  for (const scope tier : scopes)
    insert(tier);
}

bool scope_set::reaches(scope needed) const {
  if (contains(scope::cloud_admin) || contains(needed))
    return true;
  switch (needed) {
  case scope::read:
    return contains(scope::write) || contains(scope::admin);
  case scope::write:
    return contains(scope::admin);
  case scope::admin:
  case scope::workflow_trigger:
  case scope::cloud_admin:
    return false;
  }
  return false;
}

std::string scope_set::to_string() const {
  std::string text;
  for (const scope tier : tiers) {
    if (!contains(tier))
      continue;
    if (!text.empty())
      text += ',';
    text += name_of(tier);
  }
  return text;
}

std::string_view name_of(scope tier) {
  return tier_names.at(static_cast<std::size_t>(tier));
}

result<scope_set> parse_scopes(std::string_view list) {
  scope_set scopes;
  for (std::size_t from = 0; from <= list.size();) {
    const std::size_t comma = std::min(list.find(',', from), list.size());
    const std::string_view name = list.substr(from, comma - from);
    from = comma + 1;
    bool known = false;
    for (const scope tier : tiers) {
      if (name != name_of(tier))
        continue;
      scopes.insert(tier);
      known = true;
    }
    if (!known)
      return error{
          error_code::validation,
          "unknown scope \"" + std::string{name}
              + "\": use one or more of read, write, admin, workflow-trigger, cloud-admin, "
                "separated by commas"};
  }
  return scopes;
}

scope_set all_scopes() {
  return {scope::read, scope::write, scope::admin, scope::workflow_trigger, scope::cloud_admin};
}

result<void> authorize(const principal& caller, const tool_spec& tool) {
  if (caller.scopes.reaches(tool.needs))
    return {};
  return argument_error(error_code::scope,
                        std::string{tool.name} + " needs the scope "
                            + std::string{name_of(tool.needs)} + "; this token has "
                            + caller.scopes.to_string(),
                        {.path = "scope",
                         .got = caller.scopes.to_string(),
                         .expected = std::string{name_of(tool.needs)}});
}

} // namespace crm
