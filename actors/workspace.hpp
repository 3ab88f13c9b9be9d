// SPDX-License-Identifier: Apache-2.0
// The workspace actor: owns one data file, runs the tools on it, and commits in groups.
#pragma once

#include "actors/clock_alarm.hpp"
#include "actors/counters.hpp"
#include "actors/fair_share.hpp"
#include "actors/interfaces.hpp"
#include "actors/run_supervisor.hpp"
#include "actors/worker_pool.hpp"
#include "actors/workflow_engine.hpp"
#include "protocol/changes.hpp"
#include "protocol/environment.hpp"
#include "storage/shard.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <deque>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace crm::actors {

/// What a workspace actor is given when it is spawned.
struct workspace_setup {
  std::string id;
  std::filesystem::path file;
  environment surroundings;
  std::shared_ptr<counters> count;
  /// Calls that may share one commit.
  std::size_t commit_calls_max;
  /// Processors that workspaces share.
  std::size_t processors;
  /// Keeps when the workspace is to be opened again.
  router_actor router;
  run_services services;
  /// Waits for the disk while calls wait for the workspace.
  log_syncer_actor syncer;
  /// Waits for the disk behind a checkpoint.
  checkpoint_syncer_actor checkpoint_syncer;
  /// Calls in flight, of this workspace and in all: live runs count as one, so that a workspace at
  /// work is not closed.
  ticket::counter in_flight;
  ticket::counter in_flight_in_all;
  /// Hears of every commit.
  std::shared_ptr<change_board> changes;
};

/// State and behaviour of the actor that serves one workspace. A call that may write opens a
/// transaction, or joins the open one; a `commit_batch` sent behind the calls that are already
/// queued closes it, and only then are its calls answered (design §3.3). Where further calls wait,
/// a log syncer waits for the disk and answers, and the workspace goes on with them.
class workspace_state {
public:
  static inline const char* name = "crm.workspace";

  explicit workspace_state(workspace_actor::pointer self) : self_(self) {}
  workspace_actor::behavior_type make_behavior(workspace_setup setup);

private:
  void on(const run_call& message);
  void on(const commit_batch& message);
  void on(const group_answered& message);
  void on(const close_workspace& message);
  void on(const want_step& message);
  void on(const report_answer& message);
  void on(const take_steps& message);
  void on(const look_at_clock& message);
  void on(const wake_held& message);

  result<void> ensure_open();
  void index_texts();
  void close_file();
  void receive(const run_call& message);
  void run_alone(const handed<admitted_call>& admitted);
  void run_in_batch(const handed<admitted_call>& admitted);
  result<void> commit();
  void commit_and_answer();
  bool goes_on_meanwhile();
  void commit_ahead();
  void hand_over_checkpoint();
  bool wait_for_groups();
  void count_commit();
  void after_batch();
  void end();
  void replay_one_by_one();
  result<tool_reply> run_in_own_transaction(admitted_call& admitted);
  void answer_batch(const crm::error& reason);
  void answer(const handed<admitted_call>& admitted, result<tool_reply> outcome);
  result<tool_reply> run_tool(admitted_call& admitted);
  void keep_to_share(std::chrono::steady_clock::time_point began, std::uint64_t calls_of_others);
  bool is_stale(const admitted_call& admitted) const;

  // -- runs of workflows: workspace_runs.cpp

  /// A step that a run's actor asked for.
  struct step_request {
    std::int64_t run;
    execution_actor from;
    std::optional<webhook_answer> answer;
    std::optional<crm::error> known_failure;
    /// It failed within a group and is taken in a transaction of its own.
    bool alone = false;
  };
  /// A step that was taken in the open transaction and waits for its commit.
  struct pending_step {
    step_request request;
    step_outcome outcome;
  };

  result<void> open_engine();
  bool must_wait_for_wake(const run_call& message);
  void queue(step_request request);
  void arm_steps();
  bool take_into_batch(step_request request);
  bool is_quiet() const;
  void take_share();
  void spend_step_time(std::chrono::steady_clock::duration spent);
  void take_group();
  void take_alone(step_request request);
  result<step_outcome> take(const step_request& request);
  void requeue_steps_alone();
  void answer_steps();
  void after_commit();
  void start_due();
  void watch_clock();
  void hold_open();
  void on_run_ended(const caf::down_msg& message);
  void restart_or_fail(const ended_actor& ended);

  workspace_actor::pointer self_;
  workspace_setup setup_;
  std::optional<storage::shard> shard_;
  std::vector<finished_call> batch_;
  /// The groups that the log syncer has not answered yet, and what each has changed.
  std::deque<std::vector<changed_entity>> unsynced_;
  /// The last sync of the open file that was put off.
  storage::owed_sync sync_;
  /// Until then further calls are expected, though none waits.
  std::chrono::steady_clock::time_point crowded_until_;
  /// To end as soon as all groups are answered.
  bool closing_ = false;

  std::optional<fair_share> share_;
  /// As of the last call.
  std::uint64_t calls_of_others_ = 0;
  /// There while the workspace has had more than its share.
  std::optional<held_back> held_back_;

  /// Both refer to the shard and go before it.
  std::optional<storage::trigger_watch> watch_;
  std::optional<workflow_engine> engine_;
  std::optional<run_supervisor> runs_;
  std::optional<ticket> busy_;
  std::deque<step_request> steps_;
  std::vector<pending_step> step_batch_;
  std::chrono::steady_clock::time_point last_call_;
  std::chrono::steady_clock::time_point last_write_;
  /// The time that steps may still take from calls, and when it was last added to.
  std::chrono::steady_clock::duration step_time_{};
  std::chrono::steady_clock::time_point step_time_refilled_;
  bool steps_armed_ = false;
  /// Runs may be due that an open transaction kept from being started.
  bool start_after_commit_ = false;
  clock_alarm alarm_;
  /// The workspace has, or had, workflows or runs: closed, it must be woken.
  bool needs_wake_ = false;
  bool wake_requested_ = false;
  bool wake_is_held_ = false;
  std::vector<run_call> waiting_for_wake_;
};

/// Spawn with this: `spawn<caf::monitored>(workspace, setup)`.
workspace_actor::behavior_type workspace(workspace_actor::stateful_pointer<workspace_state> self,
                                         workspace_setup setup);

} // namespace crm::actors
