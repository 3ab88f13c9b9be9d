// SPDX-License-Identifier: Apache-2.0
// All tools, in the fixed order in which they are listed.
#pragma once

#include "actors/tools/tool.hpp"

#include <array>
#include <string_view>
#include <vector>

namespace crm::tools {

/// Returns every tool. Built once; ends the program when two rows contradict each other.
const std::vector<tool>& catalogue();

/// Returns the tool of that name, or null.
const tool* find_tool(std::string_view name);

/// Returns what runs for a call of that kind: a tool, the preview of one, or a view; null when
/// there is none of that name.
const tool* find_tool(call_kind kind, std::string_view name);

/// Returns what the world may know of every tool, in the order of the catalogue.
const std::vector<const tool_spec*>& tool_specs();

/// Returns docs/tools.md: every tool with its arguments.
std::string tools_markdown();

// One function per family; a new family adds its line here and in catalogue.cpp.
std::vector<tool> contact_tools();
std::vector<tool> company_tools();
std::vector<tool> deal_tools();
std::vector<tool> activity_tools();
std::vector<tool> custom_field_tools();
std::vector<tool> custom_object_tools();
std::vector<tool> workflow_tools();
std::vector<tool> analytics_tools();
std::vector<tool> admin_tools();
std::vector<tool> member_tools();

/// Declared with the pipeline's sums, listed with the deals and with the analytics.
tool forecast_pipeline();
tool pipeline_value();

/// What the tools that erase for good would do.
tool purge_preview();
tool custom_field_deletion_preview();

/// What MCP resources show and no tool does: `schema` and `stages`.
std::vector<tool> views();

/// The types of activities, in the order in which they are listed.
inline constexpr std::array<std::string_view, 5> activity_types{"call", "email", "meeting", "note",
                                                                "task"};

} // namespace crm::tools
