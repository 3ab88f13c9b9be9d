// SPDX-License-Identifier: Apache-2.0
// Times at which workflows are triggered: the next time of a schedule, and the days that dates in
// records name. One row per workflow and record.
#pragma once

#include "protocol/workflow_definition.hpp"
#include "storage/shard.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace crm::storage {

/// A time that has come.
struct timer {
  std::string workflow;
  /// The record whose date it is; empty for a schedule.
  std::string record;
  std::int64_t due_at = 0;
};

/// Sets the timers of a workflow that begins to watch: the next time of its schedule, or one per
/// record whose date is still to come. Other triggers have none. @errors storage.
result<void> set_timers(shard& data, std::string_view workflow, const workflow::trigger& when,
                        std::int64_t now_ms);

/// Removes all timers of a workflow. @errors storage.
result<void> clear_timers(shard& data, std::string_view workflow);

/// Sets or moves one timer, or removes it when there is no time. @errors storage.
result<void> move_timer(shard& data, std::string_view workflow, std::string_view record,
                        std::optional<std::int64_t> due_at);

/// Returns at most `limit` timers that are due, the oldest first. @errors storage.
result<std::vector<timer>> due_timers(shard& data, std::int64_t now_ms, std::int64_t limit);

/// Returns when the next timer is due. @errors storage.
result<std::optional<std::int64_t>> next_timer(shard& data);

/// Returns when a record's date triggers: none when the field holds no time.
std::optional<std::int64_t> date_due(const workflow::trigger& when, const json& doc);

/// Returns the current document of a live record of the kind that triggers name; none when it is
/// archived or gone. @errors storage.
result<std::optional<std::string>> live_document(shard& data, std::string_view entity_type,
                                                 std::string_view id);

} // namespace crm::storage
