// SPDX-License-Identifier: Apache-2.0
// Who belongs to a workspace, in memory: what is asked on every call. It reads the members' table
// and never writes it.
#pragma once

#include "storage/database.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace crm::storage {

/// What a member is, from the one who may look to the one who may do everything.
enum class role : std::uint8_t { viewer, editor, admin, owner };

/// The names of the roles, in the order of their strength.
inline constexpr std::array<std::string_view, 4> role_names{"viewer", "editor", "admin", "owner"};

/// A right that can be given to or taken from one member, whatever the role says.
enum class permission : std::uint8_t {
  export_data,
  manage_integrations,
  manage_billing,
  invite_members,
  manage_workflows,
};

/// The names of the permissions, in the order of the enumeration.
inline constexpr std::array<std::string_view, 5> permission_names{
    "canExportData", "canManageIntegrations", "canManageBilling", "canInviteMembers",
    "canManageWorkflows"};

/// What is known of someone who is, or was, a member.
struct membership {
  /// None once the member was removed.
  std::optional<role> standing;
  /// True gives, false takes, none leaves it to the role; in the order of the permissions.
  std::array<std::optional<bool>, permission_names.size()> overrides;

  std::optional<bool> override_of(permission which) const {
    return overrides.at(static_cast<std::size_t>(which));
  }
};

/// Returns the role of that name. @pre the name is one of `role_names`.
role role_named(std::string_view name);

/// The members of one workspace in memory, so that checking a caller reads no table. Whoever
/// changes a member, or undoes a change, calls `forget`; the next question reads the table again.
class member_directory {
public:
  /// Returns what is known of a user, or null for one who never was a member. @errors storage.
  result<const membership*> find(database& db, std::string_view user_id);

  /// Counts the owners. @errors storage.
  result<std::int64_t> count_owners(database& db);

  void forget() { loaded_ = false; }

private:
  result<void> load(database& db);

  bool loaded_ = false;
  std::map<std::string, membership, std::less<>> members_;
};

} // namespace crm::storage
