// SPDX-License-Identifier: Apache-2.0
// Changes of the text indexes that wait for the end of the transaction: FTS5 writes entries that
// come together at the cost of one.
#pragma once

#include "storage/database.hpp"
#include "storage/kept_searches.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace crm::storage {

/// The changes of one open transaction, in their order.
class pending_texts {
public:
  /// Notes that `sql`, a literal, is to be run with a record's number and texts.
  void add(std::string_view sql, std::int64_t seq, const search_text& text);

  /// Runs what was noted, and has FTS5 write it out: before the commit, and before a text index is
  /// read. A search fails (SQLite 3.40.1, CORRUPT_VTAB) that meets entries of one row which FTS5
  /// still holds from two turns of writing. @errors storage.
  result<void> write(database& db);

  /// Drops what was noted, because the transaction is undone.
  void forget() { changes_.clear(); }

private:
  struct change {
    std::string_view sql;
    std::int64_t seq;
    search_text text;
  };

  std::vector<change> changes_;
};

} // namespace crm::storage
