// SPDX-License-Identifier: Apache-2.0
// How well a record matches a search, as a function of SQLite's FTS5. It depends on nothing but the
// record and the query: it costs the same at any size, where bm25 counts every match of every word,
// and a cursor stays valid while other records come and go.
#pragma once

#include "protocol/result.hpp"

struct sqlite3;

namespace crm::storage {

/// Adds `match_rank(weight, …)` to a connection, one weight per column: words that occur more
/// often, in a column of more weight, in a shorter text count more. Better matches have smaller
/// ranks, as FTS5 wants it. @errors storage.
result<void> add_match_rank(sqlite3* connection);

} // namespace crm::storage
