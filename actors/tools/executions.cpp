// SPDX-License-Identifier: Apache-2.0
#include "storage/executions.hpp"

#include "actors/tools/paging.hpp"
#include "actors/tools/records.hpp"
#include "actors/tools/workflows.hpp"
#include "protocol/workflow_definition.hpp"
#include "storage/journal.hpp"
#include "storage/workflows.hpp"

#include <array>

namespace crm::tools {

namespace {

constexpr std::string_view category = "Workflows";
constexpr std::array<std::string_view, 5> statuses{"pending", "running", "completed", "failed",
                                                   "cancelled"};
constexpr std::array<std::string_view, 2> version_choices{"pinned", "latest"};

struct list_args {
  std::optional<std::string> workflow_id;
  std::optional<std::string> status;
  std::int64_t limit;
  std::optional<std::string> cursor;

  static constexpr auto input =
      fields(field{"workflowId", &list_args::workflow_id},
             field{"status", &list_args::status}.one_of(statuses),
             limit_field(&list_args::limit, 20, 100), cursor_field(&list_args::cursor));
};

result<tool_reply> run_list(tool_context& context, const list_args& in) {
  const auto request = page_requested(context, in.limit, in.cursor);
  if (!request)
    return request.error();
  return answer_page(context,
                     storage::list_executions(context.data, {in.workflow_id, in.status}, *request),
                     applied_filters(in));
}

struct replay_args {
  std::string id;
  std::string from;
  std::string version;
  std::optional<json_object> given;

  static constexpr auto input =
      fields(field{"executionId", &replay_args::id, "Or a manual workflow's id."}.length(1),
             field{"from", &replay_args::from, "failed, start, or a step such as 2."}.by_default(
                 std::string_view{"failed"}),
             field{"version", &replay_args::version}
                 .one_of(version_choices)
                 .by_default(std::string_view{"pinned"}),
             field{"input", &replay_args::given, "{{trigger.input}} of a manual workflow."});
};

crm::error wrong_state(const std::string& message) {
  return {error_code::conflict, message};
}

/// Starts a workflow that waits for nothing but this.
result<tool_reply> start_manual(tool_context& context, const replay_args& in) {
  const auto stored =
      storage::find_live(context.data, storage::workflow_kind, in.id, "executionId");
  if (!stored)
    return stored.error();
  const json doc = storage::document_of(*stored);
  if (doc.at("trigger").at("type") != "manual")
    return wrong_state("workflow " + in.id + " is not started by hand: its trigger is "
                       + doc.at("trigger").at("type").get<std::string>());
  if (doc.at("isActive") == false)
    return wrong_state("workflow " + in.id + " is paused: resume it first");
  storage::execution run;
  run.workflow = in.id;
  run.version = doc.at("definitionVersion").get<std::int64_t>();
  run.event = "manual:" + context.data.ids().next("", context.now_ms());
  run.chain = in.id + "/|";
  run.input = dump_json({{"input", in.given ? in.given->members : json::object()},
                         {"actor", context.caller.actor},
                         {"cause", "call"},
                         {"at", context.now_ms()}});
  return add_run(context, run, [] { return result<void>{}; });
}

result<void> check_replayable(tool_context& context, const storage::execution& old) {
  if (old.status != storage::run_status::failed && old.status != storage::run_status::cancelled)
    return wrong_state("run " + old.id + " is " + std::string{storage::name_of(old.status)}
                       + ": only failed and cancelled runs are replayed");
  const auto standing = storage::standing_replay(context.data, old.id);
  if (!standing)
    return standing.error();
  if (*standing)
    return wrong_state("run " + old.id + " is replayed already, by " + **standing);
  return {};
}

/// Checks that `from` names a step that the old run took.
result<void> check_step(tool_context& context, const storage::execution& old,
                        const std::string& from) {
  const auto journal = storage::journal_of(context.data, old.seq);
  if (!journal)
    return journal.error();
  error_detail detail{"from", brief_json(json(from)), "failed, start, or a step that the run took"};
  detail.valid_options = {"failed", "start"};
  for (const storage::step_row& row : *journal) {
    const std::string order = row.step.substr(0, row.step.find('['));
    if (order == from)
      return {};
    const auto& options = detail.valid_options;
    if (options.size() < 10 && std::find(options.begin(), options.end(), order) == options.end())
      detail.valid_options.push_back(order);
  }
  return argument_error(error_code::validation, "from: the run took no such step",
                        std::move(detail));
}

result<tool_reply> run_replay(tool_context& context, const replay_args& in) {
  if (in.id.starts_with("wf_"))
    return start_manual(context, in);
  const auto old = storage::find_execution(context.data, std::string_view{in.id});
  if (!old)
    return old.error();
  CRM_TRY(check_replayable(context, *old));
  const bool from_step = in.from != "failed" && in.from != "start";
  if (from_step)
    CRM_TRY(check_step(context, *old, in.from));
  const auto stored =
      storage::find(context.data, storage::workflow_kind, old->workflow, "executionId");
  if (!stored)
    return stored.error();
  const json doc = storage::document_of(*stored);
  if (doc.at("isActive") == false)
    return wrong_state("workflow " + old->workflow + " is paused: resume it first");
  storage::execution run;
  run.workflow = old->workflow;
  run.version =
      in.version == "latest" ? doc.at("definitionVersion").get<std::int64_t>() : old->version;
  run.event = "replay:" + context.data.ids().next("", context.now_ms());
  run.change_seq = old->change_seq;
  run.input = old->input;
  run.chain = old->chain.substr(0, old->chain.find('|') + 1);
  run.replay_of = old->id;
  return add_run(context, run, [&]() -> result<void> {
    if (in.from == "start")
      return {};
    return storage::copy_finished(context.data, old->seq, run.seq, from_step ? in.from : "");
  });
}

} // namespace

result<tool_reply> add_run(tool_context& context, storage::execution& run,
                           const std::function<result<void>()>& fill) {
  run.created_at = context.now_ms();
  run.due_at = context.now_ms();
  const auto added = storage::add_execution(context.data, run);
  if (!added)
    return added.error();
  CRM_TRY(fill());
  auto doc = storage::execution_document(context.data, run);
  if (!doc)
    return std::move(doc).error();
  const auto logged = context.data.log().append(
      context.data.db(), {"execution", run.id, "created", nullptr, &*doc}, context.origin);
  if (!logged)
    return logged.error();
  return tool_reply{*std::move(doc)};
}

tool list_executions() {
  return declare<list_args>({"list_executions", "List executions", category, scope::read,
                             effect::read,
                             "Lists runs, newest first, with steps, errors and the next attempt."},
                            run_list);
}

tool replay_execution() {
  return declare<replay_args>(
      {"replay_execution", "Replay execution", category, scope::workflow_trigger, effect::create,
       "Runs a failed or cancelled run again without its finished steps; or starts a manual "
       "workflow by its id."},
      run_replay);
}

} // namespace crm::tools
