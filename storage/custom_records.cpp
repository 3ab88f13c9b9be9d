// SPDX-License-Identifier: Apache-2.0
#include "storage/custom_records.hpp"

#include <array>

namespace crm::storage {

namespace {

std::vector<column_value> columns(const json& doc) {
  return {text_column(doc, "objectType")};
}

constexpr std::array<tally_facet, 1> facets{{{"objectType", 0}}};

/// A record has no names of its own: all that it is found by stands in its fields.
search_text text(const json&) {
  return {};
}

constexpr std::string_view select_record =
    "select seq, doc, version, archived_at from records where id = ?";

constexpr std::string_view select_record_at =
    "select id, doc, version, archived_at from records where seq = ?";

constexpr std::string_view insert_record =
    "insert into records (id, version, archived_at, doc, object_type)"
    " values (?1, ?2, ?3, ?4, ?5)";

constexpr std::string_view update_record =
    "update records set version = ?2, archived_at = ?3, doc = ?4, object_type = ?5 where id = ?1";

// The kind is a word that no tokenizer takes apart: an objectType such as `service_contract` would
// be two words, and be found in `service_contract_item` too.
constexpr std::string_view index_record =
    "insert into records_text (rowid, title, body, kind) select ?1, ?2, ?3, 'kind' || o.seq"
    " from records r join custom_objects o on o.object_type = r.object_type where r.seq = ?1";

constexpr std::string_view unindex_record =
    "insert into records_text (records_text, rowid, title, body, kind)"
    " select 'delete', ?1, ?2, ?3, 'kind' || o.seq"
    " from records r join custom_objects o on o.object_type = r.object_type where r.seq = ?1";

constexpr std::string_view merge_record_texts =
    "insert into records_text (records_text, rank) values ('merge', ?)";

constexpr std::string_view match_records =
    "select rowid, steady_rank(records_text) from records_text where records_text match ?1";

constexpr std::string_view select_record_doc = "select doc from records where seq = ?";

constexpr std::string_view select_any_match =
    "select 1 from records_text where records_text match ?1 limit 1";

constexpr std::string_view list_by_type =
    "select seq, doc from records indexed by records_by_type"
    " where archived_at is null and object_type = ?3 and seq < ?1 order by seq desc limit ?2";

constexpr std::string_view count_by_type =
    "select n from tallies where entity = 'custom_object_record' and facet = 'objectType'"
    " and value = ?1";

constexpr std::string_view select_object_seq =
    "select seq from custom_objects where object_type = ?";

} // namespace

const entity_kind custom_record_kind{
    .name = "custom_object_record",
    .id_prefix = "rec_",
    .select_sql = select_record,
    .insert_sql = insert_record,
    .update_sql = update_record,
    .columns = columns,
    .text = text,
    .text_index = {index_record, unindex_record, merge_record_texts},
    .custom_member = "fields",
    .select_at_sql = select_record_at,
    .tallied_by = facets,
};

result<page> list_custom_records(shard& data, std::string_view object_type,
                                 const page_request& request) {
  return read_page(data, request, list_by_type, count_by_type, object_type);
}

namespace {

result<page> search_indexed(shard& data, std::string_view object_type,
                            const std::string& expression, const page_request& request) {
  // A query of nothing but signs matches nothing; beside a word, as the kind is, FTS5 would drop it
  // and the word alone would match everything.
  const auto matches = data.db().first(
      select_any_match, [](row) {}, expression);
  if (!matches)
    return matches.error();
  if (!*matches)
    return page{};
  std::int64_t seq = 0;
  const auto found = data.db().first(
      select_object_seq, [&](row r) { seq = r.integer(0); }, object_type);
  if (!found)
    return found.error();
  // The kind is no part of a record's text, so these searches are not mended when one changes.
  return search_matching(
      data, {custom_record_kind.name, match_records, select_record_doc, upkeep::dropped},
      "{title body} : (" + expression + ") AND kind : kind" + std::to_string(seq), request);
}

} // namespace

result<page> search_custom_records(shard& data, std::string_view object_type,
                                   std::string_view query, const page_request& request) {
  const std::string expression = match_expression(query);
  if (expression.empty())
    return page{};
  return data.with_texts([&] { return search_indexed(data, object_type, expression, request); });
}

} // namespace crm::storage
