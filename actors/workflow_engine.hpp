// SPDX-License-Identifier: Apache-2.0
// Takes the steps of runs: one step, its effect, its journal row and the run's new state within the
// transaction that its caller opened. Knows nothing of actors and never waits.
#pragma once

#include "actors/run_context.hpp"
#include "actors/step_outcome.hpp"
#include "protocol/environment.hpp"
#include "storage/shard.hpp"
#include "storage/timers.hpp"
#include "storage/trigger_watch.hpp"
#include "storage/workflows.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>

namespace crm::actors {

/// Runs the workflows of one open workspace.
class workflow_engine {
public:
  workflow_engine(storage::shard& data, storage::trigger_watch& watch, environment surroundings)
      : data_(data), watch_(watch), surroundings_(std::move(surroundings)) {}

  /// Takes the next step of a run. With `known_failure` the step is not executed: it failed so.
  /// @errors storage.
  result<step_outcome> take_step(std::int64_t run, const std::optional<crm::error>& known_failure);

  /// Journals what became of a webhook. @errors storage.
  result<step_outcome> record_answer(std::int64_t run, const webhook_answer& answer);

  /// Has a run whose actor died wait for its next one. @errors storage.
  result<void> requeue(std::int64_t run);

  /// Ends a run as failed, whatever step it is at. @errors storage.
  result<void> fail_run(std::int64_t run, const crm::error& reason);

  /// Adds the runs of the times that have come. Returns whether more are due. @errors storage.
  result<bool> fire_timers();

  /// Returns when something is due next. @errors storage.
  result<std::optional<std::int64_t>> next_due();

private:
  /// A version as it runs.
  struct loaded_version {
    storage::workflow_version stored;
    workflow::definition definition;
  };

  /// A run while it takes one step.
  struct running_step {
    storage::execution& run;
    const loaded_version& version;
    run_journal& journal;
    const step_place& place;
    std::int64_t now_ms;
  };

  result<const loaded_version*> load(const std::string& workflow, std::int64_t number);
  result<step_outcome> step(storage::execution& run, const std::optional<crm::error>& failure);
  result<step_outcome> execute(running_step& at);
  result<step_outcome> run_call(running_step& at, const principal& author, const json& values);
  result<step_outcome> run_branch(running_step& at, const json& values);
  result<step_outcome> run_loop(running_step& at, const json& values);
  result<step_outcome> run_wait(running_step& at, const json& values);
  result<step_outcome> run_webhook(running_step& at, const principal& author, const json& values);
  result<step_outcome> send_again(running_step& at, const storage::step_row& last);
  result<json> values_at(const running_step& at, const principal& author);
  result<void> pause_after_gone(const running_step& at);

  result<step_outcome> succeed(running_step& at, std::string output);
  result<step_outcome> fail_attempt(running_step& at, const crm::error& reason,
                                    std::optional<std::int64_t> retry_in_ms);
  result<step_outcome> give_up(running_step& at, storage::step_row row, const crm::error& reason);
  std::optional<std::int64_t> retry_delay(const running_step& at, const crm::error& reason,
                                          int attempt) const;
  result<step_outcome> go_on(running_step& at);
  result<step_outcome> rest_until(running_step& at, std::int64_t due_at);
  result<step_outcome> end(storage::execution& run, storage::run_status status,
                           std::optional<std::string> error);
  storage::step_row new_attempt(const running_step& at) const;

  result<void> fire(const storage::timer& due, std::int64_t now_ms);
  result<void> fire_schedule(const storage::timer& due, const workflow::trigger& when,
                             std::int64_t now_ms);
  result<void> fire_date(const storage::timer& due, const workflow::trigger& when,
                         std::int64_t now_ms);

  storage::shard& data_;
  storage::trigger_watch& watch_;
  environment surroundings_;
  std::map<std::pair<std::string, std::int64_t>, std::unique_ptr<loaded_version>> versions_;
};

} // namespace crm::actors
