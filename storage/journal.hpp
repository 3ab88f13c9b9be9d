// SPDX-License-Identifier: Apache-2.0
// The journal of runs: one row per attempt of a step. What stands here has happened and is never
// done again; what does not stand here has not happened.
#pragma once

#include "storage/shard.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crm::storage {

/// What became of an attempt.
enum class step_state : std::uint8_t {
  /// A webhook is on its way.
  running,
  /// The step waits: for its time, or to be tried again.
  waiting,
  succeeded,
  failed,
  /// It failed, and the run went on as its definition asks.
  continued,
};

/// Returns the state as callers see it.
std::string_view name_of(step_state state);

/// One attempt of one step.
struct step_row {
  /// The action's order, then the iteration of every for_each around it, such as `3[0]`.
  std::string step;
  std::int64_t attempt = 1;
  std::string action;
  step_state state = step_state::succeeded;
  std::int64_t started_at = 0;
  std::optional<std::int64_t> finished_at;
  std::optional<std::int64_t> next_attempt_at;
  std::optional<std::string> output;
  std::optional<std::string> error;

  /// Returns whether the run goes on behind this step.
  bool finished() const { return state == step_state::succeeded || state == step_state::continued; }
};

/// Returns all attempts of a run, in the order in which they began. @errors storage.
result<std::vector<step_row>> journal_of(shard& data, std::int64_t execution);

/// Writes an attempt, over the row of the same attempt if there is one. @errors storage.
result<void> write_step(shard& data, std::int64_t execution, const step_row& row);

/// Copies the finished steps of a run that began before the step `until`, or all when it is empty,
/// into the journal of its replay. @errors storage.
result<void> copy_finished(shard& data, std::int64_t from, std::int64_t to, std::string_view until);

/// A webhook as it was first rendered: its id never goes out with another body.
struct delivery {
  std::string id;
  std::string url;
  std::string body;
};

/// Keeps a webhook's body. @errors conflict when the id has one; storage.
result<void> add_delivery(shard& data, std::int64_t execution, std::string_view step,
                          const delivery& added);

/// Reads the webhook of an id. @errors not_found; storage.
result<delivery> find_delivery(shard& data, std::string_view id);

} // namespace crm::storage
