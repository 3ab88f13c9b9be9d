// SPDX-License-Identifier: Apache-2.0
#include "protocol/workflow_kinds.hpp"

#include "protocol/limits.hpp"

#include <array>
#include <utility>

namespace crm::workflow {

namespace {

constexpr std::array<std::string_view, 3> catch_up_names{"skip", "one", "all"};

// -- triggers ------------------------------------------------------------------------------------

struct record_config {
  std::string entity_type;
  std::optional<json> conditions;
  std::optional<bool> allow_reentry;

  static constexpr auto input = fields(field{"entityType", &record_config::entity_type}.length(1),
                                       field{"conditions", &record_config::conditions},
                                       field{"allowReentry", &record_config::allow_reentry});
};

struct updated_config {
  std::string entity_type;
  std::optional<std::vector<std::string>> watched;
  std::optional<json> from;
  std::optional<json> to;
  std::optional<json> conditions;
  std::optional<bool> allow_reentry;

  static constexpr auto input = fields(
      field{"entityType", &updated_config::entity_type}.length(1),
      field{"fields", &updated_config::watched}.items(50), field{"from", &updated_config::from},
      field{"to", &updated_config::to}, field{"conditions", &updated_config::conditions},
      field{"allowReentry", &updated_config::allow_reentry});
};

struct stage_config {
  std::optional<std::string> from;
  std::optional<std::string> to;
  std::optional<json> conditions;
  std::optional<bool> allow_reentry;

  static constexpr auto input =
      fields(field{"from", &stage_config::from}.length(1), field{"to", &stage_config::to}.length(1),
             field{"conditions", &stage_config::conditions},
             field{"allowReentry", &stage_config::allow_reentry});
};

struct date_config {
  std::string entity_type;
  std::string date_field;
  std::int64_t offset_days;
  std::optional<json> conditions;

  static constexpr auto input = fields(field{"entityType", &date_config::entity_type}.length(1),
                                       field{"field", &date_config::date_field}.length(1, 100),
                                       field{"offsetDays", &date_config::offset_days}
                                           .range(-3'650, 3'650)
                                           .by_default(std::int64_t{0}),
                                       field{"conditions", &date_config::conditions});
};

struct schedule_config {
  std::string cron;
  std::string time_zone;
  std::string missed;
  std::optional<json> conditions;

  static constexpr auto input =
      fields(field{"cron", &schedule_config::cron}.length(1, 200),
             field{"timeZone", &schedule_config::time_zone}.length(1, 64).by_default(
                 std::string_view{"UTC"}),
             field{"catchUp", &schedule_config::missed}
                 .one_of(catch_up_names)
                 .by_default(std::string_view{"one"}),
             field{"conditions", &schedule_config::conditions});
};

/// Triggers that are pulled from outside and need nothing but their conditions.
struct outside_config {
  std::optional<json> conditions;
  static constexpr auto input = fields(field{"conditions", &outside_config::conditions});
};

// -- actions -------------------------------------------------------------------------------------

struct retry_config {
  std::optional<std::int64_t> attempts_max;
  std::optional<std::int64_t> base_ms;
  std::optional<std::int64_t> max_ms;

  static constexpr auto input =
      fields(field{"maxAttempts", &retry_config::attempts_max}.range(1, limits::step_attempts_max),
             field{"baseMs", &retry_config::base_ms}.range(1, 3'600'000),
             field{"maxMs", &retry_config::max_ms}.range(1, 86'400'000));
};

struct call_config {
  std::string tool;
  std::optional<json_object> args;
  std::optional<retry_config> retry;
  std::optional<std::string> timeout;
  std::optional<bool> continues;

  static constexpr auto input = fields(
      field{"tool", &call_config::tool}.length(1), field{"args", &call_config::args},
      field{"retry", &call_config::retry}, field{"timeout", &call_config::timeout}.length(2, 20),
      field{"continueOnError", &call_config::continues});
};

struct webhook_config {
  std::string url;
  std::optional<json> body;
  std::optional<retry_config> retry;
  std::optional<std::string> timeout;
  std::optional<bool> continues;

  static constexpr auto input =
      fields(field{"url", &webhook_config::url}.length(1, 2'000),
             field{"body", &webhook_config::body}, field{"retry", &webhook_config::retry},
             field{"timeout", &webhook_config::timeout}.length(2, 20),
             field{"continueOnError", &webhook_config::continues});
};

struct wait_config {
  std::optional<std::string> duration;
  std::optional<timestamp> until;

  static constexpr auto input = fields(field{"duration", &wait_config::duration}.length(2, 20),
                                       field{"until", &wait_config::until});
};

struct branch_config {
  json conditions;
  std::vector<json> then;
  std::optional<std::vector<json>> otherwise;

  static constexpr auto input =
      fields(field{"conditions", &branch_config::conditions}, field{"then", &branch_config::then},
             field{"else", &branch_config::otherwise});
};

struct for_each_config {
  json items;
  std::vector<json> body;

  static constexpr auto input =
      fields(field{"items", &for_each_config::items}, field{"actions", &for_each_config::body});
};

struct stop_config {
  std::optional<std::string> reason;
  static constexpr auto input = fields(field{"reason", &stop_config::reason}.length(0, 500));
};

struct fail_config {
  std::string message;
  static constexpr auto input = fields(field{"message", &fail_config::message}.length(1, 500));
};

} // namespace

std::span<const kind_row<trigger_kind>> trigger_kinds() {
  using enum trigger_kind;
  static const std::array<kind_row<trigger_kind>, 9> rows{{
      {record_created, "record.created", schema_of<record_config>()},
      {record_updated, "record.updated", schema_of<updated_config>()},
      {record_deleted, "record.deleted", schema_of<record_config>()},
      {record_restored, "record.restored", schema_of<record_config>()},
      {deal_stage_changed, "deal.stage_changed", schema_of<stage_config>()},
      {date_reached, "date.reached", schema_of<date_config>()},
      {schedule, "schedule", schema_of<schedule_config>()},
      {webhook_received, "webhook.received", schema_of<outside_config>()},
      {manual, "manual", schema_of<outside_config>()},
  }};
  return rows;
}

std::span<const kind_row<action_kind>> action_kinds() {
  using enum action_kind;
  static const std::array<kind_row<action_kind>, 7> rows{{
      {call_tool, "call_tool", schema_of<call_config>()},
      {webhook, "webhook", schema_of<webhook_config>()},
      {wait, "wait", schema_of<wait_config>()},
      {branch, "branch", schema_of<branch_config>()},
      {for_each, "for_each", schema_of<for_each_config>()},
      {stop, "stop", schema_of<stop_config>()},
      {fail, "fail", schema_of<fail_config>()},
  }};
  return rows;
}

std::string_view name_of(trigger_kind kind) {
  return trigger_kinds()[static_cast<std::size_t>(kind)].name;
}

std::string_view name_of(action_kind kind) {
  return action_kinds()[static_cast<std::size_t>(kind)].name;
}

} // namespace crm::workflow
