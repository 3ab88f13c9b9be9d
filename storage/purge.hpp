// SPDX-License-Identifier: Apache-2.0
// Erases archived records for good: the row, and what the change log's images told of it. The rows
// of the log and their chain stay.
#pragma once

#include "protocol/progress.hpp"
#include "storage/entities.hpp"

#include <span>

namespace crm::storage {

/// How one kind of record is purged.
struct purge_sql {
  /// The name under which `purge_archived_records` takes the kind.
  std::string_view name;
  const entity_kind& kind;
  /// archived at or before, number of rows -> seq, id; the longest archived first
  std::string_view select;
  /// archived at or before -> count
  std::string_view count;
  /// seq
  std::string_view remove;
  /// Merges what the text index still holds of removed entries; empty when there is none.
  std::string_view compact;
};

/// The kinds that can be purged. One line per kind.
std::span<const purge_sql> purgeable_kinds();

/// What a purge did.
struct purge_outcome {
  std::int64_t purged = 0;
  /// Changes of these records whose images were erased.
  std::int64_t erased_changes = 0;
  /// Records that could be purged as well; the bound of one call left them.
  std::int64_t remaining = 0;
};

/// Purges up to `records_max` records that were archived at or before `archived_until_ms`. Each
/// leaves one row `purged` in the change log. @errors storage.
result<purge_outcome> purge(shard& data, const purge_sql& sql, std::int64_t archived_until_ms,
                            std::int64_t records_max, const change_origin& origin,
                            const progress_listener& progress = nullptr);

/// Returns how many records a purge without a bound would erase. @errors storage.
result<std::int64_t> count_purgeable(shard& data, const purge_sql& sql,
                                     std::int64_t archived_until_ms);

} // namespace crm::storage
