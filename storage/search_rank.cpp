// SPDX-License-Identifier: Apache-2.0
#include "storage/search_rank.hpp"

#include <sqlite3.h>

#include <cstddef>
#include <vector>

namespace crm::storage {

namespace {

// The constants of FTS5's bm25(). Where it takes the average length of all rows, a typical one
// stands: the words of a contact with a note.
constexpr double saturation = 1.2;
constexpr double length_share = 0.75;
constexpr double typical_words = 40.0;
constexpr double first_column_weight = 10.0;

/// Adds up how often each phrase of the query occurs in the row, by weight. Returns SQLite's code.
int count_hits(const Fts5ExtensionApi* api, Fts5Context* row, std::vector<double>& hits) {
  int occurrences = 0;
  if (const int code = api->xInstCount(row, &occurrences); code != SQLITE_OK)
    return code;
  for (int i = 0; i < occurrences; ++i) {
    int phrase = 0;
    int column = 0;
    int word = 0;
    if (const int code = api->xInst(row, i, &phrase, &column, &word); code != SQLITE_OK)
      return code;
    hits[static_cast<std::size_t>(phrase)] += column == 0 ? first_column_weight : 1.0;
  }
  return SQLITE_OK;
}

void steady_rank(const Fts5ExtensionApi* api, Fts5Context* row, sqlite3_context* answer, int,
                 sqlite3_value**) {
  std::vector<double> hits(static_cast<std::size_t>(api->xPhraseCount(row)), 0.0);
  int words = 0;
  int code = count_hits(api, row, hits);
  if (code == SQLITE_OK)
    code = api->xColumnSize(row, -1, &words);
  if (code != SQLITE_OK)
    return sqlite3_result_error_code(answer, code);
  const double damping = saturation * (1.0 - length_share + length_share * words / typical_words);
  double score = 0.0;
  for (const double each : hits)
    score += each * (saturation + 1.0) / (each + damping);
  sqlite3_result_double(answer, -score); // the best match is the smallest, as FTS5 has it
}

/// Returns FTS5's interface, the way its documentation asks for it; null when there is none.
fts5_api* fts5_of(sqlite3* handle) {
  fts5_api* api = nullptr;
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(handle, "select fts5(?1)", -1, &statement, nullptr) == SQLITE_OK) {
    sqlite3_bind_pointer(statement, 1, &api, "fts5_api_ptr", nullptr);
    sqlite3_step(statement);
  }
  sqlite3_finalize(statement);
  return api;
}

} // namespace

result<void> register_search_rank(sqlite3* handle) {
  fts5_api* api = fts5_of(handle);
  if (api == nullptr
      || api->xCreateFunction(api, "steady_rank", nullptr, steady_rank, nullptr) != SQLITE_OK)
    return crm::error{error_code::storage, "this SQLite has no full-text search (FTS5)"};
  return {};
}

} // namespace crm::storage
