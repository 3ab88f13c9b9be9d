// SPDX-License-Identifier: Apache-2.0
// SQLite writes each page of the write-ahead log with two calls to the system; a commit of 15
// creates is 80 of them. Gathered, they are two: the server's time for a create falls by a twelfth,
// for one that is committed alone by a seventh.
#pragma once

#include "protocol/result.hpp"

namespace crm::storage {

/// The name under which a connection opens its files so that writes to its log are gathered until
/// the log is synced, or asked for anything else.
inline constexpr const char* gathered_wal = "crm-gathered-wal";

/// Makes that name known to SQLite, once per process and before the first file. @errors storage.
result<void> register_gathered_wal();

/// While one lives, what the calling thread writes to a log goes to the system at once: for a
/// commit that no sync follows, which could not hear of a failure later.
class straight_writes {
public:
  straight_writes();
  ~straight_writes();
  straight_writes(const straight_writes&) = delete;
  straight_writes& operator=(const straight_writes&) = delete;
};

} // namespace crm::storage
