// SPDX-License-Identifier: Apache-2.0
// Changes of the text indexes that wait for the end of the transaction. Whenever a statement with
// triggers begins, SQLite has FTS5 write out what it gathered so far; entries written between such
// statements cost a write of their own each, entries written together cost one.
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

  /// Runs what was noted: before the commit, and before a text index is read. @errors storage.
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
