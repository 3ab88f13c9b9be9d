// SPDX-License-Identifier: Apache-2.0
#include "storage/change_ranks.hpp"

#include <utility>

namespace crm::storage {

namespace {

/// How many traits are remembered; an actor has two entries or more.
constexpr std::size_t remembered_max = 4'096;

constexpr std::string_view rank_in_type =
    "select r.of_type from change_ranks r where r.seq = ("
    "select max(c.seq) from changes c indexed by changes_by_type"
    " where c.entity_type = ?2 and c.seq <= ?1)";

constexpr std::string_view rank_in_actor =
    "select r.of_actor from change_ranks r where r.seq = ("
    "select max(c.seq) from changes c indexed by changes_by_actor"
    " where c.actor = ?2 and c.seq <= ?1)";

constexpr std::string_view rank_in_both =
    "select r.of_both from change_ranks r where r.seq = ("
    "select max(c.seq) from changes c indexed by changes_by_type_and_actor"
    " where c.entity_type = ?2 and c.actor = ?3 and c.seq <= ?1)";

} // namespace

result<std::int64_t> count_changes(database& db, const change_traits& traits, std::int64_t seq) {
  if (!traits.entity_type && !traits.actor)
    return seq; // the log has no gaps
  std::int64_t rank = 0;
  const auto note = [&](row r) { rank = r.integer(0); };
  const auto read = !traits.actor ? db.first(rank_in_type, note, seq, *traits.entity_type)
                    : !traits.entity_type
                        ? db.first(rank_in_actor, note, seq, *traits.actor)
                        : db.first(rank_in_both, note, seq, *traits.entity_type, *traits.actor);
  if (!read)
    return read.error();
  return rank;
}

result<std::int64_t*> change_ranks::last(database& db, change_traits traits,
                                         std::int64_t before_seq) {
  if (const auto known = last_.find(traits); known != last_.end())
    return &known->second;
  const auto counted = count_changes(db, traits, before_seq - 1);
  if (!counted)
    return counted.error();
  return &last_.emplace(std::move(traits), *counted).first->second;
}

constexpr std::string_view insert_ranks =
    "insert into change_ranks (seq, of_type, of_actor, of_both) values (?, ?, ?, ?)";

result<void> change_ranks::append(database& db, std::int64_t seq, std::string_view entity_type,
                                  std::string_view actor) {
  if (last_.size() > remembered_max)
    last_.clear();
  const std::string type{entity_type};
  const std::string who{actor};
  const auto of_type = last(db, {type, std::nullopt}, seq);
  const auto of_actor = last(db, {std::nullopt, who}, seq);
  const auto of_both = last(db, {type, who}, seq);
  if (!of_type || !of_actor || !of_both)
    return (!of_type ? of_type : !of_actor ? of_actor : of_both).error();
  CRM_TRY(db.run(insert_ranks, seq, **of_type + 1, **of_actor + 1, **of_both + 1));
  ++**of_type;
  ++**of_actor;
  ++**of_both;
  return {};
}

} // namespace crm::storage
