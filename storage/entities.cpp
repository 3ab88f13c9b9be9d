// SPDX-License-Identifier: Apache-2.0
#include "storage/entities.hpp"

#include "storage/contacts.hpp"
#include "storage/custom_values.hpp"

namespace crm::storage {

namespace {

constexpr std::int64_t day_ms = 24LL * 60 * 60 * 1000;

bound to_bound(const column_value& value) {
  return std::visit(
      [](const auto& held) -> bound {
        if constexpr (std::is_same_v<std::decay_t<decltype(held)>, std::string>)
          return std::string_view{held};
        else
          return held;
      },
      value);
}

/// Runs the kind's insert or update: the common columns, then the look-up columns.
result<void> write_row(shard& data, std::string_view sql, const record& written,
                       const std::vector<column_value>& columns) {
  std::vector<bound> values{std::string_view{written.id}, written.version,
                            bind_optional(written.archived_at), std::string_view{written.doc}};
  for (const column_value& column : columns)
    values.push_back(to_bound(column));
  return data.db().run_values(sql, values);
}

/// Counts a record that became live, or is live no longer.
result<void> tally(shard& data, const entity_kind& kind, const std::vector<column_value>& columns,
                   std::int64_t more) {
  if (!kind.tallied_by)
    return {};
  data.tallies().add(kind.name, "", "", more);
  for (const tally_facet& facet : *kind.tallied_by) {
    if (const auto* value = std::get_if<std::string>(&columns.at(facet.column)))
      data.tallies().add(kind.name, facet.name, *value, more);
  }
  // Without a transaction there is no commit that would write them.
  return data.db().in_transaction() ? result<void>{} : data.tallies().write(data.db());
}

result<void> append_change(shard& data, const entity_kind& kind, const change& what,
                           const change_origin& origin) {
  const auto logged = data.log().append(data.db(), what, origin);
  if (!logged)
    return logged.error();
  return kind.follow == nullptr ? result<void>{} : kind.follow(data, *logged);
}

/// Makes the text index say what the record says. A contentless FTS5 table forgets an entry only
/// when it is told the very texts that were indexed.
result<void> move_text(shard& data, const entity_kind& kind, std::int64_t seq,
                       const std::optional<search_text>& before,
                       const std::optional<search_text>& after) {
  if (before == after)
    return {};
  data.searches().changed(kind.name, seq, after);
  data.texts().change(kind.text_index, seq, before, after);
  // Without a transaction there is no commit that they could wait for.
  return data.db().in_transaction() ? result<void>{} : data.index_texts();
}

void drop_nulls(json& doc) {
  auto& members = doc.get_ref<json::object_t&>();
  std::vector<std::string> cleared;
  for (const auto& [name, value] : members) {
    if (value.is_null())
      cleared.push_back(name);
  }
  for (const std::string& name : cleared)
    doc.erase(name);
}

crm::error archived_error(const entity_kind& kind, const record& stored) {
  // Only contacts can be restored (design §1).
  const bool restorable = &kind == &contact_kind;
  return {error_code::conflict,
          std::string{kind.name} + " " + stored.id
              + (restorable ? " is archived: restore_contact brings it back within "
                                  + std::to_string(grace_days) + " days; else use another"
                            : " is archived and stays so: use another")};
}

} // namespace

result<record> find(shard& data, const entity_kind& kind, std::string_view id,
                    std::string_view argument) {
  record found;
  const auto read = data.db().first(
      kind.select_sql,
      [&](row r) {
        found.seq = r.integer(0);
        found.doc = r.text(1);
        found.version = r.integer(2);
        found.archived_at = r.optional_integer(3);
      },
      id);
  if (!read)
    return read.error();
  if (!*read) {
    const std::string got = brief_json(json(id));
    return argument_error(error_code::not_found,
                          "no " + std::string{kind.name} + " has the id " + got + ", given in "
                              + std::string{argument},
                          {std::string{argument}, got,
                           "the id of a " + std::string{kind.name} + " of this workspace"});
  }
  found.id = id;
  return found;
}

result<record> find_live(shard& data, const entity_kind& kind, std::string_view id,
                         std::string_view argument) {
  auto found = find(data, kind, id, argument);
  if (found && found->archived_at)
    return archived_error(kind, *found);
  return found;
}

result<record> find_at(shard& data, const entity_kind& kind, std::int64_t seq) {
  record found;
  const auto read = data.db().first(
      kind.select_at_sql,
      [&](row r) {
        found.id = r.text(0);
        found.doc = r.text(1);
        found.version = r.integer(2);
        found.archived_at = r.optional_integer(3);
      },
      seq);
  if (!read)
    return read.error();
  if (!*read)
    return error{error_code::storage, "a record that was just listed is gone"};
  found.seq = seq;
  return found;
}

result<record> create(shard& data, const entity_kind& kind, json fields,
                      const change_origin& origin) {
  record created;
  created.id = data.ids().next(kind.id_prefix, origin.now_ms);
  created.version = 1;
  json doc = json::object();
  reserve_members(doc, fields.size() + 5);
  doc["id"] = created.id;
  for (auto& [name, value] : fields.items())
    doc[name] = std::move(value);
  doc["version"] = created.version;
  doc["createdAt"] = origin.now_ms;
  doc["createdBy"] = origin.actor;
  doc["updatedAt"] = origin.now_ms;
  created.doc = dump_json(doc);
  const std::vector<column_value> columns = kind.columns(doc);
  CRM_TRY(write_row(data, kind.insert_sql, created, columns));
  created.seq = data.db().last_row_id();
  CRM_TRY(tally(data, kind, columns, 1));
  CRM_TRY(move_custom_values(data, kind, created.seq, nullptr, &doc));
  CRM_TRY(
      append_change(data, kind, {kind.name, created.id, "created", nullptr, &created.doc}, origin));
  CRM_TRY(
      move_text(data, kind, created.seq, std::nullopt, searchable_text(data.known(), kind, doc)));
  return created;
}

result<record> replace(shard& data, const entity_kind& kind, const record& before, json doc,
                       std::string_view action, const change_origin& origin) {
  drop_nulls(doc);
  if (dump_json(doc) == before.doc)
    return before;
  record after = before;
  after.version = before.version + 1;
  doc["version"] = after.version;
  doc["updatedAt"] = origin.now_ms;
  after.doc = dump_json(doc);
  after.archived_at = doc.contains("archivedAt")
                          ? std::optional{doc["archivedAt"].get<std::int64_t>()}
                          : std::nullopt;
  const std::vector<column_value> columns = kind.columns(doc);
  CRM_TRY(write_row(data, kind.update_sql, after, columns));
  const json old_doc = document_of(before);
  if (!before.archived_at)
    CRM_TRY(tally(data, kind, kind.columns(old_doc), -1));
  if (!after.archived_at)
    CRM_TRY(tally(data, kind, columns, 1));
  CRM_TRY(move_custom_values(data, kind, after.seq, before.archived_at ? nullptr : &old_doc,
                             after.archived_at ? nullptr : &doc));
  CRM_TRY(
      append_change(data, kind, {kind.name, after.id, action, &before.doc, &after.doc}, origin));
  CRM_TRY(move_text(data, kind, after.seq, searchable_text(data.known(), kind, old_doc),
                    searchable_text(data.known(), kind, doc)));
  return after;
}

result<record> archive(shard& data, const entity_kind& kind, const record& before,
                       const change_origin& origin) {
  if (before.archived_at)
    return error{error_code::conflict,
                 std::string{kind.name} + " " + before.id + " is archived already"};
  json doc = document_of(before);
  doc["archivedAt"] = origin.now_ms;
  return replace(data, kind, before, std::move(doc), "archived", origin);
}

result<record> restore(shard& data, const entity_kind& kind, const record& before,
                       const change_origin& origin) {
  if (!before.archived_at)
    return error{error_code::conflict,
                 std::string{kind.name} + " " + before.id + " is not archived"};
  if (origin.now_ms - *before.archived_at > grace_days * day_ms)
    return error{error_code::conflict, std::string{kind.name} + " " + before.id
                                           + " was archived more than " + std::to_string(grace_days)
                                           + " days ago and can no longer be restored"};
  json doc = document_of(before);
  doc.erase("archivedAt");
  return replace(data, kind, before, std::move(doc), "restored", origin);
}

result<void> reindex(shard& data, const entity_kind& kind, const std::vector<std::int64_t>& seqs,
                     const definitions& before, const progress_listener& progress) {
  if (kind.text == nullptr)
    return {};
  std::int64_t done = 0;
  for (const std::int64_t seq : seqs) {
    const auto stored = find_at(data, kind, seq);
    if (!stored)
      return stored.error();
    const json doc = document_of(*stored);
    CRM_TRY(move_text(data, kind, seq, searchable_text(before, kind, doc),
                      searchable_text(data.known(), kind, doc)));
    if (progress)
      progress(++done, static_cast<std::int64_t>(seqs.size()));
  }
  return {};
}

std::optional<search_text> searchable_text(const definitions& known, const entity_kind& kind,
                                           const json& doc) {
  if (kind.text == nullptr || doc.contains("archivedAt"))
    return std::nullopt;
  search_text found = kind.text(doc);
  append_custom_texts(found.body, known, kind, doc);
  return found;
}

json document_of(const record& stored) {
  return json::parse(stored.doc, nullptr, false);
}

column_value text_column(const json& doc, std::string_view member) {
  const auto found = doc.find(member);
  return found == doc.end() ? column_value{nullptr} : column_value{found->get<std::string>()};
}

column_value text_column_or_empty(const json& doc, std::string_view member) {
  const auto found = doc.find(member);
  return found == doc.end() ? std::string{} : found->get<std::string>();
}

column_value integer_column(const json& doc, std::string_view member) {
  const auto found = doc.find(member);
  return found == doc.end() ? column_value{nullptr} : column_value{found->get<std::int64_t>()};
}

column_value real_column(const json& doc, std::string_view member) {
  const auto found = doc.find(member);
  return found == doc.end() ? column_value{nullptr} : column_value{found->get<double>()};
}

} // namespace crm::storage
