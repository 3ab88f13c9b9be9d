// SPDX-License-Identifier: Apache-2.0
// The actions of the engine, one function per kind.
#include "actors/fault_points.hpp"
#include "actors/run_identity.hpp"
#include "actors/tools/catalogue.hpp"
#include "actors/workflow_engine.hpp"
#include "protocol/duration.hpp"
#include "protocol/limits.hpp"
#include "protocol/outbound_target.hpp"
#include "protocol/template_text.hpp"
#include "storage/signing.hpp"

namespace crm::actors {

namespace {

using storage::run_status;
using storage::step_state;

/// The name of the program that calls, in the change log.
constexpr std::string_view engine_client = "workflow";

crm::error wrong(std::string message) {
  return {error_code::validation, std::move(message)};
}

/// What a change names as its cause.
std::string cause_of(const storage::execution& run, const std::string& step) {
  return "workflow " + run.workflow + " run " + run.id + " step " + step;
}

/// Tells the watch in whose name changes are made, for as long as it lives.
class acting {
public:
  acting(storage::trigger_watch& watch, const storage::execution& run)
      : watch_(watch), cause_{run.root.empty() ? run.id : run.root, run.depth, run.chain} {
    watch_.act_for(&cause_);
  }
  acting(const acting&) = delete;
  acting& operator=(const acting&) = delete;
  ~acting() { watch_.act_for(nullptr); }

private:
  storage::trigger_watch& watch_;
  storage::causing_run cause_;
};

} // namespace

result<json> workflow_engine::values_at(const running_step& at, const principal& author) {
  json values = json::object();
  json trigger = json::parse(at.run.input, nullptr, false);
  if (at.run.change_seq) {
    auto event = storage::event_of_change(data_, *at.run.change_seq);
    if (!event)
      return event;
    trigger.update(*event);
    CRM_TRY(hide_from(data_, author, trigger));
  }
  trigger["type"] = workflow::name_of(at.version.definition.when.kind);
  values["trigger"] = std::move(trigger);
  values["steps"] = at.journal.results_at(at.place);
  values["now"] = at.now_ms;
  values["workspace"]["id"] = data_.workspace();
  values["execution"]["id"] = at.run.id;
  if (!at.place.iterations.empty()) {
    values["item"] = at.place.item;
    values["index"] = at.place.index;
  }
  return values;
}

result<step_outcome> workflow_engine::execute(running_step& at) {
  fault_point("step.before");
  const auto author = acting_principal(data_, at.version.stored);
  if (!author)
    return author.error().code == error_code::scope ? fail_attempt(at, author.error(), std::nullopt)
                                                    : result<step_outcome>{author.error()};
  const auto values = values_at(at, *author);
  if (!values)
    return values.error();
  switch (at.place.what->kind) {
  case workflow::action_kind::call_tool:
    return run_call(at, *author, *values);
  case workflow::action_kind::branch:
    return run_branch(at, *values);
  case workflow::action_kind::for_each:
    return run_loop(at, *values);
  case workflow::action_kind::wait:
    return run_wait(at, *values);
  case workflow::action_kind::webhook:
    return run_webhook(at, *author, *values);
  case workflow::action_kind::stop: {
    auto ended = succeed(at, dump_json(at.place.what->config));
    return ended ? end(at.run, run_status::completed, std::nullopt) : ended;
  }
  case workflow::action_kind::fail: {
    const auto message = fill_in(at.place.what->config.at("message"), *values);
    const crm::error reason{error_code::conflict, message && message->is_string()
                                                      ? message->get<std::string>()
                                                      : "the workflow failed on purpose"};
    storage::step_row row = new_attempt(at);
    row.finished_at = at.now_ms;
    row.error = dump_json(error_json(reason));
    return give_up(at, std::move(row), reason);
  }
  }
  return step_outcome{after_step::ended};
}

result<step_outcome> workflow_engine::run_call(running_step& at, const principal& author,
                                               const json& values) {
  const int attempt = static_cast<int>(new_attempt(at).attempt);
  const auto fail = [&](const crm::error& reason) {
    return fail_attempt(at, reason, retry_delay(at, reason, attempt));
  };
  const json& config = at.place.what->config;
  const auto args = fill_in(config.value("args", json::object()), values);
  if (!args)
    return fail(args.error());
  const auto name = fill_in(config.at("tool"), values);
  const tools::tool* tool =
      name && name->is_string() ? tools::find_tool(name->get_ref<const std::string&>()) : nullptr;
  // The name may come from a template: what held at definition time is asked again.
  if (tool == nullptr || tool->spec.needs != scope::write)
    return fail({error_code::tool_not_found, "there is no such tool that writes"});
  if (const auto allowed = authorize(author, tool->spec); !allowed)
    return fail(allowed.error());
  const std::string cause = cause_of(at.run, at.place.name);
  tools::tool_context context{data_,
                              tool->spec,
                              *args,
                              author,
                              {.actor = author.actor,
                               .client = engine_client,
                               .request_id = at.run.id,
                               .tool = tool->spec.name,
                               .cause = cause,
                               .reason = {},
                               .now_ms = at.now_ms}};
  const std::int64_t changed_before = data_.db().rows_changed();
  const acting in_the_name_of{watch_, at.run};
  auto reply = tools::dispatch(*tool, context);
  if (reply)
    return succeed(at, std::move(reply->data));
  if (data_.db().rows_changed() != changed_before || !data_.db().in_transaction())
    return step_outcome{after_step::undo, std::nullopt, reply.error()};
  return fail(reply.error());
}

result<step_outcome> workflow_engine::run_branch(running_step& at, const json& values) {
  const char* taken = holds(at.place.what->conditions, values) ? "then" : "else";
  return succeed(at, dump_json({{"taken", taken}}));
}

result<step_outcome> workflow_engine::run_loop(running_step& at, const json& values) {
  const auto items = fill_in(at.place.what->config.at("items"), values);
  if (!items)
    return fail_attempt(at, items.error(), std::nullopt);
  if (!items->is_array() || items->size() > limits::for_each_items_max)
    return fail_attempt(at,
                        wrong("for_each walks an array of at most "
                              + std::to_string(limits::for_each_items_max) + " items"),
                        std::nullopt);
  return succeed(at, dump_json({{"items", *items}}));
}

result<step_outcome> workflow_engine::run_wait(running_step& at, const json& values) {
  const storage::step_row* last = at.journal.last_attempt(at.place.name);
  if (last != nullptr && last->next_attempt_at) {
    if (at.now_ms >= *last->next_attempt_at)
      return succeed(at, dump_json({{"until", *last->next_attempt_at}}));
    return rest_until(at, *last->next_attempt_at);
  }
  const auto config = fill_in(at.place.what->config, values);
  if (!config)
    return fail_attempt(at, config.error(), std::nullopt);
  std::optional<std::int64_t> until;
  if (config->contains("until") && config->at("until").is_number())
    until = static_cast<std::int64_t>(config->at("until").get<double>());
  if (config->contains("duration") && config->at("duration").is_string()) {
    if (const auto length = parse_duration(config->at("duration").get<std::string>()))
      until = at.now_ms + *length;
  }
  if (!until || *until - at.now_ms > limits::run_ms_max)
    return fail_attempt(at, wrong("a wait ends at a time within 30 days"), std::nullopt);
  storage::step_row row = new_attempt(at);
  row.state = step_state::waiting;
  row.next_attempt_at = *until;
  CRM_TRY(storage::write_step(data_, at.run.seq, row));
  at.journal.add(std::move(row));
  if (*until <= at.now_ms)
    return run_wait(at, values);
  return rest_until(at, *until);
}

// -- webhooks ------------------------------------------------------------------------------------

result<step_outcome> workflow_engine::run_webhook(running_step& at, const principal& author,
                                                  const json& values) {
  if (const auto allowed = require_sender(data_, author); !allowed)
    return allowed.error().code == error_code::scope
               ? fail_attempt(at, allowed.error(), std::nullopt)
               : result<step_outcome>{allowed.error()};
  const std::string id = "msg_" + at.run.id + "_" + at.place.name;
  const storage::step_row* last = at.journal.last_attempt(at.place.name);
  if (last != nullptr)
    return send_again(at, *last);
  const json& config = at.place.what->config;
  const auto url = fill_in(config.at("url"), values);
  if (!url)
    return fail_attempt(at, url.error(), std::nullopt);
  const auto body = config.contains("body") ? fill_in(config.at("body"), values)
                                            : result<json>{values.at("trigger")};
  if (!body)
    return fail_attempt(at, body.error(), std::nullopt);
  std::string text = dump_json(*body);
  if (!url->is_string() || text.size() > limits::webhook_body_bytes_max)
    return fail_attempt(at, wrong("a webhook has a URL and a body of at most 256 KiB"),
                        std::nullopt);
  const storage::delivery kept{id, url->get<std::string>(), std::move(text)};
  CRM_TRY(storage::add_delivery(data_, at.run.seq, at.place.name, kept));
  storage::step_row row = new_attempt(at);
  row.state = step_state::running;
  CRM_TRY(storage::write_step(data_, at.run.seq, row));
  return send_again(at, row);
}

/// Sends what was kept under the id: the first time, after a failure, and after a crash that left
/// nobody knowing whether it went out.
result<step_outcome> workflow_engine::send_again(running_step& at, const storage::step_row& last) {
  if (last.next_attempt_at && *last.next_attempt_at > at.now_ms)
    return rest_until(at, *last.next_attempt_at);
  if (last.state == step_state::waiting) {
    storage::step_row row = new_attempt(at);
    row.state = step_state::running;
    CRM_TRY(storage::write_step(data_, at.run.seq, row));
  }
  auto kept = storage::find_delivery(data_, "msg_" + at.run.id + "_" + at.place.name);
  if (!kept)
    return std::move(kept).error();
  const auto headers = storage::sign_webhook(storage::signing_secret(data_, at.run.workflow).key,
                                             kept->id, kept->body, at.now_ms);
  at.run.status = run_status::running;
  at.run.due_at = at.now_ms;
  CRM_TRY(storage::save_execution(data_, at.run));
  return step_outcome{after_step::deliver,
                      webhook_request{at.run.seq, at.place.name, std::move(kept->url),
                                      std::move(kept->body), headers.id, headers.timestamp,
                                      headers.signature}};
}

result<step_outcome> workflow_engine::record_answer(std::int64_t run_seq,
                                                    const webhook_answer& answer) {
  auto run = storage::find_execution(data_, run_seq);
  if (!run)
    return std::move(run).error();
  const auto version = load(run->workflow, run->version);
  auto rows = storage::journal_of(data_, run_seq);
  if (!version || !rows || !run->due_at)
    return step_outcome{after_step::ended};
  run_journal journal{*std::move(rows)};
  const auto place = journal.next((*version)->definition.actions);
  // An answer that comes late, to an actor that was replaced meanwhile, says nothing new.
  if (!place || place->name != answer.step)
    return step_outcome{after_step::go_on};
  running_step at{*run, **version, journal, *place, surroundings_.now_ms()};
  const auto reason = failure_of(answer);
  if (!reason)
    return succeed(at, dump_json({{"status", answer.status}, {"body", answer.body}}));
  if (answer.status == 410)
    CRM_TRY(pause_after_gone(at));
  const int attempt = static_cast<int>(new_attempt(at).attempt);
  std::optional<std::int64_t> delay;
  if (may_be_repeated(answer))
    delay = place->what->retry ? retry_delay(at, *reason, attempt)
                               : webhook_delay_ms(attempt, surroundings_.random());
  if (delay && answer.retry_after_ms)
    delay = std::max(*delay, *answer.retry_after_ms);
  return fail_attempt(at, *reason, delay);
}

/// 410 Gone: the receiver wants no more of it, so the workflow rests until someone looks at it.
result<void> workflow_engine::pause_after_gone(const running_step& at) {
  const auto stored = storage::find(data_, storage::workflow_kind, at.run.workflow, "workflowId");
  if (!stored)
    return stored.error();
  const std::string cause = cause_of(at.run, at.place.name);
  const auto paused =
      storage::pause_workflow(data_, *stored, "the webhook's target answered 410 Gone",
                              {.actor = at.version.stored.author,
                               .client = engine_client,
                               .request_id = at.run.id,
                               .tool = "pause_workflow",
                               .cause = cause,
                               .reason = "the webhook's target answered 410 Gone",
                               .now_ms = at.now_ms});
  // Paused already: two runs met the same answer.
  if (!paused && paused.error().code != error_code::conflict)
    return paused.error();
  return {};
}

} // namespace crm::actors
