// SPDX-License-Identifier: Apache-2.0
#include "storage/custom_definitions.hpp"

#include "storage/activities.hpp"
#include "storage/companies.hpp"
#include "storage/contacts.hpp"
#include "storage/custom_values.hpp"
#include "storage/deals.hpp"

namespace crm::storage {

namespace {

std::vector<column_value> field_columns(const json& doc) {
  return {text_column(doc, "entityType"), text_column(doc, "key")};
}

std::vector<column_value> object_columns(const json& doc) {
  return {text_column(doc, "objectType")};
}

constexpr std::string_view select_field =
    "select seq, doc, version, archived_at from custom_fields where id = ?";

constexpr std::string_view insert_field =
    "insert into custom_fields (id, version, archived_at, doc, entity_type, key)"
    " values (?1, ?2, ?3, ?4, ?5, ?6)";

constexpr std::string_view update_field =
    "update custom_fields set version = ?2, archived_at = ?3, doc = ?4, entity_type = ?5, key = ?6"
    " where id = ?1";

constexpr std::string_view select_object =
    "select seq, doc, version, archived_at from custom_objects where id = ?";

constexpr std::string_view insert_object =
    "insert into custom_objects (id, version, archived_at, doc, object_type)"
    " values (?1, ?2, ?3, ?4, ?5)";

constexpr std::string_view update_object =
    "update custom_objects set version = ?2, archived_at = ?3, doc = ?4, object_type = ?5"
    " where id = ?1";

} // namespace

const entity_kind custom_field_kind{
    .name = "custom_field",
    .id_prefix = "fld_",
    .select_sql = select_field,
    .insert_sql = insert_field,
    .update_sql = update_field,
    .columns = field_columns,
    .text = nullptr,
};

const entity_kind custom_object_kind{
    .name = "custom_object",
    .id_prefix = "obj_",
    .select_sql = select_object,
    .insert_sql = insert_object,
    .update_sql = update_object,
    .columns = object_columns,
    .text = nullptr,
};

const entity_kind& kind_with_custom_fields(std::string_view entity_type) {
  for (const entity_kind* kind : {&company_kind, &deal_kind, &activity_kind}) {
    if (kind->name == entity_type)
      return *kind;
  }
  return contact_kind;
}

constexpr std::string_view select_field_by_key =
    "select seq, doc, version, id from custom_fields where entity_type = ?1 and key = ?2";

result<std::optional<record>> find_custom_field(shard& data, std::string_view entity_type,
                                                std::string_view key) {
  std::optional<record> found;
  const auto read = data.db().first(
      select_field_by_key,
      [&](row r) {
        found.emplace();
        found->seq = r.integer(0);
        found->doc = r.text(1);
        found->version = r.integer(2);
        found->id = r.text(3);
      },
      entity_type, key);
  if (!read)
    return read.error();
  return found;
}

result<record> add_definition(shard& data, const entity_kind& kind, const json& fields,
                              const change_origin& origin) {
  auto created = create(data, kind, fields, origin);
  if (created)
    CRM_TRY(data.definitions_changed());
  return created;
}

namespace {

/// Whether searches find the values of a field under one definition and not under the other.
bool changes_searches(const definitions& before, const definitions& after,
                      std::string_view entity_type, std::string_view key) {
  const auto hides = [&](const definitions& known) {
    const custom_field* field = known.field(entity_type, key);
    return field != nullptr && field->visible_to != visibility::all;
  };
  return hides(before) != hides(after);
}

} // namespace

result<record> replace_custom_field(shard& data, const record& before, json doc,
                                    const change_origin& origin,
                                    const progress_listener& progress) {
  const definitions known_before = data.known();
  const auto entity_type = doc.at("entityType").get<std::string>();
  const auto key = doc.at("key").get<std::string>();
  auto after = replace(data, custom_field_kind, before, std::move(doc), "updated", origin);
  if (!after)
    return after;
  CRM_TRY(data.definitions_changed());
  if (!changes_searches(known_before, data.known(), entity_type, key))
    return after;
  const entity_kind& kind = kind_with_custom_fields(entity_type);
  const auto holders = live_with_value(data, kind, key);
  if (!holders)
    return holders.error();
  CRM_TRY(reindex(data, kind, *holders, known_before, progress));
  return after;
}

constexpr std::string_view delete_field = "delete from custom_fields where id = ?";

result<std::int64_t> erase_custom_field(shard& data, const record& definition,
                                        const change_origin& origin,
                                        const progress_listener& progress) {
  const json doc = document_of(definition);
  // The values go first: what they are indexed by follows from the definition.
  auto removed =
      remove_values(data, kind_with_custom_fields(doc.at("entityType").get<std::string>()),
                    doc.at("key").get<std::string>(), origin, progress);
  if (!removed)
    return removed;
  CRM_TRY(data.db().run(delete_field, definition.id));
  const auto logged = data.log().append(
      data.db(), {custom_field_kind.name, definition.id, "deleted", &definition.doc, nullptr},
      origin);
  if (!logged)
    return logged.error();
  CRM_TRY(data.definitions_changed());
  return removed;
}

constexpr std::string_view list_fields =
    "select seq, doc from custom_fields where seq < ?1 and (?3 is null or entity_type = ?3)"
    " order by seq desc limit ?2";

constexpr std::string_view count_fields =
    "select count(*) from custom_fields where ?1 is null or entity_type = ?1";

result<page> list_custom_fields(shard& data, const std::optional<std::string>& entity_type,
                                const page_request& request) {
  return read_page(data, request, list_fields, count_fields, entity_type);
}

constexpr std::string_view list_objects =
    "select seq, doc from custom_objects where seq < ?1 order by seq desc limit ?2";

constexpr std::string_view count_objects = "select count(*) from custom_objects";

result<page> list_custom_objects(shard& data, const page_request& request) {
  return read_page(data, request, list_objects, count_objects);
}

} // namespace crm::storage
