// SPDX-License-Identifier: Apache-2.0
// The change log as tools: the audit log, an entity's history, an actor's history.
#include "actors/tools/history.hpp"

#include "actors/tools/paging.hpp"
#include "actors/tools/periods.hpp"
#include "protocol/limits.hpp"
#include "protocol/nearest.hpp"
#include "storage/audit.hpp"

#include <algorithm>
#include <array>

namespace crm::tools {

namespace {

constexpr std::string_view category = "Admin";

/// Changes on one page of an entity's history.
constexpr std::int64_t page_changes = 100;

/// What the log holds sooner or later, and what else it is called.
constexpr std::array<std::string_view, 10> common_types{
    "contact",      "company",       "deal",     "activity",  "custom_object_record",
    "custom_field", "custom_object", "workflow", "execution", "member"};
constexpr std::array<std::pair<std::string_view, std::string_view>, 2> other_names{{
    {"record", "custom_object_record"},
    {"workspacemember", "member"},
}};

/// Returns the type as the log spells it. @errors validation, naming what the log knows; storage.
result<std::string> logged_type(tool_context& context, std::string_view text) {
  auto types = storage::logged_types(context.data);
  if (!types)
    return std::move(types).error();
  for (const std::string_view each : common_types) {
    if (std::find(types->begin(), types->end(), each) == types->end())
      types->emplace_back(each);
  }
  std::string wanted = fold_name(text);
  for (const auto& [other, name] : other_names) {
    if (wanted == other)
      return std::string{name};
  }
  std::vector<std::string_view> names;
  for (const std::string& each : *types) {
    if (fold_name(each) == wanted)
      return each;
    names.emplace_back(each);
  }
  error_detail detail{"entityType", brief_json(json(text)), "a type of entity that the log knows"};
  for (const std::string_view each : names) {
    if (detail.valid_options.size() < limits::valid_options_max)
      detail.valid_options.emplace_back(each);
  }
  detail.did_you_mean = nearest(text, names);
  std::string message = "entityType: there is no such type";
  if (!detail.did_you_mean.empty())
    message += "; did you mean \"" + detail.did_you_mean + "\"?";
  return argument_error(error_code::validation, std::move(message), std::move(detail));
}

// -- the audit log
// ---------------------------------------------------------------------------------

struct list_audit_log {
  std::optional<std::string> entity_type;
  std::optional<std::string> actor_id;
  std::optional<timestamp> since;
  std::optional<timestamp> until;
  std::int64_t limit;
  std::optional<std::string> cursor;

  static constexpr auto input =
      fields(field{"entityType", &list_audit_log::entity_type}.example(R"("deal")"),
             field{"actorId", &list_audit_log::actor_id, "Who made the changes."},
             since_field(&list_audit_log::since), until_field(&list_audit_log::until),
             limit_field(&list_audit_log::limit, 50, 200), cursor_field(&list_audit_log::cursor));
};

result<tool_reply> run_audit(tool_context& context, const list_audit_log& in) {
  const auto request = page_requested(context, in.limit, in.cursor);
  if (!request)
    return request.error();
  const auto when = period_asked(in.since, in.until);
  if (!when)
    return when.error();
  list_audit_log understood = in;
  if (in.entity_type) {
    auto type = logged_type(context, *in.entity_type);
    if (!type)
      return std::move(type).error();
    understood.entity_type = *std::move(type);
  }
  return answer_page(
      context,
      storage::list_changes(context.data, {understood.entity_type, in.actor_id, *when}, *request),
      applied_filters(understood));
}

struct get_actor_history {
  std::string actor_id;
  std::optional<timestamp> since;
  std::optional<timestamp> until;
  std::int64_t limit;
  std::optional<std::string> cursor;

  static constexpr auto input = fields(
      field{"actorId", &get_actor_history::actor_id}.length(1),
      since_field(&get_actor_history::since), until_field(&get_actor_history::until),
      limit_field(&get_actor_history::limit, 50, 200), cursor_field(&get_actor_history::cursor));
};

result<tool_reply> run_actor_history(tool_context& context, const get_actor_history& in) {
  const auto request = page_requested(context, in.limit, in.cursor);
  if (!request)
    return request.error();
  const auto when = period_asked(in.since, in.until);
  if (!when)
    return when.error();
  return answer_page(
      context, storage::list_changes(context.data, {std::nullopt, in.actor_id, *when}, *request),
      applied_filters(in));
}

// -- the history of one entity
// ---------------------------------------------------------------------

struct get_entity_history {
  std::string entity_type;
  std::string entity_id;
  std::optional<std::string> cursor;

  static constexpr auto input =
      fields(field{"entityType", &get_entity_history::entity_type}.length(1).example(R"("deal")"),
             field{"entityId", &get_entity_history::entity_id}.length(1),
             cursor_field(&get_entity_history::cursor));
};

result<tool_reply> run_entity_history(tool_context& context, const get_entity_history& in) {
  const auto request = page_requested(context, page_changes, in.cursor);
  if (!request)
    return request.error();
  get_entity_history understood = in;
  auto type = logged_type(context, in.entity_type);
  if (!type)
    return std::move(type).error();
  understood.entity_type = *std::move(type);
  const auto logged = storage::logged_type_of(context.data, in.entity_id);
  if (!logged)
    return logged.error();
  if (!*logged)
    return argument_error(error_code::not_found, "entityId: the change log knows no such entity",
                          {"entityId", brief_json(json(in.entity_id)),
                           "the id of something that exists or existed in this workspace"});
  if (**logged != understood.entity_type)
    return argument_error(error_code::not_found,
                          "entityId: this is the id of a " + **logged + ", not of a "
                              + understood.entity_type,
                          {.path = "entityType",
                           .got = brief_json(json(in.entity_type)),
                           .expected = **logged,
                           .did_you_mean = **logged});
  return answer_page(context, storage::list_entity_changes(context.data, in.entity_id, *request),
                     applied_filters(understood));
}

} // namespace

std::vector<tool> history_tools() {
  return {
      declare<list_audit_log>(
          {"list_audit_log", "Audit log", category, scope::admin, effect::read,
           "Lists changes, newest first: who changed what, when, by which tool and request. All "
           "filters combine. What changed field by field: get_entity_history."},
          run_audit),
      declare<get_entity_history>(
          {"get_entity_history", "Entity history", category, scope::admin, effect::read,
           "Lists the changes of one entity, newest first, field by field (old, new) with actor, "
           "time and tool; of a purged one what was done is left, not the values (erased)."},
          run_entity_history),
      declare<get_actor_history>(
          {"get_actor_history", "Actor history", category, scope::admin, effect::read,
           "Lists what one actor changed, newest first, with time, tool and entity."},
          run_actor_history),
  };
}

} // namespace crm::tools
