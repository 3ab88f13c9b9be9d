// SPDX-License-Identifier: Apache-2.0
// Rates and counts over a period: win_rate, conversion_rate, activity_summary (design §4.5).
#include "storage/analytics.hpp"
#include "actors/tools/catalogue.hpp"
#include "actors/tools/periods.hpp"

#include <array>

namespace crm::tools {

namespace {

constexpr std::string_view category = "Search / Analytics";

/// A share as a number from 0 to 1; null when there is nothing to have a share of.
std::string ratio_json(std::int64_t part, std::int64_t whole) {
  if (whole == 0)
    return "null";
  return json(static_cast<double>(part) / static_cast<double>(whole)).dump();
}

std::string left_out_json(std::int64_t archived) {
  return "\"leftOut\":{\"archived\":" + std::to_string(archived) + "}";
}

struct period_args {
  std::optional<timestamp> since;
  std::optional<timestamp> until;
  static constexpr auto input =
      fields(since_field(&period_args::since), until_field(&period_args::until));
};

result<tool_reply> run_win_rate(tool_context& context, const period_args& in) {
  const auto when = period_asked(in.since, in.until);
  if (!when)
    return when.error();
  const auto counted = storage::count_closed_deals(context.data, *when);
  if (!counted)
    return counted.error();
  const std::int64_t closed = counted->won + counted->lost;
  return tool_reply{"{\"period\":" + period_json(*when) + ",\"won\":" + std::to_string(counted->won)
                    + ",\"lost\":" + std::to_string(counted->lost) + ",\"closed\":"
                    + std::to_string(closed) + ",\"winRate\":" + ratio_json(counted->won, closed)
                    + "," + left_out_json(counted->archived) + "}"};
}

result<tool_reply> run_conversion_rate(tool_context& context, const period_args& in) {
  const auto when = period_asked(in.since, in.until);
  if (!when)
    return when.error();
  const auto passages = storage::count_stage_passages(context.data, *when);
  if (!passages)
    return passages.error();
  const auto archived = storage::count_archived_passages(context.data, *when);
  if (!archived)
    return archived.error();
  std::string out = "{\"period\":" + period_json(*when) + ",\"stages\":[";
  for (const storage::stage_passage& each : *passages) {
    out += out.ends_with('[') ? "{\"stage\":" : ",{\"stage\":";
    append_json_string(out, each.stage);
    out += ",\"entered\":" + std::to_string(each.entered)
           + ",\"converted\":" + std::to_string(each.advanced)
           + ",\"conversionRate\":" + ratio_json(each.advanced, each.entered) + "}";
  }
  return tool_reply{out + "]," + left_out_json(*archived) + "}"};
}

struct summary_args {
  std::optional<std::string> owner_id;
  std::optional<timestamp> since;
  std::optional<timestamp> until;
  static constexpr auto input = fields(
      field{"ownerId", &summary_args::owner_id, "createdBy of the activities; all if left out."},
      since_field(&summary_args::since), until_field(&summary_args::until));
};

result<tool_reply> run_activity_summary(tool_context& context, const summary_args& in) {
  const auto when = period_asked(in.since, in.until);
  if (!when)
    return when.error();
  std::int64_t total = 0;
  std::string by_type;
  for (const std::string_view type : activity_types) {
    const auto counted = storage::count_activities(context.data, type, in.owner_id, *when);
    if (!counted)
      return counted.error();
    total += *counted;
    by_type += by_type.empty() ? "\"" : ",\"";
    by_type += std::string{type} + "\":" + std::to_string(*counted);
  }
  const auto tasks = storage::count_open_tasks(context.data, in.owner_id, *when, context.now_ms());
  if (!tasks)
    return tasks.error();
  std::string out = "{\"asOf\":" + std::to_string(context.now_ms())
                    + ",\"period\":" + period_json(*when) + ",\"ownerId\":";
  if (in.owner_id)
    append_json_string(out, *in.owner_id);
  else
    out += "null";
  return tool_reply{out + ",\"total\":" + std::to_string(total) + ",\"byType\":{" + by_type
                    + "},\"openTasks\":" + std::to_string(tasks->open) + ",\"overdueTasks\":"
                    + std::to_string(tasks->overdue) + "," + left_out_json(0) + "}"};
}

} // namespace

std::vector<tool> analytics_tools() {
  return {
      pipeline_value(),
      declare<period_args>(
          {"win_rate", "Win rate", category, scope::read, effect::read,
           "won / (won + lost) among the deals closed in [since, until), with both counts; null "
           "when none was closed. A deal that was opened again is not closed. For stage to stage "
           "use conversion_rate."},
          run_win_rate),
      declare<period_args>(
          {"conversion_rate", "Conversion rate", category, scope::read, effect::read,
           "For each open stage: how many deals entered it in [since, until), and the share of "
           "them that later reached a further stage or was won. From stage history. For won "
           "against lost use win_rate."},
          run_conversion_rate),
      declare<summary_args>(
          {"activity_summary", "Activity summary", category, scope::read, effect::read,
           "Counts activities by type, and open and overdue tasks, that occurred in "
           "[since, until), of all or of one owner. For the activities themselves use "
           "list_activities_by_type."},
          run_activity_summary),
  };
}

} // namespace crm::tools
