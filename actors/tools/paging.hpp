// SPDX-License-Identifier: Apache-2.0
// What every list and search tool shares: the arguments `limit` and `cursor`, and the `page` that
// travels beside the data.
#pragma once

#include "actors/tools/tool.hpp"
#include "storage/search.hpp"

#include <optional>
#include <string>

namespace crm::tools {

/// Declares the argument `limit`.
template <class Args>
constexpr auto limit_field(std::int64_t Args::*member, std::int64_t fallback, double max) {
  return field{"limit", member}.range(1, max).by_default(fallback);
}

/// Declares the argument `cursor`.
template <class Args>
constexpr auto cursor_field(std::optional<std::string> Args::*member) {
  return field{"cursor", member};
}

/// Reads `limit` and `cursor` into a request for a page. @errors validation.
result<storage::page_request> page_requested(const tool_context& context, std::int64_t limit,
                                             const std::optional<std::string>& cursor);

/// Returns the filters of a list as they were understood: every argument but the cursor.
template <class Args>
json applied_filters(const Args& in) {
  json applied = json::object();
  write_members(applied, in);
  applied.erase("cursor");
  return applied;
}

/// Answers with a page: the documents, and beside them `returned`, `total`, `nextCursor` and
/// `applied`, the filters as they were understood.
result<tool_reply> answer_page(const tool_context& context, result<storage::page> found,
                               json applied);

} // namespace crm::tools
