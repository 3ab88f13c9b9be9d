// SPDX-License-Identifier: Apache-2.0
// The admin tools: the change log (history.cpp), the purge, and the plan's limits.
#include "actors/tools/catalogue.hpp"
#include "actors/tools/history.hpp"
#include "protocol/limits.hpp"
#include "storage/plan.hpp"
#include "storage/purge.hpp"

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

result<tool_reply> run_purge(tool_context& context, const purge_archived_records& in) {
  const std::int64_t archived_until = context.now_ms() - in.older_than_days * day_ms;
  storage::purge_outcome outcome;
  for (const storage::purge_sql& kind : storage::purgeable_kinds()) {
    if (kind.name != in.entity_type)
      continue;
    auto purged = storage::purge(context.data, kind, archived_until, limits::purge_records_max,
                                 context.origin);
    if (!purged)
      return std::move(purged).error();
    outcome = *purged;
  }
  const json data{{"entityType", in.entity_type},
                  {"olderThanDays", in.older_than_days},
                  {"archivedUntil", archived_until},
                  {"purged", outcome.purged},
                  {"erasedChanges", outcome.erased_changes},
                  {"remaining", outcome.remaining}};
  return tool_reply{dump_json(data)};
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
  tools.push_back(declare<purge_archived_records>(
      {"purge_archived_records", "Purge archived records", category, scope::admin, effect::erase,
       "Erases for good what was archived at least olderThanDays ago, with its values in the "
       "change log; that it existed stays logged. At most 1,000 per call, the oldest first: repeat "
       "while remaining is not 0."},
      run_purge));
  tools.push_back(declare<list_workspace_limits>(
      {"list_workspace_limits", "Workspace limits", category, scope::admin, effect::read,
       "Tells the workspace's tier, its limits (null: none) and how much of them is used. "
       "Archived records do not count."},
      run_limits));
  return tools;
}

} // namespace crm::tools
