// SPDX-License-Identifier: Apache-2.0
// Suggestions for the arguments of prompts and the variables of resources, from the live data of
// the caller's workspace and with his rights.
#pragma once

#include "protocol/call.hpp"
#include "protocol/mcp/registry.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace crm::mcp {

/// Where suggestions for one kind of record come from.
struct record_source {
  /// What the ids begin with.
  std::string_view id_prefix;
  std::string_view list_tool;
  std::string_view search_tool;
  /// The members that name a record, the second one may be empty.
  std::string_view name_member;
  std::string_view second_name_member;
};

inline constexpr record_source contact_records{"con_", "list_contacts", "search_contacts",
                                               "firstName", "lastName"};
inline constexpr record_source company_records{"com_", "list_companies", "search_companies", "name",
                                               ""};
inline constexpr record_source deal_records{"deal_", "list_deals", "search_deals", "title", ""};

/// Suggests ids: the newest, those that begin with what was typed, or those of what a search finds.
completer suggest_ids(gateway& crm, record_source source);

/// Suggests records as `labelled` writes them.
completer suggest_records(gateway& crm, record_source source);

/// Suggests the stages of the workspace.
completer suggest_stages(gateway& crm);

/// Suggests the members of the workspace, by the names under which they act.
completer suggest_members(gateway& crm);

/// Suggests those of `values` that begin with what was typed.
completer suggest_values(std::vector<std::string> values);

/// Returns a record as a person tells it apart: `Jane Roe (con_…)`.
std::string labelled(const record_source& source, const json& record);

/// Returns the id that `text` is, or ends with in parentheses; empty when there is none.
std::string id_in(const record_source& source, std::string_view text);

} // namespace crm::mcp
