// SPDX-License-Identifier: Apache-2.0
// The order of search results: a rank that depends on nothing but the record itself, so that a
// search can be continued by position while other records come and go.
#pragma once

#include "protocol/result.hpp"

struct sqlite3;

namespace crm::storage {

/// Makes `steady_rank(table)` known to a connection, for the rows that a full-text query finds. It
/// is BM25 without what it takes from the other rows: FTS5's own bm25() moves with every insert,
/// and a search that is continued by rank would show rows twice or not at all. The first column of
/// the text weighs ten times the others. @errors storage.
result<void> register_search_rank(sqlite3* handle);

} // namespace crm::storage
