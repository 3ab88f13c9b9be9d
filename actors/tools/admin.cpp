// SPDX-License-Identifier: Apache-2.0
// The admin tools: the change log (history.cpp), the purge, and the plan's limits.
#include "actors/tools/catalogue.hpp"
#include "actors/tools/history.hpp"
#include "protocol/limits.hpp"
#include "storage/plan.hpp"
#include "storage/purge.hpp"

#include <algorithm>
#include <array>

namespace crm::tools {

namespace {

constexpr std::string_view category = "Admin";
constexpr std::int64_t day_ms = 24LL * 60 * 60 * 1000;

/// A hundred years: what is longer is a mistake.
constexpr double days_max = 36'500;

constexpr std::array<std::string_view, 4> purgeable_types{"contact", "company", "deal",
                                                          "custom_object_record"};

struct purge_archived_records {
  std::string entity_type;
  std::int64_t older_than_days;

  static constexpr auto input =
      fields(field{"entityType", &purge_archived_records::entity_type}.one_of(purgeable_types),
             field{"olderThanDays", &purge_archived_records::older_than_days, "Since archived."}
                 .range(storage::grace_days, days_max)
                 .by_default(std::int64_t{storage::grace_days}));
};

const storage::purge_sql& kind_of(const purge_archived_records& in) {
  const auto kinds = storage::purgeable_kinds();
  return *std::ranges::find(kinds, in.entity_type, &storage::purge_sql::name);
}

std::int64_t archived_until(const tool_context& context, const purge_archived_records& in) {
  return context.now_ms() - in.older_than_days * day_ms;
}

result<tool_reply> run_purge(tool_context& context, const purge_archived_records& in) {
  const std::int64_t until = archived_until(context, in);
  const auto outcome = storage::purge(context.data, kind_of(in), until, limits::purge_records_max,
                                      context.origin, context.progress);
  if (!outcome)
    return outcome.error();
  const json data{{"entityType", in.entity_type},
                  {"olderThanDays", in.older_than_days},
                  {"archivedUntil", until},
                  {"purged", outcome->purged},
                  {"erasedChanges", outcome->erased_changes},
                  {"remaining", outcome->remaining}};
  return tool_reply{dump_json(data)};
}

result<tool_reply> preview_purge(tool_context& context, const purge_archived_records& in) {
  const auto found =
      storage::count_purgeable(context.data, kind_of(in), archived_until(context, in));
  if (!found)
    return found.error();
  const std::int64_t purged = std::min(*found, limits::purge_records_max);
  return tool_reply{dump_json({{"entityType", in.entity_type},
                               {"olderThanDays", in.older_than_days},
                               {"purged", purged},
                               {"remaining", *found - purged}})};
}

tool purge_tool() {
  return declare<purge_archived_records>(
      {"purge_archived_records", "Purge archived records", category, scope::admin, effect::erase,
       "Erases for good what was archived at least olderThanDays ago, with its values in the "
       "change log; that it existed stays logged. At most 1,000 per call, the oldest first: repeat "
       "while remaining is not 0."},
      run_purge);
}

struct list_workspace_limits {
  static constexpr auto input = fields();
};

result<tool_reply> run_limits(tool_context& context, const list_workspace_limits&) {
  const auto tier = storage::tier_of(context.data);
  if (!tier)
    return tier.error();
  json data{{"tier", (*tier)->name}, {"limits", json::object()}, {"usage", json::object()}};
  for (std::size_t i = 0; i < storage::resource_names.size(); ++i) {
    const auto what = static_cast<storage::resource>(i);
    const std::string name{storage::resource_names.at(i)};
    const auto used = storage::usage_of(context.data, what);
    if (!used)
      return used.error();
    const auto limit = (*tier)->limit_of(what);
    data["limits"][name] = limit ? json(*limit) : json(nullptr);
    data["usage"][name] = *used;
  }
  return tool_reply{dump_json(data)};
}

} // namespace

std::vector<tool> admin_tools() {
  std::vector<tool> tools = history_tools();
  tools.push_back(purge_tool());
  tools.push_back(declare<list_workspace_limits>(
      {"list_workspace_limits", "Workspace limits", category, scope::admin, effect::read,
       "Tells the workspace's tier, its limits (null: none) and how much of them is used. "
       "Archived records do not count."},
      run_limits));
  return tools;
}

tool purge_preview() {
  return preview_of<purge_archived_records>(purge_tool(), preview_purge);
}

} // namespace crm::tools
