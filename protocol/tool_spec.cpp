// SPDX-License-Identifier: Apache-2.0
#include "protocol/tool_spec.hpp"

#include "protocol/nearest.hpp"

namespace crm {

json describe_for_mcp(const tool_spec& tool) {
  const bool destructive = tool.does == effect::remove || tool.does == effect::erase;
  return {{"name", tool.name},
          {"title", tool.title},
          {"description", tool.summary},
          {"inputSchema", schema_json(tool.input)},
          {"annotations",
           {{"readOnlyHint", !tool.writes()},
            {"destructiveHint", destructive},
            {"idempotentHint", tool.does != effect::create},
            {"openWorldHint", false}}}};
}

json describe_for_rest(const tool_spec& tool) {
  return {{"name", tool.name},
          {"description", tool.summary},
          {"category", tool.category},
          {"scope", name_of(tool.needs)},
          {"inputSchema", schema_json(tool.input)}};
}

std::string_view nearest_tool(const std::vector<const tool_spec*>& tools, std::string_view name) {
  std::vector<std::string_view> names;
  names.reserve(tools.size());
  for (const tool_spec* tool : tools)
    names.push_back(tool->name);
  return nearest(name, names);
}

} // namespace crm
