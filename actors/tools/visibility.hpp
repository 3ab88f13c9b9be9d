// SPDX-License-Identifier: Apache-2.0
// Who may read the values of a custom field, and how they are kept from everyone else: in one
// place, through which every answer of every tool passes.
#pragma once

#include "actors/tools/tool.hpp"
#include "protocol/custom_field.hpp"

namespace crm::tools {

/// Returns how far up a caller reaches. The local user and cloud-admin read everything; beyond
/// them a token without the scope admin reads what all may read, and one with it what the member's
/// role may read, or the admins' where its holder never was a member. @errors storage.
result<visibility> clearance_of(tool_context& context);

/// Checks that the caller may read the field's values. @errors scope; storage.
result<void> require_visible(tool_context& context, const custom_field& field);

/// Takes the values that the caller may not read out of an answer, wherever in it a contact,
/// company, deal or activity stands, or its history. Costs nothing while no field is hidden.
/// @errors storage.
result<void> hide_values(tool_context& context, tool_reply& reply);

} // namespace crm::tools
