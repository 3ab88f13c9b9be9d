// SPDX-License-Identifier: Apache-2.0
// Lists and searches: pages of documents pasted together as they are stored, continued by position.
#pragma once

#include "storage/cursor.hpp"
#include "storage/entities.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace crm::storage {

/// Which part of a list is asked for: up to `limit` records behind `after`.
struct page_request {
  std::int64_t limit = 20;
  std::optional<position> after = std::nullopt;
};

/// A part of a list.
struct page {
  /// The documents as a JSON array.
  std::string data = "[]";
  std::int64_t returned = 0;
  /// All records that the list has, on every page.
  std::int64_t total = 0;
  /// Where the next page starts; none on the last.
  std::optional<position> next = std::nullopt;
};

/// Gathers rows into a page until it is full: by count, or by bytes (limits::page_bytes_max), so
/// that no page outgrows its bound however large its records are.
class page_builder {
public:
  explicit page_builder(const page_request& request) : limit_(request.limit) {}

  /// Adds a document; returns false when the page was full already and another one follows.
  bool add(std::string_view doc, const position& at);

  page finish(std::int64_t total);

private:
  std::int64_t limit_;
  std::string data_ = "[";
  std::int64_t returned_ = 0;
  position last_;
  bool more_ = false;
};

/// Reads a page with `sql`, newest first: its columns are seq and doc, its first two parameters the
/// seq to stay below and the number of rows. `total_sql` counts, with `values` alone. @errors
/// storage.
template <class... Values>
result<page> read_page(shard& data, const page_request& request, std::string_view sql,
                       std::string_view total_sql, const Values&... values) {
  const std::int64_t below =
      request.after ? request.after->seq : std::numeric_limits<std::int64_t>::max();
  page_builder builder{request};
  CRM_TRY(data.db().each(
      sql,
      [&](row r) {
        return builder.add(r.text(1), {0, r.integer(0)});
      },
      below, request.limit + 1, values...));
  CRM_TRY(data.tallies().write(data.db()));
  std::int64_t total = 0;
  const auto counted = data.db().first(
      total_sql, [&](row r) { total = r.integer(0); }, values...);
  if (!counted)
    return counted.error();
  return builder.finish(total);
}

/// Turns what a person typed into an FTS5 query that cannot be a syntax error: every word is
/// quoted and must occur, the last one as a prefix. Returns an empty text when there is no word.
std::string match_expression(std::string_view query);

/// How a kind is searched.
struct search_sql {
  std::string_view kind;
  /// expression -> seq, rank
  std::string_view matches;
  /// seq -> doc
  std::string_view doc;
  upkeep kept;
};

/// Searches with an FTS5 query, best match first. @errors storage.
result<page> search_matching(shard& data, const search_sql& sql, const std::string& expression,
                             const page_request& request);

/// Searches a kind's text, best match first. @errors storage.
result<page> search(shard& data, const search_sql& sql, std::string_view query,
                    const page_request& request);

/// Appends the texts and numbers of a document's member, arrays and objects included, separated by
/// spaces; nothing when there is no such member.
void append_texts(std::string& out, const json& doc, std::string_view member);

/// Appends a telephone number as digits only, so that it is found however it was typed.
void append_phone(std::string& out, const json& doc);

} // namespace crm::storage
