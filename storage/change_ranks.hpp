// SPDX-License-Identifier: Apache-2.0
// How many changes of a type, of an actor and of both the log holds up to any row: totals of the
// audit log are differences of these ranks, at any size.
#pragma once

#include "storage/database.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

namespace crm::storage {

/// Of which entity type changes are and who made them; none for any.
struct change_traits {
  std::optional<std::string> entity_type;
  std::optional<std::string> actor;

  friend bool operator<(const change_traits& left, const change_traits& right) {
    return std::tie(left.entity_type, left.actor) < std::tie(right.entity_type, right.actor);
  }
};

/// Returns how many changes with these traits stand in the log up to row `seq`. @errors storage.
result<std::int64_t> count_changes(database& db, const change_traits& traits, std::int64_t seq);

/// Gives each change that is appended to the log its ranks. Remembers the last ones, so that
/// appending seldom reads.
class change_ranks {
public:
  /// Writes the ranks of row `seq`, the last of the log. @errors storage.
  result<void> append(database& db, std::int64_t seq, std::string_view entity_type,
                      std::string_view actor);

  /// Forgets what it remembers: a transaction was rolled back.
  void forget() { last_.clear(); }

private:
  result<std::int64_t*> last(database& db, change_traits traits, std::int64_t before_seq);

  std::map<change_traits, std::int64_t> last_;
};

} // namespace crm::storage
