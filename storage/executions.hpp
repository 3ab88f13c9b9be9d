// SPDX-License-Identifier: Apache-2.0
// Runs of workflows as they are stored: what triggered them, how far they are, why they ended.
#pragma once

#include "protocol/json.hpp"
#include "storage/search.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crm::storage {

/// Where a run stands.
enum class run_status : std::uint8_t {
  /// Waits for its turn, for a time, or for its workflow to be resumed.
  pending,
  /// Its actor is at work.
  running,
  completed,
  failed,
  cancelled,
};

/// Returns the status as callers see it.
std::string_view name_of(run_status status);

/// A run of a workflow.
struct execution {
  std::int64_t seq = 0;
  std::string id;
  std::string workflow;
  std::int64_t version = 1;
  run_status status = run_status::pending;
  /// What triggered it; a second run of the workflow with the same event cannot be added.
  std::string event;
  /// The change that triggered it.
  std::optional<std::int64_t> change_seq;
  /// What else templates see of the trigger, a JSON object.
  std::string input = "{}";
  /// How many runs stand between this one and the event that began it all, and which was the first.
  std::int64_t depth = 0;
  std::string root;
  /// `workflow/record` of every run above it, each followed by `|`.
  std::string chain;
  bool parked = false;
  std::optional<std::int64_t> due_at;
  std::int64_t created_at = 0;
  std::optional<std::int64_t> started_at;
  std::optional<std::int64_t> ended_at;
  /// JSON `{code, message}`.
  std::optional<std::string> error;
  std::optional<std::string> replay_of;
};

/// Adds a run; gives it its id. Returns false, and adds nothing, when the workflow has a run of
/// this event already. @errors storage.
result<bool> add_execution(shard& data, execution& added);

/// Notes a run that a change triggered, at the cost of one row, in the change's transaction; gives
/// it its id. It becomes an execution with `settle_triggered`. @errors storage.
result<void> note_triggered(shard& data, execution& added);

/// Makes executions of the runs that are only noted, the oldest first and `limit` at most: before
/// runs are looked up. @errors storage.
result<void> settle_triggered(shard& data,
                              std::int64_t limit = std::numeric_limits<std::int64_t>::max());

/// Returns the id of the run that an event triggered, if it did. @errors storage.
result<std::optional<std::string>> run_of_event(shard& data, std::string_view workflow,
                                                std::string_view event);

/// Reads a run. @errors not_found; storage.
result<execution> find_execution(shard& data, std::string_view id);
result<execution> find_execution(shard& data, std::int64_t seq);

/// Writes status, due time, times and error of a run. @errors storage.
result<void> save_execution(shard& data, const execution& changed);

/// Returns the runs that may take a step now, the longest due first, and behind them those
/// that are only noted. @errors storage.
result<std::vector<std::int64_t>> due_executions(shard& data, std::int64_t now_ms,
                                                 std::int64_t limit);

/// Returns when the next run is due. @errors storage.
result<std::optional<std::int64_t>> next_execution(shard& data);

/// Makes every run that a crash left `running` wait for its turn. @errors storage.
result<void> requeue_running(shard& data);

/// Holds the unfinished runs of a workflow at their next step, or lets them go on. @errors storage.
enum class parking : std::uint8_t { parked, free };
result<void> park_executions(shard& data, std::string_view workflow, parking how);

/// Counts the runs that one event caused in all. @errors storage.
result<std::int64_t> runs_of_root(shard& data, std::string_view root);

/// Returns the newest replay of a run that has not failed. @errors storage.
result<std::optional<std::string>> standing_replay(shard& data, std::string_view id);

/// What the log says of the change that triggered a run, as templates and conditions see it:
/// `entityType`, `entityId`, `at`, `actor`, `cause`, `before`, `after`. @errors storage.
result<json> event_of_change(shard& data, std::int64_t change_seq);

/// Which runs are listed; what is empty does not filter.
struct execution_filter {
  std::optional<std::string> workflow;
  std::optional<std::string> status;
};

/// Lists runs with their steps, newest first. @errors storage.
result<page> list_executions(shard& data, const execution_filter& filter,
                             const page_request& request);

/// Returns a run with its steps, as callers see it, JSON. @errors storage.
result<std::string> execution_document(shard& data, const execution& shown);

} // namespace crm::storage
