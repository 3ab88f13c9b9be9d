// SPDX-License-Identifier: Apache-2.0
// What membership permits: roles and the five permissions (docs/permissions.md). The token's scope
// was checked before, by the router; nothing here widens it.
#pragma once

#include "actors/tools/tool.hpp"

namespace crm::tools {

/// Decides whether the caller's membership reaches the tool. Whoever never was a member is limited
/// by the token's scope alone: the operator who issued it vouches for it.
/// @errors scope, naming the role or the permission that is needed; storage.
result<void> authorize_member(tool_context& context);

/// Returns the role in which the caller acts. The local user is an owner; one who never was a
/// member stands where the token's scope reaches: admin an owner, write an editor, else a viewer.
/// @pre the caller was not removed. @errors storage.
result<storage::role> role_of(tool_context& context);

} // namespace crm::tools
