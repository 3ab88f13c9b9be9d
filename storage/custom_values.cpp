// SPDX-License-Identifier: Apache-2.0
#include "storage/custom_values.hpp"

#include <algorithm>

namespace crm::storage {

namespace {

constexpr std::string_view insert_value =
    "insert or ignore into custom_values (entity, key, value, seq) values (?, ?, ?, ?)";

constexpr std::string_view delete_value =
    "delete from custom_values where entity = ? and key = ? and value = ? and seq = ?";

/// Custom objects differ in their fields, so each has values of its own.
bool has_own_fields(const entity_kind& kind) {
  return kind.custom_member == "fields";
}

/// Under which name the values of a document stand in the look-up table.
std::string space_of(const entity_kind& kind, const json& doc) {
  std::string space{kind.name};
  if (has_own_fields(kind))
    space += "/" + doc.at("objectType").get_ref<const std::string&>();
  return space;
}

const json* values_of(const entity_kind& kind, const json* doc) {
  if (doc == nullptr || kind.custom_member.empty())
    return nullptr;
  const auto found = doc->find(kind.custom_member);
  return found == doc->end() ? nullptr : &*found;
}

/// Runs `sql` for every custom value of the document that is looked up.
result<void> for_each_value(shard& data, const entity_kind& kind, std::int64_t seq, const json& doc,
                            std::string_view sql) {
  const auto& fields = fields_of(data.known(), kind, doc);
  const std::string space = space_of(kind, doc);
  for (const auto& [key, value] : doc.at(std::string{kind.custom_member}).items()) {
    const custom_field* field = field_named(fields, key);
    if (has_own_fields(kind) && (field == nullptr || !field->rules.unique))
      continue;
    const field_type type = field == nullptr ? field_type::text : field->type;
    // An empty array stands as itself: deleting the field must find it.
    if (!value.is_array() || value.empty()) {
      CRM_TRY(data.db().run(sql, space, key, comparable_text(type, value), seq));
      continue;
    }
    for (const json& item : value)
      CRM_TRY(data.db().run(sql, space, key, comparable_text(type, item), seq));
  }
  return {};
}

constexpr std::string_view list_by_value =
    "select c.seq, c.doc from custom_values v join contacts c on c.seq = v.seq"
    " where v.entity = 'contact' and v.key = ?3 and v.value = ?4 and v.seq < ?1"
    " order by v.seq desc limit ?2";

constexpr std::string_view count_by_value =
    "select n from tallies where entity = 'contact' and facet = 'customFields.' || ?1"
    " and value = ?2";

} // namespace

const std::vector<custom_field>& fields_of(const definitions& known, const entity_kind& kind,
                                           const json& doc) {
  static const std::vector<custom_field> none;
  if (!has_own_fields(kind))
    return known.fields_of(kind.name);
  const auto* object = known.object(doc.at("objectType").get_ref<const std::string&>());
  return object == nullptr ? none : object->fields;
}

result<void> move_custom_values(shard& data, const entity_kind& kind, std::int64_t seq,
                                const json* before, const json* after) {
  const json* old_values = values_of(kind, before);
  const json* new_values = values_of(kind, after);
  // Compared as text: to nlohmann_json 1 and 1.0 are equal, but inside an object each is looked up
  // as it is written.
  if (old_values != nullptr && new_values != nullptr
      && dump_json(*old_values) == dump_json(*new_values))
    return {};
  if (old_values != nullptr)
    CRM_TRY(for_each_value(data, kind, seq, *before, delete_value));
  if (new_values != nullptr)
    CRM_TRY(for_each_value(data, kind, seq, *after, insert_value));
  return {};
}

void append_custom_texts(std::string& out, const definitions& known, const entity_kind& kind,
                         const json& doc) {
  const json* values = values_of(kind, &doc);
  if (values == nullptr)
    return;
  const auto& fields = fields_of(known, kind, doc);
  for (const auto& [key, value] : values->items()) {
    const custom_field* field = field_named(fields, key);
    if (field == nullptr)
      append_search_text(out, field_type::text, value);
    else if (field->visible_to == visibility::all)
      append_search_text(out, field->type, value);
  }
}

result<page> list_contacts_by_custom_value(shard& data, const custom_field& field,
                                           const json& value, const page_request& request) {
  return read_page(data, request, list_by_value, count_by_value, field.key,
                   comparable_text(field.type, value));
}

constexpr std::string_view select_holder =
    "select seq from custom_values where entity = ?1 and key = ?2 and value = ?3 and seq <> ?4"
    " limit 1";

result<std::optional<std::string>> holder_of_value(shard& data, const entity_kind& kind,
                                                   const json& doc, const custom_field& field,
                                                   const json& value, std::int64_t except_seq) {
  std::int64_t seq = 0;
  const auto found = data.db().first(
      select_holder, [&](row r) { seq = r.integer(0); }, space_of(kind, doc), field.key,
      comparable_text(field.type, value), except_seq);
  if (!found)
    return found.error();
  if (!*found)
    return std::optional<std::string>{};
  auto holder = find_at(data, kind, seq);
  if (!holder)
    return std::move(holder).error();
  return std::optional{std::move(holder->id)};
}

constexpr std::string_view count_value =
    "select count(*) from custom_values where entity = ?1 and key = ?2 and value = ?3";

result<std::int64_t> count_holders(shard& data, const entity_kind& kind, const custom_field& field,
                                   const json& value) {
  std::int64_t count = 0;
  const auto counted = data.db().first(
      count_value, [&](row r) { count = r.integer(0); }, kind.name, field.key,
      comparable_text(field.type, value));
  if (!counted)
    return counted.error();
  return count;
}

constexpr std::string_view count_shared =
    "select count(*) from (select 1 from custom_values where entity = ?1 and key = ?2"
    " group by value having count(*) > 1)";

result<std::int64_t> count_shared_values(shard& data, const entity_kind& kind,
                                         std::string_view key) {
  std::int64_t count = 0;
  const auto counted = data.db().first(
      count_shared, [&](row r) { count = r.integer(0); }, kind.name, key);
  if (!counted)
    return counted.error();
  return count;
}

constexpr std::string_view select_live_with =
    "select distinct seq from custom_values where entity = ?1 and key = ?2";

result<std::vector<std::int64_t>> live_with_value(shard& data, const entity_kind& kind,
                                                  std::string_view key) {
  std::vector<std::int64_t> seqs;
  CRM_TRY(data.db().each(
      select_live_with,
      [&](row r) {
        seqs.push_back(r.integer(0));
        return true;
      },
      kind.name, key));
  std::sort(seqs.begin(), seqs.end());
  return seqs;
}

namespace {

result<std::vector<std::int64_t>> archived_with_value(shard& data, const entity_kind& kind,
                                                      std::string_view key) {
  std::vector<std::int64_t> seqs;
  if (kind.archived_with_sql.empty())
    return seqs;
  const std::string path = "$." + std::string{kind.custom_member} + "." + std::string{key};
  CRM_TRY(data.db().each(
      kind.archived_with_sql,
      [&](row r) {
        seqs.push_back(r.integer(0));
        return true;
      },
      path));
  std::sort(seqs.begin(), seqs.end());
  return seqs;
}

result<std::vector<std::int64_t>> all_with_value(shard& data, const entity_kind& kind,
                                                 std::string_view key) {
  auto seqs = live_with_value(data, kind, key);
  if (!seqs)
    return seqs;
  const auto archived = archived_with_value(data, kind, key);
  if (!archived)
    return archived.error();
  seqs->insert(seqs->end(), archived->begin(), archived->end());
  return seqs;
}

result<void> remove_value(shard& data, const entity_kind& kind, std::int64_t seq,
                          std::string_view key, const change_origin& origin) {
  const auto stored = find_at(data, kind, seq);
  if (!stored)
    return stored.error();
  json doc = document_of(*stored);
  json& values = doc.at(std::string{kind.custom_member});
  values.erase(std::string{key});
  if (values.empty())
    doc.erase(std::string{kind.custom_member});
  const auto changed = replace(data, kind, *stored, std::move(doc), "updated", origin);
  if (!changed)
    return changed.error();
  return {};
}

constexpr std::string_view forget_tallies =
    "delete from tallies where entity = ?1 and facet = 'customFields.' || ?2";

} // namespace

result<std::int64_t> count_values(shard& data, const entity_kind& kind, std::string_view key) {
  const auto places = all_with_value(data, kind, key);
  if (!places)
    return places.error();
  return static_cast<std::int64_t>(places->size());
}

result<std::int64_t> remove_values(shard& data, const entity_kind& kind, std::string_view key,
                                   const change_origin& origin, const progress_listener& progress) {
  // The places are gathered first, because removing a value changes what is being listed: eight
  // bytes a record.
  auto seqs = all_with_value(data, kind, key);
  if (!seqs)
    return std::move(seqs).error();
  std::int64_t removed = 0;
  for (const std::int64_t seq : *seqs) {
    CRM_TRY(remove_value(data, kind, seq, key, origin));
    if (progress)
      progress(++removed, static_cast<std::int64_t>(seqs->size()));
  }
  CRM_TRY(data.db().run(forget_tallies, kind.name, key));
  return static_cast<std::int64_t>(seqs->size());
}

} // namespace crm::storage
