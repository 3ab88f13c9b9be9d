// SPDX-License-Identifier: Apache-2.0
#include "actors/tools/rights.hpp"

#include <array>

namespace crm::tools {

namespace {

using storage::permission;
using storage::role;

/// Which tools a permission gives or takes.
struct governed_tool {
  std::string_view tool;
  permission by;
};

constexpr std::array<governed_tool, 14> governed_tools{{
    {"list_audit_log", permission::export_data},
    {"get_entity_history", permission::export_data},
    {"get_actor_history", permission::export_data},
    {"add_custom_field", permission::manage_integrations},
    {"update_custom_field_definition", permission::manage_integrations},
    {"delete_custom_field", permission::manage_integrations},
    {"add_custom_object", permission::manage_integrations},
    {"list_workspace_limits", permission::manage_billing},
    {"add_workspace_member", permission::invite_members},
    {"create_workflow", permission::manage_workflows},
    {"update_workflow", permission::manage_workflows},
    {"pause_workflow", permission::manage_workflows},
    {"resume_workflow", permission::manage_workflows},
    {"replay_execution", permission::manage_workflows},
}};

const governed_tool* governed(std::string_view tool) {
  for (const governed_tool& each : governed_tools) {
    if (each.tool == tool)
      return &each;
  }
  return nullptr;
}

/// What a role reaches (design §4.4).
const scope_set& scopes_of(role standing) {
  static const std::array<scope_set, storage::role_names.size()> reached{
      scope_set{scope::read},
      scope_set{scope::write, scope::workflow_trigger},
      scope_set{scope::admin, scope::workflow_trigger},
      scope_set{scope::admin, scope::workflow_trigger},
  };
  return reached.at(static_cast<std::size_t>(standing));
}

std::string_view name_of(role standing) {
  return storage::role_names.at(static_cast<std::size_t>(standing));
}

std::string_view name_of(permission which) {
  return storage::permission_names.at(static_cast<std::size_t>(which));
}

crm::error removed_error(const principal& caller) {
  return argument_error(error_code::scope,
                        caller.actor
                            + " was removed from this workspace: ask an owner to be added "
                              "again",
                        {"member", caller.actor + ", removed", "a member of the workspace"});
}

crm::error taken_error(const principal& caller, std::string_view tool, permission missing) {
  return argument_error(error_code::scope,
                        std::string{tool} + " needs the permission " + std::string{name_of(missing)}
                            + ", which was taken from " + caller.actor,
                        {"member.permissions." + std::string{name_of(missing)}, "false", "true"});
}

crm::error role_error(const tool_spec& tool, role standing, const governed_tool* rule) {
  role needed = role::viewer;
  while (!scopes_of(needed).reaches(tool.needs) && needed != role::owner)
    needed = static_cast<role>(static_cast<int>(needed) + 1);
  std::string expected{name_of(needed)};
  if (rule != nullptr)
    expected += ", or the permission " + std::string{name_of(rule->by)};
  return argument_error(error_code::scope,
                        std::string{tool.name} + " needs the role " + expected + " (scope "
                            + std::string{crm::name_of(tool.needs)} + "); this member is "
                            + std::string{name_of(standing)},
                        {"member.role", std::string{name_of(standing)}, expected});
}

} // namespace

result<void> authorize_member(tool_context& context) {
  if (context.caller.vouched_by == voucher::transport)
    return {};
  const auto known = context.data.members().find(context.data.db(), context.caller.actor);
  if (!known)
    return known.error();
  if (*known == nullptr)
    return {};
  const storage::membership& member = **known;
  if (!member.standing)
    return removed_error(context.caller);
  const governed_tool* rule = governed(context.tool.name);
  // Nothing is taken from an owner: a workspace could lock itself out.
  if (rule != nullptr && *member.standing != role::owner) {
    if (const auto decided = member.override_of(rule->by))
      return *decided ? result<void>{} : taken_error(context.caller, context.tool.name, rule->by);
  }
  if (scopes_of(*member.standing).reaches(context.tool.needs))
    return {};
  return role_error(context.tool, *member.standing, rule);
}

result<role> role_of(tool_context& context) {
  if (context.caller.vouched_by == voucher::transport)
    return role::owner;
  const auto known = context.data.members().find(context.data.db(), context.caller.actor);
  if (!known)
    return known.error();
  if (*known != nullptr && (*known)->standing)
    return *(*known)->standing;
  if (context.caller.scopes.reaches(scope::admin))
    return role::owner;
  return context.caller.scopes.reaches(scope::write) ? role::editor : role::viewer;
}

} // namespace crm::tools
