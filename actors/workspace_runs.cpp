// SPDX-License-Identifier: Apache-2.0
// What a workspace does for the runs of its workflows. Calls of users go first: steps wait for a
// moment without calls, and have a small share of the time while there is none.
#include "actors/fault_points.hpp"
#include "actors/restart_policy.hpp"
#include "actors/workspace.hpp"
#include "protocol/limits.hpp"
#include "protocol/log.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace crm::actors {

namespace {

using clock = std::chrono::steady_clock;

/// How long after the last call, or its answer, steps have the workspace to themselves.
constexpr std::chrono::milliseconds quiet_ms{2};
/// One of so many microseconds goes to steps while writes keep coming: enough that runs end under
/// any load, and little enough that writes stay within 1.5 times of their latency without
/// workflows (bench/workflow_latency.cpp).
constexpr int step_share = 80;
/// The same while only reads come: who asks again and again whether a run has ended shall not be
/// what keeps it from ending.
constexpr int step_share_beside_reads = 4;
/// How long after a write the next one is still expected.
constexpr std::chrono::milliseconds writing_ms{20};
/// How long a group of steps takes, its commit left out: what a call waits for it at most. Groups,
/// because a commit costs its pages more than its rows: one step with each commit of calls made
/// writes dearer than all these steps together.
constexpr std::chrono::milliseconds group_ms_max{1};
/// Steps that share one commit at most.
constexpr std::size_t steps_per_commit = 32;

} // namespace

// -- opening -------------------------------------------------------------------------------------

result<void> workspace_state::open_engine() {
  watch_.emplace(*shard_);
  engine_.emplace(*shard_, *watch_, setup_.surroundings);
  runs_.emplace(self_, setup_.services, setup_.surroundings);
  const auto has_workflows = watch_->has_workflows();
  const auto due = engine_->next_due();
  if (!has_workflows || !due) {
    close_file();
    return has_workflows ? due.error() : has_workflows.error();
  }
  if (!*has_workflows && !*due)
    return {};
  // Runs that a crash left `running` have no actor: they wait for their turn like the others.
  if (auto requeued = storage::requeue_running(*shard_); !requeued) {
    close_file();
    return requeued;
  }
  needs_wake_ = true;
  self_->send(self_, look_at_clock{});
  return {};
}

/// Nothing that may add a run happens before it is durable that the workspace has to be opened
/// after a crash; until then its calls wait, in their order.
bool workspace_state::must_wait_for_wake(const run_call& message) {
  if (wake_is_held_)
    return false;
  const tool_spec& spec = message.admitted->what->spec;
  const bool defines = spec.category == "Workflows" && spec.writes();
  if (!needs_wake_ && !defines && waiting_for_wake_.empty())
    return false;
  if (!std::exchange(wake_requested_, true))
    self_->send(setup_.router, hold_wake{setup_.id});
  needs_wake_ = true;
  return true;
}

void workspace_state::on(const wake_held&) {
  wake_is_held_ = true;
  for (const run_call& message : std::exchange(waiting_for_wake_, {})) {
    if (shard_)
      receive(message);
    else
      on(message);
  }
  on(look_at_clock{});
}

// -- steps ---------------------------------------------------------------------------------------

void workspace_state::on(const want_step& message) {
  if (runs_ && runs_->heard(message.run, message.from))
    queue({message.run, message.from, std::nullopt, std::nullopt});
}

void workspace_state::on(const report_answer& message) {
  if (runs_ && runs_->heard(message.run, message.from))
    queue({message.run, message.from, message.answer, std::nullopt});
}

void workspace_state::queue(step_request request) {
  steps_.push_back(std::move(request));
  arm_steps();
}

void workspace_state::arm_steps() {
  if (steps_.empty() || std::exchange(steps_armed_, true))
    return;
  if (is_quiet())
    self_->send(self_, take_steps{});
  else
    self_->delayed_send(self_, quiet_ms, take_steps{});
}

void workspace_state::on(const take_steps&) {
  steps_armed_ = false;
  if (!shard_ || steps_.empty())
    return;
  if (is_quiet())
    return take_group();
  take_share();
  arm_steps();
}

bool workspace_state::is_quiet() const {
  return batch_.empty() && clock::now() - last_call_ > quiet_ms;
}

/// Takes a group once its time has come together.
void workspace_state::take_share() {
  const auto now = clock::now();
  const int share = now - last_write_ > writing_ms ? step_share_beside_reads : step_share;
  step_time_ =
      std::min<clock::duration>(step_time_ + (now - step_time_refilled_) / share, group_ms_max);
  step_time_refilled_ = now;
  if (shard_ && batch_.empty() && !steps_.empty() && step_time_ >= group_ms_max)
    take_group();
}

/// What quiet moments cost is forgotten beyond one group: calls that come after a long one owe
/// nothing for it.
void workspace_state::spend_step_time(clock::duration spent) {
  step_time_ = std::max<clock::duration>(step_time_ - spent, -group_ms_max);
}

/// Takes steps in a transaction of their own.
void workspace_state::take_group() {
  const auto begun_at = clock::now();
  if (steps_.front().alone) {
    step_request request = std::move(steps_.front());
    steps_.pop_front();
    take_alone(std::move(request));
    spend_step_time(clock::now() - begun_at);
    return arm_steps();
  }
  if (auto begun = shard_->begin(); !begun)
    return close_file();
  bool whole = true;
  while (whole && !steps_.empty() && !steps_.front().alone && step_batch_.size() < steps_per_commit
         && clock::now() - begun_at < group_ms_max) {
    step_request request = std::move(steps_.front());
    steps_.pop_front();
    whole = take_into_batch(std::move(request));
  }
  if (!whole) {
    requeue_steps_alone();
    watch_->forget();
    if (!shard_->rollback())
      return close_file();
    return arm_steps();
  }
  if (!commit())
    return close_file();
  ++setup_.count->commits;
  spend_step_time(clock::now() - begun_at);
  answer_steps();
  after_commit();
  arm_steps();
}

result<step_outcome> workspace_state::take(const step_request& request) {
  try {
    return request.answer ? engine_->record_answer(request.run, *request.answer)
                          : engine_->take_step(request.run, request.known_failure);
  } catch (const std::exception& thrown) {
    // Left alone it would end the actor, which would meet the same step again when it comes back.
    log_line(log_level::error, "step_threw", {{"text", thrown.what()}});
    return crm::error{error_code::storage, "the step failed on data that it could not read"};
  }
}

/// Returns false when the transaction must be undone because of this step, which is then queued
/// with what is known about it.
bool workspace_state::take_into_batch(step_request request) {
  auto outcome = take(request);
  const bool undo = !outcome || outcome->next == after_step::undo;
  if (undo) {
    if (outcome)
      request.known_failure = outcome->failure;
    step_batch_.push_back({std::move(request), {}});
    return false;
  }
  step_batch_.push_back({std::move(request), *std::move(outcome)});
  fault_point("step.uncommitted");
  return true;
}

/// In a transaction of its own a step can fail without taking others along. One that can be neither
/// taken nor journaled ends its run, so that no run comes back for ever.
void workspace_state::take_alone(step_request request) {
  if (!shard_->begin())
    return close_file();
  auto outcome = take(request);
  if (outcome && outcome->next == after_step::undo) {
    request.known_failure = outcome->failure;
    watch_->forget();
    if (!shard_->rollback() || !shard_->begin())
      return close_file();
    outcome = take(request);
  }
  if (!outcome || outcome->next == after_step::undo) {
    const crm::error reason = outcome ? *outcome->failure : outcome.error();
    watch_->forget();
    if (!shard_->rollback() || !shard_->begin() || !engine_->fail_run(request.run, reason))
      return close_file();
    outcome = step_outcome{after_step::ended};
  }
  step_batch_.push_back({std::move(request), *std::move(outcome)});
  if (!commit())
    return close_file();
  answer_steps();
  after_commit();
}

void workspace_state::requeue_steps_alone() {
  for (auto pending = step_batch_.rbegin(); pending != step_batch_.rend(); ++pending) {
    pending->request.alone = true;
    steps_.push_front(std::move(pending->request));
  }
  step_batch_.clear();
}

void workspace_state::answer_steps() {
  if (step_batch_.empty())
    return;
  fault_point("step.committed");
  for (pending_step& pending : std::exchange(step_batch_, {})) {
    runs_->answered(pending.request.run, pending.outcome.next);
    self_->send(pending.request.from, step_taken{std::move(pending.outcome)});
  }
}

// -- starting what is due ------------------------------------------------------------------------

void workspace_state::after_commit() {
  if (!watch_)
    return;
  const bool added = watch_->take_added();
  if (added) {
    fault_point("trigger.committed");
    needs_wake_ = true;
  }
  if (added || start_after_commit_)
    start_due();
}

void workspace_state::hold_open() {
  if (runs_->live_count() == 0)
    busy_.reset();
  else if (!busy_)
    busy_.emplace(setup_.in_flight, setup_.in_flight_in_all);
}

/// What an open transaction adds may be undone yet: it starts nothing.
void workspace_state::start_due() {
  start_after_commit_ = shard_->db().in_transaction();
  if (start_after_commit_ || runs_->live_count() >= limits::live_runs_max)
    return;
  const auto due = storage::due_executions(*shard_, setup_.surroundings.now_ms(),
                                           static_cast<std::int64_t>(2 * limits::live_runs_max));
  if (!due)
    return close_file();
  for (const std::int64_t run : *due) {
    if (runs_->live_count() >= limits::live_runs_max)
      break;
    if (!runs_->is_live(run) && runs_->may_start(run))
      runs_->start(run);
  }
  hold_open();
}

void workspace_state::on(const look_at_clock&) {
  if (!ensure_open())
    return;
  if (!needs_wake_)
    return;
  if (!wake_is_held_) {
    if (!std::exchange(wake_requested_, true))
      self_->send(setup_.router, hold_wake{setup_.id});
    return;
  }
  if (!batch_.empty())
    commit_and_answer();
  if (!shard_ || !shard_->begin())
    return close_file();
  const auto more = engine_->fire_timers();
  if (!more || !commit())
    return close_file();
  after_commit();
  if (!shard_)
    return;
  runs_->end_silent();
  start_due();
  if (*more)
    self_->send(self_, look_at_clock{});
  else
    watch_clock();
}

/// Looks at the clock again when the next thing is due, and now and then in case it is set.
void workspace_state::watch_clock() {
  if (!shard_)
    return;
  const auto due = engine_->next_due();
  if (!due)
    return;
  std::optional<std::int64_t> next = *due;
  if (const auto restart = runs_->next_restart(); restart && (!next || *restart < *next))
    next = restart;
  if (!next)
    return;
  if (const auto wait = alarm_.set(*next - setup_.surroundings.now_ms(), 20))
    self_->delayed_send(self_, *wait, look_at_clock{});
}

// -- the end of runs -----------------------------------------------------------------------------

void workspace_state::on_run_ended(const caf::down_msg& message) {
  if (!runs_)
    return;
  const auto ended = runs_->gone(message);
  if (!ended)
    return;
  if (ended->deaths > 0)
    restart_or_fail(*ended);
  if (!shard_)
    return;
  start_due();
  hold_open();
  watch_clock();
}

void workspace_state::restart_or_fail(const ended_actor& ended) {
  if (!batch_.empty())
    commit_and_answer();
  if (!shard_ || !shard_->begin())
    return close_file();
  const auto delay = restart_delay_ms(ended.deaths, setup_.surroundings.random());
  result<void> noted;
  if (delay) {
    runs_->pause(ended.run, setup_.surroundings.now_ms() + *delay);
    noted = engine_->requeue(ended.run);
  } else {
    runs_->forgive(ended.run);
    noted = engine_->fail_run(ended.run, {error_code::storage, "the run's actor died "
                                                                   + std::to_string(ended.deaths)
                                                                   + " times at the same step"});
  }
  if (!noted || !commit())
    close_file();
}

} // namespace crm::actors
