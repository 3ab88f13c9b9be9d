// SPDX-License-Identifier: Apache-2.0
// SQLite writes each page of the write-ahead log with two calls to the system; a commit of 15
// creates is 80 of them. Gathered, they are two: the server's time for a create falls by a twelfth,
// for one that is committed alone by a seventh.
#pragma once

#include "protocol/result.hpp"
#include "storage/checkpoint_sync.hpp"
#include "storage/log_sync.hpp"

#include <memory>

struct sqlite3_file;

namespace crm::storage {

/// The name under which a connection opens its files so that writes to its log are gathered until
/// the log is synced, or asked for anything else.
inline constexpr const char* gathered_wal = "crm-gathered-wal";

/// Makes that name known to SQLite, once per process and before the first file. @errors storage.
result<void> register_gathered_wal();

/// Keeps what an open log holds until `copied` is done: SQLite believes that the database is
/// synced, and would begin the log anew.
void keep_log_until(sqlite3_file* log, std::shared_ptr<checkpoint_sync> copied);

/// While one lives, what the calling thread writes to a log goes to the system at once: for a
/// commit that no sync follows, which could not hear of a failure later.
class straight_writes {
public:
  straight_writes();
  ~straight_writes();
  straight_writes(const straight_writes&) = delete;
  straight_writes& operator=(const straight_writes&) = delete;
};

/// While one lives, a commit of the calling thread does not wait for the disk; whoever made it
/// must. Only the header of a log is synced all the same: SQLite relies on its standing before the
/// pages.
class later_sync {
public:
  later_sync();
  ~later_sync();
  later_sync(const later_sync&) = delete;
  later_sync& operator=(const later_sync&) = delete;

  /// Returns what has to be waited for.
  const owed_sync& owed() const { return owed_; }

  /// The commit has come to its sync: returns whether that is put off.
  bool put_off(std::shared_ptr<log_sync> sync);

private:
  owed_sync owed_;
};

} // namespace crm::storage
