// SPDX-License-Identifier: Apache-2.0
// Members, their roles and permissions (docs/permissions.md). A change is effective on the member's
// next call.
#include "storage/members.hpp"

#include "actors/tools/catalogue.hpp"
#include "actors/tools/paging.hpp"
#include "actors/tools/records.hpp"
#include "actors/tools/rights.hpp"
#include "actors/tools/room.hpp"

namespace crm::tools {

namespace {

using storage::role;

constexpr std::string_view category = "RBAC";

/// Members on one page of their list.
constexpr std::int64_t page_members = 100;

role role_in(const storage::record& member) {
  return storage::role_named(storage::document_of(member).at("role").get<std::string>());
}

/// Nobody gives or takes a role above the own one: only owners make and unmake owners.
result<void> require_rank(tool_context& context, role touched, std::string_view argument) {
  const auto own = role_of(context);
  if (!own)
    return own.error();
  if (touched <= *own)
    return {};
  const std::string name{storage::role_names.at(static_cast<std::size_t>(touched))};
  const std::string caller{storage::role_names.at(static_cast<std::size_t>(*own))};
  return argument_error(error_code::scope,
                        "the role " + name + " can be given or taken by " + name
                            + "s and above; the caller is " + caller,
                        {std::string{argument}, name, "a role up to " + caller});
}

/// A workspace keeps an owner.
result<void> require_other_owner(tool_context& context, const storage::record& member) {
  if (role_in(member) != role::owner)
    return {};
  const auto owners = context.data.members().count_owners(context.data.db());
  if (!owners)
    return owners.error();
  if (*owners > 1)
    return {};
  return crm::error{error_code::conflict,
                    "this is the last owner, who can be neither removed nor demoted: make another "
                    "member an owner first"};
}

result<tool_reply> store_member(tool_context& context, const storage::record& before, json doc,
                                std::string_view action) {
  const auto after = storage::replace(context.data, storage::member_kind, before, std::move(doc),
                                      action, context.origin);
  context.data.members().forget();
  if (!after)
    return after.error();
  return answer_record(*after);
}

struct list_workspace_members {
  std::optional<std::string> cursor;
  static constexpr auto input = fields(cursor_field(&list_workspace_members::cursor));
};

result<tool_reply> run_list(tool_context& context, const list_workspace_members& in) {
  const auto request = page_requested(context, page_members, in.cursor);
  if (!request)
    return request.error();
  return answer_page(context, storage::list_members(context.data, *request), applied_filters(in));
}

struct add_workspace_member {
  std::string user_id;
  std::string role;
  static constexpr auto input = fields(
      field{"userId", &add_workspace_member::user_id, "The actor name of the user's tokens."}
          .length(1, 200),
      field{"role", &add_workspace_member::role}.one_of(storage::role_names).by_default("editor"));
};

result<tool_reply> run_add(tool_context& context, const add_workspace_member& in) {
  CRM_TRY(require_rank(context, storage::role_named(in.role), "role"));
  const auto present = context.data.members().find(context.data.db(), in.user_id);
  if (!present)
    return present.error();
  if (*present != nullptr && (*present)->standing)
    return argument_error(error_code::conflict,
                          "userId: this user is a member already; to change the role use "
                          "update_member_role",
                          {"userId", brief_json(json(in.user_id)), "a user who is not a member"});
  CRM_TRY(require_room(context, storage::resource::members));
  const json fields{{"userId", in.user_id}, {"role", in.role}, {"permissions", json::object()}};
  const auto created = storage::create(context.data, storage::member_kind, fields, context.origin);
  context.data.members().forget();
  if (!created)
    return created.error();
  return answer_record(*created);
}

struct update_member_role {
  std::string user_id;
  std::string new_role;
  static constexpr auto input =
      fields(field{"userId", &update_member_role::user_id}.length(1),
             field{"newRole", &update_member_role::new_role}.one_of(storage::role_names));
};

result<tool_reply> run_update_role(tool_context& context, const update_member_role& in) {
  const auto before = storage::find_member(context.data, in.user_id, "userId");
  if (!before)
    return before.error();
  const role target = storage::role_named(in.new_role);
  CRM_TRY(require_rank(context, role_in(*before), "userId"));
  CRM_TRY(require_rank(context, target, "newRole"));
  if (target != role::owner)
    CRM_TRY(require_other_owner(context, *before));
  json doc = storage::document_of(*before);
  doc["role"] = in.new_role;
  return store_member(context, *before, std::move(doc), "updated");
}

struct remove_workspace_member {
  std::string user_id;
  static constexpr auto input =
      fields(field{"userId", &remove_workspace_member::user_id}.length(1));
};

result<tool_reply> run_remove(tool_context& context, const remove_workspace_member& in) {
  const auto before = storage::find_member(context.data, in.user_id, "userId");
  if (!before)
    return before.error();
  CRM_TRY(require_rank(context, role_in(*before), "userId"));
  CRM_TRY(require_other_owner(context, *before));
  json doc = storage::document_of(*before);
  doc["archivedAt"] = context.now_ms();
  return store_member(context, *before, std::move(doc), "removed");
}

struct permission_patch {
  patch<bool> export_data;
  patch<bool> manage_integrations;
  patch<bool> manage_billing;
  patch<bool> invite_members;
  patch<bool> manage_workflows;
  static constexpr auto input =
      fields(field{"canExportData", &permission_patch::export_data},
             field{"canManageIntegrations", &permission_patch::manage_integrations},
             field{"canManageBilling", &permission_patch::manage_billing},
             field{"canInviteMembers", &permission_patch::invite_members},
             field{"canManageWorkflows", &permission_patch::manage_workflows});
};

struct update_member_permissions {
  std::string user_id;
  permission_patch permissions;
  static constexpr auto input =
      fields(field{"userId", &update_member_permissions::user_id}.length(1),
             field{"permissions", &update_member_permissions::permissions});
};

result<tool_reply> run_update_permissions(tool_context& context,
                                          const update_member_permissions& in) {
  const auto before = storage::find_member(context.data, in.user_id, "userId");
  if (!before)
    return before.error();
  CRM_TRY(require_rank(context, role_in(*before), "userId"));
  const auto own = role_of(context);
  if (!own)
    return own.error();
  if (in.user_id == context.caller.actor && *own != role::owner)
    return argument_error(error_code::scope,
                          "userId: nobody but an owner changes the own permissions",
                          {"userId", brief_json(json(in.user_id)), "another member"});
  json doc = storage::document_of(*before);
  json given = json::object();
  write_members(given, in.permissions);
  for (const auto& [name, value] : given.items()) {
    if (value.is_null())
      doc["permissions"].erase(name);
    else
      doc["permissions"][name] = value;
  }
  return store_member(context, *before, std::move(doc), "updated");
}

} // namespace

std::vector<tool> member_tools() {
  return {
      declare<list_workspace_members>(
          {"list_workspace_members", "List members", category, scope::read, effect::read,
           "Lists the members with role and permission overrides, the newest first.", true},
          run_list),
      declare<add_workspace_member>(
          {"add_workspace_member", "Add member", category, scope::admin, effect::create,
           "Makes a user a member: from the next call on the role bounds what the user's tokens "
           "reach. Nobody gives a role above the own one."},
          run_add),
      declare<update_member_role>(
          {"update_member_role", "Change member's role", category, scope::admin, effect::update,
           "Sets a member's role, effective on the member's next call. The last owner cannot be "
           "demoted."},
          run_update_role),
      declare<remove_workspace_member>(
          {"remove_workspace_member", "Remove member", category, scope::admin, effect::remove,
           "Removes a member: the user's tokens are refused from the next call on, until the user "
           "is added again. The last owner cannot be removed."},
          run_remove),
      declare<update_member_permissions>(
          {"update_member_permissions", "Change member's permissions", category, scope::admin,
           effect::update,
           "Gives (true) or takes (false) single rights whatever the role says; null leaves them "
           "to the role again. An owner keeps all."},
          run_update_permissions),
  };
}

} // namespace crm::tools
