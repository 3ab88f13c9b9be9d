// SPDX-License-Identifier: Apache-2.0
#include "storage/pending_texts.hpp"

namespace crm::storage {

namespace {

/// From here on FTS5 gains little from more (13 us for a row of 128, 12 of 1,024), and whoever has
/// to wait until they are written, 1.7 ms, would notice.
constexpr std::size_t pending_max = 128;
constexpr std::size_t pending_bytes_max = 128 * 1024;
/// Changes that are looked at, at most, when a file is opened.
constexpr std::int64_t changes_behind_max = 1'024;

/// Pages of 4,000 bytes that a turn of writing may merge: each is merged three times until an index
/// holds 100,000 contacts, and what is not done now is left to the next turn. Measured until then:
/// a turn of 128 takes up to 10 ms, and up to 29 where FTS5 decides when to merge.
std::int64_t pages_to_merge(std::size_t written_bytes) {
  return 16 + static_cast<std::int64_t>(written_bytes / 1024);
}

constexpr std::string_view begin_flush = "savepoint texts";
constexpr std::string_view end_flush = "release texts";

constexpr std::string_view note_indexed = "update meta set value = ?1 where key = 'indexed_until'";
constexpr std::string_view select_indexed = "select value from meta where key = 'indexed_until'";

std::size_t size_of(const std::optional<search_text>& text) {
  return text ? text->title.size() + text->body.size() : 0;
}

} // namespace

void pending_texts::change(const text_index_sql& index, std::int64_t seq,
                           const std::optional<search_text>& before,
                           const std::optional<search_text>& after) {
  open_bytes_ += size_of(before) + size_of(after);
  const auto [place, is_new] = open_.try_emplace({index, seq}, texts{before, after});
  if (!is_new)
    place->second.after = after;
}

result<std::int64_t> pending_texts::read_indexed_until(database& db) {
  const auto read = db.first(select_indexed, [&](row r) { indexed_until_ = r.integer(0); });
  if (!read)
    return read.error();
  return indexed_until_;
}

bool pending_texts::are_many(std::int64_t log_end) const {
  return settled_.size() + open_.size() >= pending_max
         || settled_bytes_ + open_bytes_ >= pending_bytes_max
         || log_end - indexed_until_ >= changes_behind_max;
}

void pending_texts::merge(changes& into, changes from) {
  into.merge(from);
  for (auto& [place, known] : from) // these are in both: the index has what `into` says
    into.find(place)->second.after = std::move(known.after);
}

result<void> pending_texts::write(database& db, std::int64_t log_end) {
  if (written_until_ == log_end && open_.empty())
    return {};
  changes all = written_until_ ? changes{} : settled_;
  merge(all, std::exchange(open_, {}));
  open_bytes_ = 0;
  written_until_ = log_end;
  const auto write_all = [&]() -> result<void> {
    std::map<text_index_sql, std::size_t> written_bytes;
    for (const auto& [place, text] : all) {
      const auto& [index, seq] = place;
      if (text.before == text.after)
        continue;
      written_bytes[index] += size_of(text.before) + size_of(text.after);
      if (text.before)
        CRM_TRY(db.run(index.remove, seq, text.before->title, text.before->body));
      if (text.after)
        CRM_TRY(db.run(index.add, seq, text.after->title, text.after->body));
    }
    if (!all.empty()) {
      CRM_TRY(db.run(begin_flush));
      CRM_TRY(db.run(end_flush));
    }
    for (const auto& [index, bytes] : written_bytes)
      CRM_TRY(db.run(index.merge, pages_to_merge(bytes)));
    return db.run(note_indexed, log_end);
  };
  auto written = write_all();
  if (!written)
    db.rollback(); // an index that is written by half must not be committed
  return written;
}

void pending_texts::committed() {
  if (written_until_) {
    settled_.clear();
    settled_bytes_ = 0;
    indexed_until_ = *std::exchange(written_until_, std::nullopt);
  }
  merge(settled_, std::exchange(open_, {}));
  settled_bytes_ += std::exchange(open_bytes_, 0);
}

void pending_texts::undone() {
  written_until_ = std::nullopt;
  open_.clear();
  open_bytes_ = 0;
}

} // namespace crm::storage
