// SPDX-License-Identifier: Apache-2.0
// What contacts, companies, deals and activities have in common: a record stands once, as the JSON
// document that callers receive; every change of it writes one row of the change log and keeps the
// text index in step. What differs between them stands in an entity_kind, declared per family.
#pragma once

#include "protocol/json.hpp"
#include "protocol/progress.hpp"
#include "storage/shard.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace crm::storage {

/// A stored record.
struct record {
  std::int64_t seq = 0;
  std::string id;
  /// The document as callers receive it.
  std::string doc;
  std::int64_t version = 0;
  std::optional<std::int64_t> archived_at;
};

/// The value of a look-up column, taken from a document.
using column_value = std::variant<std::nullptr_t, std::int64_t, double, std::string>;

/// A look-up column by whose values live records are counted.
struct tally_facet {
  /// As the counts name it.
  std::string_view name;
  /// Its place among `entity_kind::columns`.
  std::size_t column;
};

/// How one kind of record is stored.
struct entity_kind {
  /// As tools, errors and the change log name it: `contact`.
  std::string_view name;
  std::string_view id_prefix;
  /// id -> seq, doc, version, archived_at
  std::string_view select_sql;
  /// id, version, archived_at, doc, and the look-up columns in the order of `columns`
  std::string_view insert_sql;
  std::string_view update_sql;
  std::vector<column_value> (*columns)(const json& doc);
  /// What the kind is searched by; null when it is not searched.
  search_text (*text)(const json& doc) = nullptr;
  text_index_sql text_index = {};
  /// The member of the document that holds values of fields which the workspace defined; empty
  /// when the kind has none.
  std::string_view custom_member = {};
  /// seq -> id, doc, version, archived_at; for kinds with custom values
  std::string_view select_at_sql = {};
  /// JSON path -> seq of the archived rows that have something there; empty when none is archived
  std::string_view archived_with_sql = {};
  /// Live records are counted, in all and by each of these.
  std::optional<std::span<const tally_facet>> tallied_by = {};
  /// What must follow a change of a record once row `change` of the log tells of it.
  result<void> (*follow)(shard& data, std::int64_t change) = nullptr;
};

/// Returns the record, archived or not. @errors not_found, naming `argument`; storage.
result<record> find(shard& data, const entity_kind& kind, std::string_view id,
                    std::string_view argument);

/// Returns the record if it is live. @errors not_found; conflict when it is archived; storage.
result<record> find_live(shard& data, const entity_kind& kind, std::string_view id,
                         std::string_view argument);

/// Returns the record at that place of its table. @errors storage; also when there is none.
result<record> find_at(shard& data, const entity_kind& kind, std::int64_t seq);

/// Adds a record with a new id. `fields` holds the members that the kind's tools give; id, version,
/// times and author are added here. @errors storage.
result<record> create(shard& data, const entity_kind& kind, json fields,
                      const change_origin& origin);

/// Replaces the document of `before`. A document that says the same as before changes nothing and
/// leaves no trace; otherwise version and updatedAt move on. Members that are null are dropped.
/// @errors storage.
result<record> replace(shard& data, const entity_kind& kind, const record& before, json doc,
                       std::string_view action, const change_origin& origin);

/// Hides a live record: `archivedAt` is set. @errors conflict when it is archived; storage.
result<record> archive(shard& data, const entity_kind& kind, const record& before,
                       const change_origin& origin);

/// Brings an archived record back. @errors conflict when it is live, or when it was archived more
/// than `grace_days` ago; storage.
result<record> restore(shard& data, const entity_kind& kind, const record& before,
                       const change_origin& origin);

/// Makes the text index say of these live records what they say under the present definitions;
/// `before` holds the definitions under which they were indexed. @errors storage.
result<void> reindex(shard& data, const entity_kind& kind, const std::vector<std::int64_t>& seqs,
                     const definitions& before, const progress_listener& progress = nullptr);

/// How long an archived record can be restored (design §1).
inline constexpr int grace_days = 30;

/// What a search finds a document by; nothing when it is archived, or its kind is not searched.
std::optional<search_text> searchable_text(const definitions& known, const entity_kind& kind,
                                           const json& doc);

/// Returns the document of a record as a value.
json document_of(const record& stored);

// -- columns from documents
// ------------------------------------------------------------------------

/// Returns the text member, or null.
column_value text_column(const json& doc, std::string_view member);
/// Returns the text member, or an empty text.
column_value text_column_or_empty(const json& doc, std::string_view member);
/// Returns the whole-number member, or null.
column_value integer_column(const json& doc, std::string_view member);
/// Returns the number member, or null.
column_value real_column(const json& doc, std::string_view member);

} // namespace crm::storage
