// SPDX-License-Identifier: Apache-2.0
#include "actors/workflow_engine.hpp"

#include "protocol/call.hpp"
#include "protocol/limits.hpp"

namespace crm::actors {

namespace {

using storage::run_status;
using storage::step_state;

/// Definitions that are kept parsed; beyond it all are read anew.
constexpr std::size_t loaded_versions_max = 256;

std::string error_text(const crm::error& reason) {
  return dump_json(error_json(reason));
}

crm::error over_bound(const std::string& what) {
  return {error_code::limit_exceeded, "the run went over its bound: " + what};
}

/// Local steps are tried again without being asked only when the failure says that it may help.
constexpr backoff local_retries{};

} // namespace

result<step_outcome> workflow_engine::take_step(std::int64_t run_seq,
                                                const std::optional<crm::error>& known_failure) {
  auto run = storage::find_execution(data_, run_seq);
  if (!run && run.error().code == error_code::not_found)
    return step_outcome{after_step::ended};
  if (!run)
    return std::move(run).error();
  if (!run->due_at)
    return step_outcome{after_step::ended};
  if (run->parked) {
    run->status = run_status::pending;
    CRM_TRY(storage::save_execution(data_, *run));
    return step_outcome{after_step::rest};
  }
  return step(*run, known_failure);
}

result<step_outcome> workflow_engine::step(storage::execution& run,
                                           const std::optional<crm::error>& known_failure) {
  const std::int64_t now_ms = surroundings_.now_ms();
  const auto version = load(run.workflow, run.version);
  if (!version)
    return end(run, run_status::failed, error_text(version.error()));
  auto rows = storage::journal_of(data_, run.seq);
  if (!rows)
    return std::move(rows).error();
  run_journal journal{*std::move(rows)};
  if (!run.started_at)
    run.started_at = now_ms;
  const auto place = journal.next((*version)->definition.actions);
  if (!place)
    return end(run, run_status::completed, std::nullopt);
  if (journal.size() >= limits::run_steps_max)
    return end(run, run_status::failed,
               error_text(over_bound(std::to_string(limits::run_steps_max) + " steps")));
  if (journal.bytes() > limits::run_journal_bytes_max)
    return end(run, run_status::failed, error_text(over_bound("2 MiB of results")));
  if (now_ms - run.created_at > limits::run_ms_max)
    return end(run, run_status::failed, error_text(over_bound("30 days")));
  running_step at{run, **version, journal, *place, now_ms};
  if (known_failure)
    return fail_attempt(at, *known_failure,
                        retry_delay(at, *known_failure, static_cast<int>(new_attempt(at).attempt)));
  return execute(at);
}

result<const workflow_engine::loaded_version*> workflow_engine::load(const std::string& workflow_id,
                                                                     std::int64_t number) {
  const auto key = std::pair{workflow_id, number};
  if (const auto known = versions_.find(key); known != versions_.end())
    return static_cast<const loaded_version*>(known->second.get());
  auto stored = storage::find_version(data_, workflow_id, number);
  if (!stored)
    return std::move(stored).error();
  auto definition = workflow::read_stored(json::parse(stored->trigger, nullptr, false),
                                          json::parse(stored->actions, nullptr, false));
  if (!definition)
    return std::move(definition).error();
  if (versions_.size() >= loaded_versions_max)
    versions_.clear();
  auto& slot = versions_[key];
  slot =
      std::make_unique<loaded_version>(loaded_version{*std::move(stored), *std::move(definition)});
  return static_cast<const loaded_version*>(slot.get());
}

// -- how a step ends -----------------------------------------------------------------------------

storage::step_row workflow_engine::new_attempt(const running_step& at) const {
  const storage::step_row* last = at.journal.last_attempt(at.place.name);
  storage::step_row row;
  row.step = at.place.name;
  row.attempt = last == nullptr ? 1 : last->attempt + 1;
  row.action = workflow::name_of(at.place.what->kind);
  row.started_at = at.now_ms;
  // A webhook under way and a wait end in the row in which they began.
  if (last != nullptr
      && (last->state == step_state::running
          || (last->state == step_state::waiting && !last->error))) {
    row.attempt = last->attempt;
    row.started_at = last->started_at;
  }
  return row;
}

result<step_outcome> workflow_engine::succeed(running_step& at, std::string output) {
  storage::step_row row = new_attempt(at);
  row.finished_at = at.now_ms;
  if (output.size() > limits::step_output_bytes_max)
    output = dump_json({{"omittedBytes", output.size()}});
  row.output = std::move(output);
  CRM_TRY(storage::write_step(data_, at.run.seq, row));
  at.journal.add(std::move(row));
  return go_on(at);
}

result<step_outcome> workflow_engine::go_on(running_step& at) {
  if (!at.journal.next(at.version.definition.actions))
    return end(at.run, run_status::completed, std::nullopt);
  at.run.status = run_status::running;
  at.run.due_at = at.now_ms;
  CRM_TRY(storage::save_execution(data_, at.run));
  return step_outcome{after_step::go_on};
}

result<step_outcome> workflow_engine::rest_until(running_step& at, std::int64_t due_at) {
  at.run.status = run_status::pending;
  at.run.due_at = due_at;
  CRM_TRY(storage::save_execution(data_, at.run));
  return step_outcome{after_step::rest};
}

result<step_outcome> workflow_engine::end(storage::execution& run, run_status status,
                                          std::optional<std::string> error) {
  run.status = status;
  run.due_at = std::nullopt;
  run.ended_at = surroundings_.now_ms();
  run.error = std::move(error);
  CRM_TRY(storage::save_execution(data_, run));
  return step_outcome{after_step::ended};
}

/// When to try a failed step again; none when it is not to be.
std::optional<std::int64_t>
workflow_engine::retry_delay(const running_step& at, const crm::error& reason, int attempt) const {
  const workflow::action& what = *at.place.what;
  const bool hopeless = reason.code == error_code::validation || reason.code == error_code::scope
                        || reason.code == error_code::tool_not_found;
  const bool helps = what.retry ? !hopeless : face_of(reason.code).retryable;
  const backoff policy = what.retry.value_or(local_retries);
  if (!helps || attempt >= policy.attempts_max)
    return std::nullopt;
  return std::max(delay_ms(policy, attempt, surroundings_.random()),
                  reason.retry_after_ms.value_or(0));
}

result<step_outcome> workflow_engine::fail_attempt(running_step& at, const crm::error& reason,
                                                   std::optional<std::int64_t> retry_in_ms) {
  const workflow::action& what = *at.place.what;
  storage::step_row row = new_attempt(at);
  row.finished_at = at.now_ms;
  row.error = error_text(reason);
  const std::int64_t began_at = at.journal.began_at(at.place.name, at.now_ms);
  const bool in_time =
      !what.timeout_ms || !retry_in_ms || at.now_ms + *retry_in_ms <= began_at + *what.timeout_ms;
  if (!retry_in_ms || !in_time)
    return give_up(at, std::move(row), reason);
  row.state = step_state::waiting;
  row.next_attempt_at = at.now_ms + *retry_in_ms;
  CRM_TRY(storage::write_step(data_, at.run.seq, row));
  return rest_until(at, *row.next_attempt_at);
}

result<step_outcome> workflow_engine::give_up(running_step& at, storage::step_row row,
                                              const crm::error& reason) {
  if (at.place.what->failure == workflow::on_failure::go_on) {
    row.state = step_state::continued;
    CRM_TRY(storage::write_step(data_, at.run.seq, row));
    at.journal.add(std::move(row));
    return go_on(at);
  }
  row.state = step_state::failed;
  CRM_TRY(storage::write_step(data_, at.run.seq, row));
  json shown = error_json(reason);
  shown["step"] = row.step;
  return end(at.run, run_status::failed, dump_json(shown));
}

result<void> workflow_engine::requeue(std::int64_t run_seq) {
  auto run = storage::find_execution(data_, run_seq);
  if (!run)
    return std::move(run).error();
  if (run->status != run_status::running)
    return {};
  run->status = run_status::pending;
  return storage::save_execution(data_, *run);
}

result<void> workflow_engine::fail_run(std::int64_t run_seq, const crm::error& reason) {
  auto run = storage::find_execution(data_, run_seq);
  if (!run)
    return std::move(run).error();
  if (!run->due_at)
    return {};
  const auto ended = end(*run, run_status::failed, error_text(reason));
  return ended ? result<void>{} : result<void>{ended.error()};
}

} // namespace crm::actors
