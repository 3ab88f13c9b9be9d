// SPDX-License-Identifier: Apache-2.0
#include "actors/workspace.hpp"

#include "actors/guard.hpp"
#include "actors/log_syncer.hpp"
#include "protocol/changes.hpp"
#include "protocol/limits.hpp"
#include "protocol/log.hpp"

#include <exception>
#include <utility>

namespace crm::actors {

namespace {

/// How soon a file that was closed after an error is opened again for the runs of its workflows.
constexpr std::chrono::milliseconds reopen_ms{1'000};

/// For how long calls are expected where many waited: those that were answered come again.
constexpr std::chrono::milliseconds crowded_for{50};

} // namespace

workspace_actor::behavior_type workspace_state::make_behavior(workspace_setup setup) {
  guard_against_exceptions(self_, name);
  setup_ = std::move(setup);
  share_.emplace(setup_.processors);
  self_->set_down_handler([this](caf::down_msg& message) { on_run_ended(message); });
  return {
      [this](const run_call& message) { on(message); },
      [this](const commit_batch& message) { on(message); },
      [this](const group_answered& message) { on(message); },
      [this](const close_workspace& message) { on(message); },
      [this](const want_step& message) { on(message); },
      [this](const report_answer& message) { on(message); },
      [this](const take_steps& message) { on(message); },
      [this](const look_at_clock& message) { on(message); },
      [this](const wake_held& message) { on(message); },
  };
}

void workspace_state::on(const run_call& message) {
  admitted_call& admitted = *message.admitted;
  if (is_stale(admitted))
    return answer(message.admitted,
                  crm::error{error_code::overloaded,
                             "the call's deadline passed before it ran: nothing was done",
                             {},
                             1'000});
  if (auto opened = ensure_open(); !opened)
    return answer(message.admitted, std::move(opened).error());
  if (must_wait_for_wake(message))
    return waiting_for_wake_.push_back(message);
  receive(message);
}

void workspace_state::receive(const run_call& message) {
  const bool writes = message.admitted->what->spec.writes();
  const auto began = std::chrono::steady_clock::now();
  last_call_ = began;
  if (writes)
    last_write_ = last_call_;
  // A read that sees what is not durable yet waits for the disk too.
  if (batch_.empty() && unsynced_.empty() && !writes)
    run_alone(message.admitted);
  else {
    run_in_batch(message.admitted);
    give_way();
  }
  keep_to_share(began, message.admitted->of_others);
}

/// Whoever has had more than its share while others call goes on in the background.
void workspace_state::keep_to_share(std::chrono::steady_clock::time_point began,
                                    std::uint64_t calls_of_others) {
  const auto now = std::chrono::steady_clock::now();
  const bool others_call = std::exchange(calls_of_others_, calls_of_others) != calls_of_others;
  const bool exceeded = share_->is_exceeded_after(now - began, now, others_call);
  if (exceeded == held_back_.has_value())
    return;
  if (!exceeded)
    return held_back_.reset();
  held_back_.emplace(static_cast<caf::scheduled_actor*>(self_));
  ++setup_.count->held_back;
  log_line(log_level::info, "workspace_held_back", {{"workspace", setup_.id}});
}

void workspace_state::on(const commit_batch&) {
  if (!batch_.empty())
    commit_and_answer();
}

void workspace_state::on(const group_answered& message) {
  if (message.is_durable && !unsynced_.front().empty())
    setup_.changes->tell(setup_.id, unsynced_.front());
  unsynced_.pop_front();
  if (!message.is_durable && message.sync.same_log(sync_))
    close_file();
  if (closing_ && unsynced_.empty())
    end();
}

void workspace_state::on(const close_workspace&) {
  if (!batch_.empty())
    commit_and_answer();
  closing_ = true;
  if (unsynced_.empty())
    end();
}

void workspace_state::end() {
  if (needs_wake_ && shard_) {
    const auto due = engine_->next_due();
    self_->send(setup_.router,
                release_wake{setup_.id, due ? *due : std::optional<std::int64_t>{0}});
  }
  index_texts();
  close_file();
  self_->quit();
}

/// Spares whoever opens the file the wait. What fails here is done when it is opened.
void workspace_state::index_texts() {
  if (!shard_)
    return;
  const disk_wait here;
  if (const auto indexed = shard_->index_texts(); !indexed)
    log_line(log_level::warning, "texts_left_behind",
             {{"workspace", setup_.id}, {"text", indexed.error().message}});
}

result<void> workspace_state::ensure_open() {
  if (shard_)
    return {};
  const disk_wait here;
  auto opened = storage::shard::open(setup_.file, setup_.id, setup_.surroundings);
  if (!opened)
    return std::move(opened).error();
  shard_.emplace(*std::move(opened));
  shard_->on_commit(
      [board = setup_.changes, id = setup_.id](const auto& changed) { board->tell(id, changed); });
  return open_engine();
}

void workspace_state::run_alone(const handed<admitted_call>& admitted) {
  answer(admitted, run_tool(*admitted));
}

/// What was not committed is undone with the file. What refers to the file goes before it.
void workspace_state::close_file() {
  answer_batch(crm::error{error_code::storage,
                          "the data file had to be closed after an error; nothing was written"});
  if (runs_)
    runs_->stop_all();
  busy_.reset();
  steps_.clear();
  step_batch_.clear();
  runs_.reset();
  engine_.reset();
  watch_.reset();
  sync_ = {};
  {
    const disk_wait here;
    shard_.reset();
  }
  if (needs_wake_) // the runs go on when the file can be read again
    self_->delayed_send(self_, reopen_ms, look_at_clock{});
}

void workspace_state::run_in_batch(const handed<admitted_call>& admitted) {
  if (batch_.empty()) {
    if (auto begun = shard_->begin(); !begun)
      return answer(admitted, std::move(begun).error());
    self_->send(self_, commit_batch{});
  }
  const std::int64_t changed_before = shard_->db().rows_changed();
  auto outcome = run_tool(*admitted);
  const bool half_written = !outcome && shard_->db().rows_changed() != changed_before;
  const bool undone = !shard_->db().in_transaction();
  batch_.push_back({admitted, std::move(outcome)});
  if (half_written || undone)
    return replay_one_by_one();
  const std::size_t calls_max =
      held_back_ ? limits::held_back_commit_calls_max : setup_.commit_calls_max;
  if (batch_.size() >= calls_max)
    commit_and_answer();
}

void workspace_state::commit_and_answer() {
  if (goes_on_meanwhile())
    return commit_ahead();
  const auto committed = commit();
  if (!committed) {
    answer_batch(unknown_outcome());
    return close_file();
  }
  count_commit();
  // Each gives its place back as it is answered, not when all are.
  for (finished_call& call : std::exchange(batch_, {}))
    answer(std::exchange(call.admitted, nullptr), std::move(call.outcome));
  after_batch();
}

/// Whether the workspace leaves the wait for the disk to the log syncer. Behind a group that is not
/// answered yet it must.
bool workspace_state::goes_on_meanwhile() {
  if (!unsynced_.empty())
    return true;
  if (held_back_)
    return false;
  if (*setup_.in_flight >= batch_.size() + limits::calls_beside_sync_min)
    crowded_until_ = last_call_ + crowded_for;
  return last_call_ < crowded_until_;
}

void workspace_state::commit_ahead() {
  auto committed = [&] {
    const disk_wait here;
    return shard_->commit_ahead();
  }();
  if (!committed) {
    answer_batch(unknown_outcome());
    return close_file();
  }
  count_commit();
  if (committed->sync)
    sync_ = committed->sync;
  unsynced_.push_back(std::move(committed->changed));
  self_->send(setup_.syncer,
              answer_group{sync_,
                           std::make_shared<std::vector<finished_call>>(std::exchange(batch_, {})),
                           workspace_actor{self_}});
  hand_over_checkpoint();
  after_batch();
}

void workspace_state::count_commit() {
  ++setup_.count->commits;
  setup_.count->committed_calls += batch_.size();
}

void workspace_state::after_batch() {
  last_call_ = std::chrono::steady_clock::now();
  after_commit();
  take_share();
}

result<void> workspace_state::commit() {
  const disk_wait here;
  auto committed = shard_->commit();
  hand_over_checkpoint();
  return committed;
}

/// The sync that a checkpoint has put off goes on while the next calls run.
void workspace_state::hand_over_checkpoint() {
  if (auto sync = shard_->take_checkpoint_sync())
    self_->send(setup_.checkpoint_syncer, finish_checkpoint{std::move(sync)});
}

/// One call of the batch failed after it had written. The batch is undone and every call runs again
/// in a transaction of its own, so that one call's failure touches no other.
void workspace_state::replay_one_by_one() {
  ++setup_.count->replayed_batches;
  auto calls = std::exchange(batch_, {});
  watch_->forget();
  if (const auto undone = shard_->rollback(); !undone || !wait_for_groups())
    close_file();
  for (finished_call& pending : calls) {
    if (auto opened = ensure_open(); !opened)
      answer(pending.admitted, std::move(opened).error());
    else
      answer(pending.admitted, run_in_own_transaction(*pending.admitted));
  }
  if (shard_)
    after_commit();
}

/// Makes durable what the log syncer still has to wait for: a call that writes nothing may see it,
/// and would not wait by itself.
bool workspace_state::wait_for_groups() {
  if (unsynced_.empty() || !sync_)
    return true;
  const disk_wait here;
  return static_cast<bool>(sync_.wait());
}

result<tool_reply> workspace_state::run_in_own_transaction(admitted_call& admitted) {
  CRM_TRY(shard_->begin());
  auto outcome = run_tool(admitted);
  if (!outcome) {
    watch_->forget();
    if (const auto undone = shard_->rollback(); !undone)
      close_file();
    return outcome;
  }
  if (const auto committed = commit(); !committed) {
    close_file();
    return unknown_outcome();
  }
  ++setup_.count->commits;
  ++setup_.count->committed_calls;
  return outcome;
}

void workspace_state::answer_batch(const crm::error& reason) {
  for (finished_call& pending : std::exchange(batch_, {}))
    answer(pending.admitted, reason);
}

void workspace_state::answer(const handed<admitted_call>& admitted, result<tool_reply> outcome) {
  admitted->work.done(std::move(outcome));
}

result<tool_reply> workspace_state::run_tool(admitted_call& admitted) {
  const call& work = admitted.work;
  tools::tool_context context{*shard_,
                              admitted.what->spec,
                              work.args,
                              admitted.caller,
                              {.actor = admitted.caller.actor,
                               .client = work.origin.client,
                               .request_id = work.origin.request_id,
                               .tool = admitted.what->spec.name,
                               .cause = "call",
                               .reason = {},
                               .now_ms = setup_.surroundings.now_ms()},
                              work.progress};
  try {
    return tools::dispatch(*admitted.what, context);
  } catch (const std::exception& thrown) {
    // Left alone it would end the actor, and with it every other call of the batch.
    log_line(log_level::error, "tool_threw",
             {{"tool", admitted.what->spec.name}, {"text", thrown.what()}});
    return crm::error{error_code::storage,
                      "the call failed on data that it could not read; nothing was written"};
  }
}

bool workspace_state::is_stale(const admitted_call& admitted) const {
  return admitted.work.done.caller_gone()
         || std::chrono::steady_clock::now() > admitted.work.deadline;
}

workspace_actor::behavior_type workspace(workspace_actor::stateful_pointer<workspace_state> self,
                                         workspace_setup setup) {
  return self->state.make_behavior(std::move(setup));
}

} // namespace crm::actors
