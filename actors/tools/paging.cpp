// SPDX-License-Identifier: Apache-2.0
#include "actors/tools/paging.hpp"

namespace crm::tools {

namespace {

/// Identifies a list: the tool and its filters, in the order of the tool's declaration.
std::string list_name(const tool_context& context) {
  json filters = json::object();
  for (const field_spec& field : context.tool.input) {
    const bool filters_list = field.name != "limit" && field.name != "cursor"
                              && field.name != "workspaceId" && field.name != "actorId";
    if (filters_list && context.args.contains(field.name))
      filters[std::string{field.name}] = context.args.at(std::string{field.name});
  }
  return std::string{context.tool.name} + dump_json(filters);
}

} // namespace

result<storage::page_request> page_requested(const tool_context& context, std::int64_t limit,
                                             const std::optional<std::string>& cursor) {
  storage::page_request request{limit, std::nullopt};
  if (!cursor)
    return request;
  const auto at = storage::read_cursor(context.data.cursor_key(), list_name(context), *cursor);
  if (!at)
    return at.error();
  request.after = *at;
  return request;
}

result<tool_reply> answer_page(const tool_context& context, result<storage::page> found,
                               json applied) {
  if (!found)
    return std::move(found).error();
  json page{{"returned", found->returned}, {"total", found->total}, {"nextCursor", nullptr}};
  if (found->total_is_lower_bound)
    page["totalIsLowerBound"] = true;
  if (found->next)
    page["nextCursor"] =
        storage::make_cursor(context.data.cursor_key(), list_name(context), *found->next);
  page["applied"] = std::move(applied);
  return tool_reply{std::move(found->data), dump_json(page)};
}

} // namespace crm::tools
