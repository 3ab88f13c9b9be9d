// SPDX-License-Identifier: Apache-2.0
// What the analytics count and sum over (design §4.5): live records only; how many archived ones
// were left out is asked for beside it. Nothing here adds money: that is done in decimal, above.
#pragma once

#include "storage/period.hpp"
#include "storage/shard.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crm::storage {

/// What a sum over the pipeline needs of an open deal.
struct open_deal {
  std::string_view stage;
  std::string_view currency;
  /// None when the deal has no value.
  std::optional<double> value;
  /// Percent.
  double probability;
  /// Unix milliseconds.
  std::optional<std::int64_t> expected_close_at;
};

/// Hands every live deal that is in a stage with the outcome `open` to `visit`, in the order of the
/// stages and by currency within them. @errors storage.
result<void> each_open_deal(shard& data, const std::function<void(const open_deal&)>& visit);

/// Counts the archived deals that stand in an open stage. @errors storage.
result<std::int64_t> count_archived_open_deals(shard& data);

/// Deals that were closed, by how they ended.
struct closed_deals {
  std::int64_t won = 0;
  std::int64_t lost = 0;
  /// Closed in the period as well, but archived since: not counted above.
  std::int64_t archived = 0;
};

/// Counts the deals that stand closed and were closed in a period. @errors storage.
result<closed_deals> count_closed_deals(shard& data, const period& when);

/// How many deals entered a stage, and how many of them went on.
struct stage_passage {
  std::string stage;
  std::int64_t entered = 0;
  /// Reached a further stage, or were won, at any time after they had first entered this stage in
  /// the period.
  std::int64_t advanced = 0;
};

/// Counts, for each open stage in its order, the live deals that entered it in a period; a deal
/// that entered it twice counts once. @errors storage.
result<std::vector<stage_passage>> count_stage_passages(shard& data, const period& when);

/// Counts the archived deals that entered any open stage in a period. @errors storage.
result<std::int64_t> count_archived_passages(shard& data, const period& when);

/// Counts the activities of a type that occurred in a period, of one owner or of all.
/// @errors storage.
result<std::int64_t> count_activities(shard& data, std::string_view type,
                                      const std::optional<std::string>& owner, const period& when);

/// Tasks that are not completed.
struct open_tasks {
  std::int64_t open = 0;
  /// Of these, due before now.
  std::int64_t overdue = 0;
};

/// Counts the open tasks that occurred in a period, of one owner or of all. @errors storage.
result<open_tasks> count_open_tasks(shard& data, const std::optional<std::string>& owner,
                                    const period& when, std::int64_t now_ms);

} // namespace crm::storage
