// SPDX-License-Identifier: Apache-2.0
#include "storage/match_rank.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>

namespace crm::storage {

namespace {

/// A query of 200 characters has no more words than this; further ones do not count.
constexpr int phrases_max = 128;

/// The saturation of BM25 (Robertson and Zaragoza, 2009, section 3.4) with its usual constants, and
/// a fixed length where BM25 takes the average one.
constexpr double k1 = 1.2;
constexpr double b = 0.75;
constexpr double usual_tokens = 24;

double weight_of(int column, int count, sqlite3_value** weights) {
  return column < count ? sqlite3_value_double(weights[column]) : 1.0;
}

void match_rank(const Fts5ExtensionApi* api, Fts5Context* row, sqlite3_context* out, int count,
                sqlite3_value** weights) {
  std::array<double, phrases_max> hits{};
  int instances = 0;
  int code = api->xInstCount(row, &instances);
  for (int i = 0; code == SQLITE_OK && i < instances; ++i) {
    int phrase = 0;
    int column = 0;
    int offset = 0;
    code = api->xInst(row, i, &phrase, &column, &offset);
    if (code == SQLITE_OK && phrase < phrases_max)
      hits.at(static_cast<std::size_t>(phrase)) += weight_of(column, count, weights);
  }
  int tokens = 0;
  if (code == SQLITE_OK)
    code = api->xColumnSize(row, -1, &tokens);
  if (code != SQLITE_OK)
    return sqlite3_result_error_code(out, code);
  const double norm = k1 * (1 - b + b * tokens / usual_tokens);
  double score = 0;
  for (const double weighted : hits) {
    if (weighted > 0)
      score += weighted * (k1 + 1) / (weighted + norm);
  }
  sqlite3_result_double(out, -score);
}

} // namespace

result<void> add_match_rank(sqlite3* connection) {
  fts5_api* api = nullptr;
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(connection, "select fts5(?1)", -1, &statement, nullptr) == SQLITE_OK) {
    sqlite3_bind_pointer(statement, 1, &api, "fts5_api_ptr", nullptr);
    sqlite3_step(statement);
  }
  sqlite3_finalize(statement);
  if (api == nullptr
      || api->xCreateFunction(api, "match_rank", nullptr, match_rank, nullptr) != SQLITE_OK)
    return error{error_code::storage, "this SQLite has no full-text search (FTS5)"};
  return {};
}

} // namespace crm::storage
