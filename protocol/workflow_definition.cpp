// SPDX-License-Identifier: Apache-2.0
#include "protocol/workflow_definition.hpp"

#include "protocol/cron.hpp"
#include "protocol/duration.hpp"
#include "protocol/limits.hpp"
#include "protocol/nearest.hpp"
#include "protocol/workflow_actions.hpp"

#include <algorithm>

namespace crm::workflow {

namespace {

/// What every trigger has.
struct outline {
  std::string type;
  json_object config;

  static constexpr auto input =
      fields(field{"type", &outline::type}.length(1), field{"config", &outline::config});
};

/// An unknown name with the valid ones, the nearest first in mind.
crm::error unknown_name(const std::string& path, const json& got, std::string expected,
                        const std::vector<std::string_view>& valid) {
  error_detail detail{path, brief_json(got), std::move(expected)};
  for (const std::string_view name : valid) {
    if (detail.valid_options.size() < limits::valid_options_max)
      detail.valid_options.emplace_back(name);
  }
  if (got.is_string())
    detail.did_you_mean = nearest(got.get_ref<const std::string&>(), valid);
  return arguments_error({std::move(detail)});
}

std::vector<std::string_view> trigger_names() {
  std::vector<std::string_view> names;
  for (const auto& row : trigger_kinds())
    names.push_back(row.name);
  return names;
}

result<void> check_entity_type(const std::string& type, const std::vector<std::string>& known) {
  if (known.empty() || std::find(known.begin(), known.end(), type) != known.end())
    return {};
  return unknown_name("trigger.config.entityType", json(type), "a kind of record of this workspace",
                      {known.begin(), known.end()});
}

/// `from` and `to` say something about one field only.
result<void> check_field_change(const trigger& read) {
  const bool compares = read.from || read.to;
  if (read.kind != trigger_kind::record_updated || !compares || read.fields.size() == 1)
    return {};
  return arguments_error({{"trigger.config.fields", std::to_string(read.fields.size()) + " fields",
                           "exactly one field beside from or to"}});
}

/// The field of date.reached becomes a path of the database.
result<void> check_date_field(const trigger& read) {
  const std::string& field = read.fields.front();
  const bool plain = std::all_of(field.begin(), field.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'
           || c == '.';
  });
  if (plain && field.front() != '.' && field.back() != '.' && field.find("..") == field.npos)
    return {};
  return arguments_error({{"trigger.config.field", brief_json(json(field)),
                           "a field such as expectedCloseDate or customFields.renewal"}});
}

result<void> read_schedule(trigger& read, const json& config) {
  read.cron = config.value("cron", std::string{});
  read.time_zone = config.value("timeZone", std::string{"UTC"});
  const std::string missed = config.value("catchUp", std::string{"one"});
  read.missed =
      missed == "all" ? catch_up::all : (missed == "skip" ? catch_up::skip : catch_up::one);
  auto times = cron_schedule::parse(read.cron, read.time_zone);
  if (!times) {
    crm::error reason = std::move(times).error();
    for (error_detail& detail : reason.details)
      detail.path = "trigger.config." + detail.path;
    return arguments_error(std::move(reason.details));
  }
  // 2026-01-01: whether a time ever comes does not depend on when one asks.
  if (!times->next(1'767'225'600'000))
    return arguments_error({{"trigger.config.cron", brief_json(json(read.cron)),
                             "a time that comes, unlike 30 February"}});
  return {};
}

/// What conditions of a trigger may speak of.
const std::vector<std::string_view>& condition_roots(trigger_kind kind) {
  static const std::vector<std::string_view> record{"before", "after", "actor", "cause"};
  static const std::vector<std::string_view> inbound{"body", "actor", "cause"};
  static const std::vector<std::string_view> manual{"input", "actor", "cause"};
  if (kind == trigger_kind::webhook_received)
    return inbound;
  return kind == trigger_kind::manual ? manual : record;
}

void read_record_config(trigger& read, const json& config) {
  read.entity_type = read.kind == trigger_kind::deal_stage_changed
                         ? "deal"
                         : config.value("entityType", std::string{});
  read.allow_reentry = config.value("allowReentry", false);
  read.offset_days = config.value("offsetDays", std::int64_t{0});
  if (config.contains("fields"))
    read.fields = config["fields"].get<std::vector<std::string>>();
  if (read.kind == trigger_kind::date_reached)
    read.fields = {config.value("field", std::string{})};
  if (read.kind == trigger_kind::deal_stage_changed)
    read.fields = {"stage"};
  if (config.contains("from"))
    read.from = config["from"];
  if (config.contains("to"))
    read.to = config["to"];
}

} // namespace

result<trigger> parse_trigger(const json& given, const std::vector<std::string>& entity_types) {
  static const input_schema shape = schema_of<outline>();
  if (auto wrong = check_members(shape, given, "trigger.", placeholders::are_text); !wrong.empty())
    return arguments_error(std::move(wrong));
  const auto& rows = trigger_kinds();
  const auto row = std::find_if(rows.begin(), rows.end(),
                                [&](const auto& each) { return given.at("type") == each.name; });
  if (row == rows.end())
    return unknown_name("trigger.type", given.at("type"), "a type of trigger", trigger_names());
  const json& config = given.at("config");
  auto wrong = check_members(row->config, config, "trigger.config.", placeholders::are_text);
  if (!wrong.empty())
    return arguments_error(std::move(wrong));
  trigger read{.kind = row->kind};
  read_record_config(read, config);
  if (config.contains("entityType"))
    CRM_TRY(check_entity_type(read.entity_type, entity_types));
  CRM_TRY(check_field_change(read));
  if (read.kind == trigger_kind::date_reached)
    CRM_TRY(check_date_field(read));
  if (read.kind == trigger_kind::schedule)
    CRM_TRY(read_schedule(read, config));
  if (config.contains("conditions")) {
    auto conditions = parse_conditions(config["conditions"], "trigger.config.conditions",
                                       condition_roots(read.kind));
    if (!conditions)
      return std::move(conditions).error();
    read.conditions = *std::move(conditions);
  }
  return read;
}

result<definition> parse(const json& trigger_json, const json& actions_json,
                         const vocabulary& words) {
  auto when = parse_trigger(trigger_json, words.entity_types);
  if (!when)
    return std::move(when).error();
  auto actions = parse_actions(actions_json, &words.tools);
  if (!actions)
    return std::move(actions).error();
  return definition{*std::move(when), *std::move(actions)};
}

result<definition> read_stored(const json& trigger_json, const json& actions_json) {
  auto when = parse_trigger(trigger_json, {});
  if (!when)
    return std::move(when).error();
  auto actions = parse_actions(actions_json, nullptr);
  if (!actions)
    return std::move(actions).error();
  return definition{*std::move(when), *std::move(actions)};
}

} // namespace crm::workflow
