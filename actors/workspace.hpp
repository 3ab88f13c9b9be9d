// SPDX-License-Identifier: Apache-2.0
// The workspace actor: owns one data file, runs the tools on it, and commits in groups.
#pragma once

#include "actors/counters.hpp"
#include "actors/interfaces.hpp"
#include "protocol/changes.hpp"
#include "protocol/environment.hpp"
#include "storage/shard.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

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
  /// Hears of every commit.
  std::shared_ptr<change_board> changes;
};

/// State and behaviour of the actor that serves one workspace. A call that may write opens a
/// transaction, or joins the open one; a `commit_batch` sent behind the calls that are already
/// queued closes it, and only then are its calls answered (design §3.3).
class workspace_state {
public:
  static inline const char* name = "crm.workspace";

  explicit workspace_state(workspace_actor::pointer self) : self_(self) {}
  workspace_actor::behavior_type make_behavior(workspace_setup setup);

private:
  /// A call that ran in the open transaction and waits for its commit.
  struct pending_call {
    handed<admitted_call> admitted;
    result<tool_reply> outcome;
  };

  void on(const run_call& message);
  void on(const commit_batch& message);
  void on(const close_workspace& message);

  result<void> ensure_open();
  void run_alone(const handed<admitted_call>& admitted);
  void run_in_batch(const handed<admitted_call>& admitted);
  void commit_and_answer();
  void replay_one_by_one();
  result<tool_reply> run_in_own_transaction(admitted_call& admitted);
  void answer(const handed<admitted_call>& admitted, result<tool_reply> outcome);
  result<tool_reply> run_tool(admitted_call& admitted);
  bool is_stale(const admitted_call& admitted) const;

  workspace_actor::pointer self_;
  workspace_setup setup_;
  std::optional<storage::shard> shard_;
  std::vector<pending_call> batch_;
};

/// Spawn with this: `spawn<caf::monitored>(workspace, setup)`.
workspace_actor::behavior_type workspace(workspace_actor::stateful_pointer<workspace_state> self,
                                         workspace_setup setup);

} // namespace crm::actors
