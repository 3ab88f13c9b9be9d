// SPDX-License-Identifier: Apache-2.0
#include "storage/workflows.hpp"

#include "actors/tools/catalogue.hpp"
#include "actors/tools/paging.hpp"
#include "actors/tools/records.hpp"
#include "actors/tools/room.hpp"
#include "actors/tools/stages.hpp"
#include "actors/tools/visibility.hpp"
#include "actors/tools/workflows.hpp"
#include "protocol/inbox.hpp"
#include "protocol/workflow_definition.hpp"
#include "storage/signing.hpp"
#include "storage/timers.hpp"

namespace crm::tools {

namespace {

constexpr std::string_view category = "Workflows";
const record_family workflows{storage::workflow_kind, "workflowId"};

struct trigger_args {
  std::string type;
  json_object config;

  static constexpr auto input = fields(
      field{"type", &trigger_args::type,
            "record.created|updated|deleted|restored, deal.stage_changed, date.reached, schedule, "
            "webhook.received or manual."}
          .length(1),
      field{"config", &trigger_args::config}.example(R"({"entityType":"contact"})"));
};

struct action_args {
  std::string type;
  json_object config;
  std::int64_t order;

  static constexpr auto input = fields(
      field{"type", &action_args::type, "call_tool, webhook, wait, branch, for_each, stop or fail."}
          .length(1),
      field{"config", &action_args::config}.example(
          R"({"tool":"create_activity","args":{"type":"task","subject":"Call",)"
          R"("contactId":"{{trigger.after.id}}"}})"),
      field{"order", &action_args::order}.range(0));
};

// -- what a definition says ----------------------------------------------------------------------

/// Stages are stored as the workspace spells them, whichever spelling the caller used.
result<void> settle_stages(tool_context& context, json& trigger) {
  if (trigger.at("type") != "deal.stage_changed")
    return {};
  for (const char* end : {"from", "to"}) {
    json& config = trigger["config"];
    if (!config.contains(end) || !config[end].is_string())
      continue;
    const std::string path = std::string{"trigger.config."} + end;
    const auto stage = stage_named(context, path, config[end].get<std::string>());
    if (!stage)
      return stage.error();
    config[end] = stage->name;
  }
  return {};
}

/// A trigger that compares a value tells whoever watches its runs something about it.
result<void> require_visible_paths(tool_context& context, const workflow::trigger& when) {
  std::vector<std::string_view> paths{when.fields.begin(), when.fields.end()};
  for (const condition& each : when.conditions)
    paths.emplace_back(each.field);
  for (std::string_view path : paths) {
    for (const std::string_view image : {"before.", "after."})
      path.remove_prefix(path.starts_with(image) ? image.size() : 0);
    constexpr std::string_view values = "customFields.";
    if (!path.starts_with(values))
      continue;
    const custom_field* field =
        context.data.known().field(when.entity_type, path.substr(values.size()));
    if (field != nullptr)
      CRM_TRY(require_visible(context, *field));
  }
  return {};
}

result<workflow::definition> check_definition(tool_context& context, json& doc) {
  CRM_TRY(settle_stages(context, doc["trigger"]));
  auto read = workflow::parse(doc["trigger"], doc["actions"],
                              {tool_specs(), storage::record_types(context.data)});
  if (read)
    CRM_TRY(require_visible_paths(context, read->when));
  return read;
}

storage::workflow_version version_of(const tool_context& context, const std::string& id,
                                     const json& doc) {
  return {id,
          doc.at("definitionVersion").get<std::int64_t>(),
          dump_json(doc.at("trigger")),
          dump_json(doc.at("actions")),
          context.caller.actor,
          context.caller.scopes.to_string(),
          context.caller.vouched_by};
}

/// The path and query of the URL to which messages for the workflow are posted.
std::string inbound_path_of(const tool_context& context, const std::string& id) {
  return std::string{inbound_path} + "?workspace=" + context.data.workspace() + "&workflow=" + id
         + "&signature=" + storage::inbound_url_signature(context.data, id);
}

/// Answers with the workflow and the secret that signs its webhooks: only whoever may write the
/// definition sees it, and it is neither stored in the document nor logged.
tool_reply answer_with_secret(tool_context& context, const storage::record& stored) {
  json doc = storage::document_of(stored);
  doc["signingSecret"] = storage::signing_secret(context.data, stored.id).text;
  if (doc["trigger"]["type"] == "webhook.received")
    doc["inboundPath"] = inbound_path_of(context, stored.id);
  return {dump_json(doc)};
}

// -- tools ---------------------------------------------------------------------------------------

struct create_workflow {
  std::string name;
  std::optional<std::string> description;
  trigger_args trigger;
  std::vector<action_args> actions;

  static constexpr auto input = fields(
      field{"name", &create_workflow::name}.length(1, 200),
      field{"description", &create_workflow::description}.length(0, 1'000),
      field{"trigger", &create_workflow::trigger}, field{"actions", &create_workflow::actions});
};

result<tool_reply> run_create(tool_context& context, const create_workflow& in) {
  json doc{{"name", in.name}};
  if (in.description)
    doc["description"] = *in.description;
  doc["trigger"] = context.args.at("trigger");
  doc["actions"] = context.args.at("actions");
  const auto definition = check_definition(context, doc);
  if (!definition)
    return definition.error();
  CRM_TRY(require_room(context, storage::resource::workflows));
  doc["isActive"] = true;
  doc["definitionVersion"] = 1;
  const auto created = storage::create(context.data, storage::workflow_kind, doc, context.origin);
  if (!created)
    return created.error();
  CRM_TRY(
      storage::add_version(context.data, version_of(context, created->id, doc), context.now_ms()));
  CRM_TRY(storage::set_timers(context.data, created->id, definition->when, context.now_ms()));
  return answer_with_secret(context, *created);
}

struct update_workflow {
  std::string id;
  std::optional<std::string> name;
  patch<std::string> description;
  std::optional<json_object> trigger;
  std::optional<std::vector<json_object>> actions;
  std::optional<std::int64_t> expected_version;

  static constexpr auto input =
      fields(field{"workflowId", &update_workflow::id}.length(1),
             field{"name", &update_workflow::name}.length(1, 200),
             field{"description", &update_workflow::description}.length(0, 1'000),
             field{"trigger", &update_workflow::trigger, "As in create_workflow."},
             field{"actions", &update_workflow::actions, "All of them."},
             expected_version_field(&update_workflow::expected_version));
};

/// Whoever sends a definition anew answers for it from then on, even if it reads as before.
result<bool> is_redefined(tool_context& context, const update_workflow& in, const json& old,
                          const json& doc) {
  if (doc["trigger"] != old["trigger"] || doc["actions"] != old["actions"])
    return true;
  if (!in.trigger && !in.actions)
    return false;
  const auto version = storage::find_version(context.data, in.id, old["definitionVersion"]);
  if (!version)
    return version.error();
  return version->author != context.caller.actor;
}

result<tool_reply> run_update(tool_context& context, const update_workflow& in) {
  const auto before = open_for_change(context, workflows, in.id, in.expected_version);
  if (!before)
    return before.error();
  json doc = storage::document_of(*before);
  const json old = doc;
  json given = context.args;
  given.erase("workspaceId");
  CRM_TRY(merge_arguments(context, workflows, *before, doc, std::move(given)));
  const auto definition = check_definition(context, doc);
  if (!definition)
    return definition.error();
  const auto redefined = is_redefined(context, in, old, doc);
  if (!redefined)
    return redefined.error();
  if (*redefined)
    doc["definitionVersion"] = doc["definitionVersion"].get<std::int64_t>() + 1;
  const auto after = storage::replace(context.data, storage::workflow_kind, *before, doc, "updated",
                                      context.origin);
  if (!after)
    return after.error();
  if (*redefined) {
    CRM_TRY(
        storage::add_version(context.data, version_of(context, before->id, doc), context.now_ms()));
    CRM_TRY(storage::clear_timers(context.data, before->id));
    if (doc["isActive"] == true)
      CRM_TRY(storage::set_timers(context.data, before->id, definition->when, context.now_ms()));
  }
  return answer_with_secret(context, *after);
}

struct list_workflows {
  std::optional<bool> active;
  std::int64_t limit;
  std::optional<std::string> cursor;

  static constexpr auto input =
      fields(field{"isActive", &list_workflows::active},
             limit_field(&list_workflows::limit, 100, 100), cursor_field(&list_workflows::cursor));
};

result<tool_reply> run_list(tool_context& context, const list_workflows& in) {
  const auto request = page_requested(context, in.limit, in.cursor);
  if (!request)
    return request.error();
  return answer_page(context, storage::list_workflows(context.data, in.active, *request),
                     applied_filters(in));
}

struct pause_workflow {
  std::string id;
  std::optional<std::string> reason;

  static constexpr auto input = fields(field{"workflowId", &pause_workflow::id}.length(1),
                                       field{"reason", &pause_workflow::reason}.length(0, 500));
};

result<tool_reply> run_pause(tool_context& context, const pause_workflow& in) {
  const auto before = open_for_change(context, workflows, in.id, std::nullopt);
  if (!before)
    return before.error();
  const auto paused = storage::pause_workflow(context.data, *before,
                                              in.reason.value_or(std::string{}), context.origin);
  if (!paused)
    return paused.error();
  return answer_record(*paused);
}

struct resume_workflow {
  std::string id;
  static constexpr auto input = fields(field{"workflowId", &resume_workflow::id}.length(1));
};

result<tool_reply> run_resume(tool_context& context, const resume_workflow& in) {
  const auto before = open_for_change(context, workflows, in.id, std::nullopt);
  if (!before)
    return before.error();
  const auto resumed = storage::resume_workflow(context.data, *before, context.origin);
  if (!resumed)
    return resumed.error();
  return answer_record(*resumed);
}

} // namespace

std::vector<tool> workflow_tools() {
  return {
      declare<create_workflow>(
          {"create_workflow", "Create workflow", category, scope::write, effect::create,
           "Adds a workflow, active at once: a trigger and the actions that it runs. Strings may "
           "hold templates such as {{trigger.after.id}}."},
          run_create),
      declare<update_workflow>(
          {"update_workflow", "Update workflow", category, scope::write, effect::update,
           "Changes a workflow. Runs under way finish on the version that they began with."},
          run_update),
      declare<list_workflows>({"list_workflows", "List workflows", category, scope::read,
                               effect::read, "Lists workflows with their definitions."},
                              run_list),
      declare<pause_workflow>({"pause_workflow", "Pause workflow", category, scope::write,
                               effect::update,
                               "Stops new runs and holds those under way at their next step."},
                              run_pause),
      declare<resume_workflow>({"resume_workflow", "Resume workflow", category, scope::write,
                                effect::update,
                                "Lets a paused workflow run again; held runs go on."},
                               run_resume),
      list_executions(),
      replay_execution(),
  };
}

} // namespace crm::tools
