// SPDX-License-Identifier: Apache-2.0
#include "actors/tools/catalogue.hpp"

#include "actors/tools/rights.hpp"
#include "actors/tools/visibility.hpp"
#include "protocol/log.hpp"

#include <cstdlib>
#include <iterator>
#include <unordered_map>

namespace crm::tools {

namespace {

bool is_tool_name(std::string_view name) {
  return !name.empty() && name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == name.npos;
}

/// A catalogue that contradicts itself is a mistake of ours, found at the first start.
void require_sound(const std::vector<tool>& tools) {
  std::unordered_map<std::string_view, int> names;
  for (const tool& each : tools) {
    const bool sound = is_tool_name(each.spec.name) && !each.spec.title.empty()
                       && !each.spec.summary.empty() && ++names[each.spec.name] == 1;
    if (sound)
      continue;
    log_line(log_level::error, "unsound_tool", {{"tool", each.spec.name}});
    std::abort();
  }
}

std::vector<tool> build() {
  std::vector<tool> all;
  for (const auto family :
       {contact_tools, company_tools, deal_tools, activity_tools, custom_field_tools,
        custom_object_tools, workflow_tools, analytics_tools, admin_tools, member_tools}) {
    std::vector<tool> tools = family();
    std::move(tools.begin(), tools.end(), std::back_inserter(all));
  }
  require_sound(all);
  return all;
}

void describe_argument(std::string& out, const field_spec& field, const json& schema) {
  const json property = schema.at("properties").at(std::string{field.name});
  out += "| `" + std::string{field.name} + "` | " + (field.required ? "yes" : "") + " | `";
  json rules = property;
  rules.erase("description");
  out += dump_json(rules) + "` | " + std::string{field.about} + " |\n";
}

} // namespace

const std::vector<tool>& catalogue() {
  static const std::vector<tool> tools = build();
  return tools;
}

const tool* find_tool(std::string_view name) {
  static const auto by_name = [] {
    std::unordered_map<std::string_view, const tool*> index;
    for (const tool& each : catalogue())
      index.emplace(each.spec.name, &each);
    return index;
  }();
  const auto found = by_name.find(name);
  return found == by_name.end() ? nullptr : found->second;
}

const tool* find_tool(call_kind kind, std::string_view name) {
  if (kind == call_kind::tool)
    return find_tool(name);
  static const std::vector<tool> previews{purge_preview(), custom_field_deletion_preview()};
  static const std::vector<tool> shown = views();
  for (const tool& each : kind == call_kind::preview ? previews : shown)
    if (each.spec.name == name)
      return &each;
  return nullptr;
}

const std::vector<const tool_spec*>& tool_specs() {
  static const auto specs = [] {
    std::vector<const tool_spec*> list;
    for (const tool& each : catalogue())
      list.push_back(&each.spec);
    return list;
  }();
  return specs;
}

std::string tools_markdown() {
  std::string out =
      "# Tools\n\nGenerated from the catalogue by `vantage-crm tools`; a test compares "
      "it. Every tool also takes\n`workspaceId`, which may only repeat the token's "
      "own workspace.\n";
  std::string_view category;
  for (const tool_spec* tool : tool_specs()) {
    if (tool->category != category) {
      category = tool->category;
      out += "\n## " + std::string{category} + "\n";
    }
    out += "\n### " + std::string{tool->name} + "\n\n" + std::string{tool->summary}
           + "\n\nScope: " + std::string{name_of(tool->needs)}
           + ".\n\n| argument | required | schema | meaning |\n" + "|---|---|---|---|\n";
    const json schema = schema_json(tool->input);
    for (const field_spec& field : tool->input) {
      if (field.name != "workspaceId")
        describe_argument(out, field, schema);
    }
  }
  return out;
}

void add_common_arguments(input_schema& input, const tool_row& row) {
  const auto add = [&](std::string_view name) {
    input.push_back({name, {}, shape::text, false, false, field_rules{}});
  };
  add("workspaceId");
  if (row.ignores_actor_id)
    add("actorId");
}

result<tool_reply> dispatch(const tool& what, tool_context& context) {
  CRM_TRY(authorize_member(context));
  CRM_TRY(check_input(what.spec.input, context.args));
  auto outcome = what.run(context, context.args);
  if (outcome)
    CRM_TRY(hide_values(context, *outcome));
  return outcome;
}

} // namespace crm::tools
