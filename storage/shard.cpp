// SPDX-License-Identifier: Apache-2.0
#include "storage/shard.hpp"

#include "storage/catch_up.hpp"
#include "storage/digest.hpp"
#include "storage/migrations.hpp"

#include <algorithm>

namespace crm::storage {

namespace {

constexpr std::string_view select_meta = "select value from meta where key = ?";
constexpr std::string_view insert_meta = "insert into meta (key, value) values (?, ?)";

} // namespace

result<shard> shard::open(const std::filesystem::path& file, const std::string& workspace,
                          const environment& surroundings) {
  auto db = database::open(file);
  if (!db)
    return db.error();
  CRM_TRY(migrate(*db, shard_migrations));
  shard opened{*std::move(db), workspace, surroundings};
  CRM_TRY(opened.introduce());
  CRM_TRY(opened.log_.open(opened.db_));
  CRM_TRY(opened.known_.load(opened.db_));
  CRM_TRY(catch_up_texts(opened));
  return opened;
}

result<void> shard::introduce() {
  std::string stored;
  const auto known = db_.first(
      select_meta, [&](row r) { stored = r.text(0); }, "workspace_id");
  if (!known)
    return known.error();
  if (!*known) {
    CRM_TRY(db_.begin());
    const std::string key = random_bytes(32);
    auto written = db_.run(insert_meta, "workspace_id", workspace_);
    if (written)
      written = db_.run(insert_meta, "cursor_key", blob{key});
    if (written)
      written = db_.commit();
    if (!written) {
      db_.rollback();
      return written;
    }
    stored = workspace_;
  }
  if (stored != workspace_)
    return error{error_code::conflict, "the data file belongs to the workspace " + stored
                                           + ", not to " + workspace_
                                           + ": was it restored under another name?"};
  const auto read = db_.first(
      select_meta, [&](row r) { cursor_key_ = r.text(0); }, "cursor_key");
  if (!read)
    return read.error();
  return {};
}

result<void> shard::commit() {
  CRM_TRY(write_pending());
  CRM_TRY(db_.commit());
  committed();
  const auto changed = take_changed();
  if (told_ && !changed.empty())
    told_(changed);
  return {};
}

result<unsynced_commit> shard::commit_ahead() {
  CRM_TRY(write_pending());
  const auto owed = db_.commit_ahead();
  if (!owed)
    return owed.error();
  committed();
  return unsynced_commit{*owed, take_changed()};
}

/// Writes what waited for the end of the transaction.
result<void> shard::write_pending() {
  CRM_TRY(tallies_.write(db_));
  // Under other definitions the log would not tell what was indexed.
  if (definitions_open_ || texts_.are_many(log_.last_seq()))
    CRM_TRY(texts_.write(db_, log_.last_seq()));
  return {};
}

void shard::committed() {
  texts_.committed();
  definitions_open_ = false;
}

/// What was changed since the last time, each once.
std::vector<changed_entity> shard::take_changed() {
  auto changed = log_.take_appended();
  std::ranges::sort(changed, {}, &changed_entity::id);
  const auto repeated = std::ranges::unique(changed, {}, &changed_entity::id);
  changed.erase(repeated.begin(), repeated.end());
  return changed;
}

result<void> shard::rollback() {
  db_.rollback();
  texts_.undone();
  tallies_.forget();
  members_.forget();
  searches_.forget();
  if (definitions_open_) {
    CRM_TRY(known_.load(db_));
    definitions_open_ = false;
  }
  return log_.rolled_back(db_);
}

result<void> shard::definitions_changed() {
  definitions_open_ = true;
  return known_.load(db_);
}

} // namespace crm::storage
