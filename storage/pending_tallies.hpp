// SPDX-License-Identifier: Apache-2.0
// Changes of the counts that lists answer, which wait for the end of the transaction: a commit of
// many calls writes each count once.
#pragma once

#include "storage/database.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>

namespace crm::storage {

/// The changes of one open transaction.
class pending_tallies {
public:
  /// Notes that so many live records more, or fewer, have this value of a facet; '' is the facet of
  /// all records.
  void add(std::string_view entity, std::string_view facet, std::string_view value,
           std::int64_t more);

  /// Writes what was noted: before the commit, and before a count is read. @errors storage.
  result<void> write(database& db);

  /// Drops what was noted, because the transaction is undone.
  void forget() { changes_.clear(); }

private:
  std::map<std::tuple<std::string, std::string, std::string>, std::int64_t> changes_;
};

} // namespace crm::storage
