// SPDX-License-Identifier: Apache-2.0
#include "storage/pending_tallies.hpp"

#include <utility>

namespace crm::storage {

void pending_tallies::add(std::string_view entity, std::string_view facet, std::string_view value,
                          std::int64_t more) {
  changes_[{std::string{entity}, std::string{facet}, std::string{value}}] += more;
}

constexpr std::string_view change_tally =
    "insert into tallies (entity, facet, value, n) values (?, ?, ?, ?)"
    " on conflict do update set n = n + excluded.n";

result<void> pending_tallies::write(database& db) {
  for (const auto& [place, more] : std::exchange(changes_, {})) {
    const auto& [entity, facet, value] = place;
    if (more != 0)
      CRM_TRY(db.run(change_tally, entity, facet, value, more));
  }
  return {};
}

} // namespace crm::storage
