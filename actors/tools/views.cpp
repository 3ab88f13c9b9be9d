// SPDX-License-Identifier: Apache-2.0
// Views of the workspace that no tool gives: what its records are made of, and its stages.
#include "actors/tools/catalogue.hpp"
#include "protocol/limits.hpp"
#include "storage/custom_definitions.hpp"
#include "storage/deals.hpp"

#include <array>

namespace crm::tools {

namespace {

constexpr std::string_view category = "Views";

struct no_arguments {
  static constexpr auto input = fields();
};

/// A type of record, and the tool whose arguments say what it is made of.
struct described_type {
  std::string_view type;
  std::string_view created_by;
};

constexpr std::array<described_type, 4> described_types{{
    {"contact", "create_contact"},
    {"company", "create_company"},
    {"deal", "create_deal"},
    {"activity", "create_activity"},
}};

/// Returns every definition that `list` pages through, newest first.
template <class List>
result<json> all_definitions(List list) {
  json all = json::array();
  storage::page_request request{static_cast<std::int64_t>(limits::custom_fields_max)};
  for (;;) {
    const auto page = list(request);
    if (!page)
      return page.error();
    for (const json& each : json::parse(page->data))
      all.push_back(each);
    if (!page->next)
      return result<json>{std::move(all)};
    request.after = page->next;
  }
}

result<json> describe(tool_context& context, const described_type& what) {
  json schema = schema_json(find_tool(what.created_by)->spec.input);
  for (const char* argument : {"workspaceId", "actorId", "customFields"})
    schema["properties"].erase(argument);
  auto fields = all_definitions([&](const storage::page_request& request) {
    return storage::list_custom_fields(context.data, std::string{what.type}, request);
  });
  if (!fields)
    return fields;
  return result<json>{json{{"type", what.type},
                           {"fields", std::move(schema["properties"])},
                           {"required", schema.value("required", json::array())},
                           {"customFields", *std::move(fields)}}};
}

result<tool_reply> show_schema(tool_context& context, const no_arguments&) {
  json types = json::array();
  for (const described_type& each : described_types) {
    auto described = describe(context, each);
    if (!described)
      return std::move(described).error();
    types.push_back(*std::move(described));
  }
  auto objects = all_definitions([&](const storage::page_request& request) {
    return storage::list_custom_objects(context.data, request);
  });
  if (!objects)
    return std::move(objects).error();
  return tool_reply{
      dump_json({{"recordTypes", std::move(types)}, {"customObjects", *std::move(objects)}})};
}

result<tool_reply> show_stages(tool_context& context, const no_arguments&) {
  constexpr std::array<std::string_view, 3> outcomes{"open", "won", "lost"};
  const auto stages = storage::list_stages(context.data);
  if (!stages)
    return stages.error();
  json list = json::array();
  for (const storage::stage& each : *stages)
    list.push_back({{"name", each.name},
                    {"probability", each.probability},
                    {"outcome", outcomes.at(static_cast<std::size_t>(each.outcome))}});
  return tool_reply{dump_json({{"stages", std::move(list)}})};
}

} // namespace

std::vector<tool> views() {
  return {
      declare<no_arguments>({"schema", "Schema", category, scope::read, effect::read,
                             "What contacts, companies, deals, activities and custom objects are "
                             "made of in this workspace, custom fields included."},
                            show_schema),
      declare<no_arguments>({"stages", "Stages", category, scope::read, effect::read,
                             "The stages of a deal in their order, each with its default "
                             "probability and its outcome."},
                            show_stages),
  };
}

} // namespace crm::tools
