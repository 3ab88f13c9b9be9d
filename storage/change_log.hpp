// SPDX-License-Identifier: Apache-2.0
// The append-only log of every change (design §3.5). Each row is chained to the one before by
// SHA-256; what the record looked like stands in a side table and can be erased without breaking
// the chain, because the row holds the digests of the images.
#pragma once

#include "protocol/changes.hpp"
#include "storage/change_ranks.hpp"
#include "storage/database.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace crm::storage {

/// Who changes what for which reason: what the log keeps beside the change itself.
struct change_origin {
  std::string_view actor;
  std::string_view client;
  std::string_view request_id;
  std::string_view tool;
  /// `call` for a user's call; else what triggered the change, such as a workflow's run and step.
  std::string_view cause;
  std::string_view reason;
  std::int64_t now_ms;
};

/// One change of one entity. An image that is absent is null.
struct change {
  std::string_view entity_type;
  std::string_view entity_id;
  std::string_view action;
  const std::string* before;
  const std::string* after;
};

/// Someone who must act on a change within the transaction that makes it.
class change_watcher {
public:
  virtual ~change_watcher() = default;

  /// Called for each row, after it was appended. An error fails the change. @errors storage.
  virtual result<void> changed(std::int64_t seq, const change& what,
                               const change_origin& origin) = 0;
};

/// The log of one workspace. Remembers the end of the chain, so that appending seldom reads.
class change_log {
public:
  /// Reads the end of the chain. @errors storage.
  result<void> open(database& db);

  /// Appends one row within the open transaction and returns its sequence number. The log's time
  /// never goes back, even if the clock does: a row is never older than the one before.
  /// @errors storage.
  result<std::int64_t> append(database& db, const change& what, const change_origin& origin);

  /// Returns the sequence number of the last row; 0 when there is none.
  std::int64_t last_seq() const { return last_seq_; }

  /// Forgets what was appended in a transaction that was rolled back.
  result<void> rolled_back(database& db) { return open(db); }

  /// Tells `watcher` of every row from now on; null tells nobody.
  void watch(change_watcher* watcher) { watcher_ = watcher; }

  /// Returns, and forgets, what was appended since the last time.
  std::vector<changed_entity> take_appended() { return std::exchange(appended_, {}); }

private:
  change_watcher* watcher_ = nullptr;
  std::int64_t last_seq_ = 0;
  std::int64_t last_at_ = 0;
  std::string last_hash_;
  change_ranks ranks_;
  std::vector<changed_entity> appended_;
};

/// Checks the whole chain: every hash, and every image that was not erased, against its digest.
/// Returns the number of rows. @errors conflict, naming the first row that does not verify;
/// storage.
result<std::int64_t> verify_chain(database& db);

} // namespace crm::storage
