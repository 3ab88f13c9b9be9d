// SPDX-License-Identifier: Apache-2.0
#include "storage/custom_values.hpp"

#include <cmath>

namespace crm::storage {

namespace {

constexpr std::string_view insert_value =
    "insert or ignore into custom_values (entity, key, value, seq) values (?, ?, ?, ?)";

constexpr std::string_view delete_value =
    "delete from custom_values where entity = ? and key = ? and value = ? and seq = ?";

/// Runs `sql` for every value of the document's custom fields.
result<void> for_each_value(shard& data, const entity_kind& kind, std::int64_t seq,
                            const json& fields, std::string_view sql) {
  for (const auto& [key, value] : fields.items()) {
    if (!value.is_array()) {
      CRM_TRY(data.db().run(sql, kind.name, key, custom_value_text(value), seq));
      continue;
    }
    for (const json& item : value)
      CRM_TRY(data.db().run(sql, kind.name, key, custom_value_text(item), seq));
  }
  return {};
}

const json* fields_of(const json* doc) {
  if (doc == nullptr)
    return nullptr;
  const auto found = doc->find("customFields");
  return found == doc->end() ? nullptr : &*found;
}

constexpr std::string_view list_by_value =
    "select c.seq, c.doc from custom_values v join contacts c on c.seq = v.seq"
    " where v.entity = 'contact' and v.key = ?3 and v.value = ?4 and v.seq < ?1"
    " order by v.seq desc limit ?2";

constexpr std::string_view count_by_value =
    "select n from tallies where entity = 'contact' and facet = 'customFields.' || ?1"
    " and value = ?2";

} // namespace

result<void> move_custom_values(shard& data, const entity_kind& kind, std::int64_t seq,
                                const json* before, const json* after) {
  const json* old_fields = fields_of(before);
  const json* new_fields = fields_of(after);
  // Compared as text: to nlohmann_json 1 and 1.0 are equal, but inside an object each is looked up
  // as it is written.
  if (old_fields != nullptr && new_fields != nullptr
      && dump_json(*old_fields) == dump_json(*new_fields))
    return {};
  if (old_fields != nullptr)
    CRM_TRY(for_each_value(data, kind, seq, *old_fields, delete_value));
  if (new_fields != nullptr)
    CRM_TRY(for_each_value(data, kind, seq, *new_fields, insert_value));
  return {};
}

result<page> list_contacts_by_custom_value(shard& data, std::string_view key, const json& value,
                                           const page_request& request) {
  return read_page(data, request, list_by_value, count_by_value, key, custom_value_text(value));
}

std::string custom_value_text(const json& value) {
  if (value.is_number_float() && value.get<double>() == std::floor(value.get<double>())
      && std::fabs(value.get<double>()) < 9.0e15)
    return std::to_string(static_cast<std::int64_t>(value.get<double>()));
  return dump_json(value);
}

} // namespace crm::storage
