// SPDX-License-Identifier: Apache-2.0
// One workspace's data file, open. The storage seam (design §3.11): the functions of this folder
// that take a shard are all that the rest of the program may do with stored data.
#pragma once

#include "protocol/environment.hpp"
#include "storage/change_log.hpp"
#include "storage/database.hpp"
#include "storage/definitions.hpp"
#include "storage/ids.hpp"
#include "storage/kept_searches.hpp"
#include "storage/member_directory.hpp"
#include "storage/pending_tallies.hpp"
#include "storage/pending_texts.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace crm::storage {

/// What a commit that did not wait for the disk leaves to its caller.
struct unsynced_commit {
  /// To be waited for before anybody is told; empty when nothing was written.
  owed_sync sync;
  /// What is to be told then.
  std::vector<changed_entity> changed;
};

/// An open workspace. One thread at a time uses it.
class shard {
public:
  /// Opens or creates the file and brings its schema up to date.
  /// @errors conflict when the file belongs to another workspace or a newer program; storage.
  static result<shard> open(const std::filesystem::path& file, const std::string& workspace,
                            const environment& surroundings);

  database& db() { return db_; }
  change_log& log() { return log_; }
  id_source& ids() { return ids_; }
  member_directory& members() { return members_; }
  kept_searches& searches() { return searches_; }
  pending_texts& texts() { return texts_; }
  pending_tallies& tallies() { return tallies_; }
  const std::string& workspace() const { return workspace_; }
  /// The custom fields and objects that the workspace has defined, in memory.
  const definitions& known() const { return known_; }
  /// The secret under which this workspace's cursors are made.
  const std::string& cursor_key() const { return cursor_key_; }

  /// Begins a transaction; `commit` makes it durable, `rollback` undoes it.
  result<void> begin() { return db_.begin(); }
  result<void> commit();
  result<void> rollback();
  /// Returns a sync that a commit has put off, for another thread to do; null when there is none.
  std::shared_ptr<checkpoint_sync> take_checkpoint_sync() { return db_.take_checkpoint_sync(); }
  /// Commits without waiting for the disk: for a caller that goes on working meanwhile. @errors
  /// storage.
  result<unsynced_commit> commit_ahead();

  /// Does what can be done again from what is durable already: within the open transaction, or in
  /// one of its own whose commit waits for no disk. If that commit fails, as on a full disk, the
  /// result of `work` stands, and what it wrote is left to be done again. @errors those of `work`;
  /// storage.
  template <class Work>
  auto do_restorable(Work work) -> decltype(work()) {
    if (db_.in_transaction())
      return work();
    if (auto begun = db_.begin_restorable(); !begun)
      return begun.error();
    auto done = work();
    if (done && db_.commit()) {
      texts_.committed();
      return done;
    }
    db_.rollback();
    texts_.undone();
    return done;
  }

  /// Reads the text indexes with `read`, once they say what the records say. @errors those of
  /// `read`; storage.
  template <class Read>
  auto with_texts(Read read) -> decltype(read()) {
    if (texts_.empty())
      return read();
    return do_restorable([&]() -> decltype(read()) {
      CRM_TRY(texts_.write(db_, log_.last_seq()));
      return read();
    });
  }

  /// Makes the text indexes say what the records say. @errors storage.
  result<void> index_texts() {
    return with_texts([] { return result<void>{}; });
  }

  /// Calls `told` after each commit with the entities that it changed, each once; not after one
  /// that did not wait for the disk.
  void on_commit(std::function<void(const std::vector<changed_entity>&)> told) {
    told_ = std::move(told);
  }

  /// Reads the definitions anew after one of them was changed in the open transaction.
  result<void> definitions_changed();

private:
  shard(database db, std::string workspace, const environment& surroundings)
      : db_(std::move(db)), ids_(surroundings.random), workspace_(std::move(workspace)) {}
  result<void> introduce();
  result<void> write_pending();
  void committed();
  std::vector<changed_entity> take_changed();

  database db_;
  change_log log_;
  definitions known_;
  /// Definitions were changed in the open transaction, so that undoing it undoes them.
  bool definitions_open_ = false;
  id_source ids_;
  member_directory members_;
  kept_searches searches_;
  pending_texts texts_;
  pending_tallies tallies_;
  std::string workspace_;
  std::string cursor_key_;
  std::function<void(const std::vector<changed_entity>&)> told_;
};

} // namespace crm::storage
