// SPDX-License-Identifier: Apache-2.0
// Changes of the text indexes that wait, over several commits, for others: a row that is written
// alone costs FTS5 116 us, one of 16 costs 22, one of 128 costs 13. The change log is what makes
// them durable: what was not indexed when the file was closed is found there when it is opened
// (catch_up.hpp).
#pragma once

#include "storage/database.hpp"
#include "storage/kept_searches.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

namespace crm::storage {

/// How the text index of one kind is written: literals.
struct text_index_sql {
  /// Three parameters: a record's number, and the title and body that it has.
  std::string_view add;
  /// The same, with the title and body that it had.
  std::string_view remove;
  /// One parameter: how many pages FTS5 may merge now, at most.
  std::string_view merge;
  auto operator<=>(const text_index_sql&) const = default;
};

/// The texts of records that their index does not have yet.
class pending_texts {
public:
  /// Notes that a record that is indexed with the text `before` is to be found by `after`.
  void change(const text_index_sql& index, std::int64_t seq,
              const std::optional<search_text>& before, const std::optional<search_text>& after);

  /// Returns the last change of the log whose texts the file's indexes have. @errors storage.
  result<std::int64_t> read_indexed_until(database& db);

  bool empty() const { return settled_.empty() && open_.empty(); }

  /// Whether so much waits that the next commit should write it: texts, or changes without one that
  /// whoever opens the file would have to pass by. `log_end` is the last change of the log.
  bool are_many(std::int64_t log_end) const;

  /// Writes what waits, within the open transaction, and has FTS5 write it out: a search fails
  /// (SQLite 3.40.1, CORRUPT_VTAB) that meets entries of one row which FTS5 still holds from two
  /// turns of writing. Then has FTS5 merge a little of what the index holds. @pre every change of
  /// the log up to `log_end` is indexed or noted here. @errors storage.
  result<void> write(database& db, std::int64_t log_end);

  /// The open transaction was committed.
  void committed();

  /// The open transaction was undone: what had been committed before it waits again.
  void undone();

private:
  struct texts {
    std::optional<search_text> before;
    std::optional<search_text> after;
  };
  using changes = std::map<std::pair<text_index_sql, std::int64_t>, texts>;

  static void merge(changes& into, changes from);

  /// Changes of transactions that were committed, and of the open one.
  changes settled_;
  changes open_;
  std::size_t settled_bytes_ = 0;
  std::size_t open_bytes_ = 0;
  std::int64_t indexed_until_ = 0;
  /// The open transaction has written `settled_`, and everything up to this change.
  std::optional<std::int64_t> written_until_;
};

} // namespace crm::storage
