// SPDX-License-Identifier: Apache-2.0
#include "storage/definitions.hpp"

#include <algorithm>

namespace crm::storage {

namespace {

constexpr std::string_view select_fields =
    "select entity_type, doc from custom_fields order by seq";

constexpr std::string_view select_objects =
    "select object_type, doc from custom_objects order by seq";

} // namespace

result<void> definitions::load(database& db) {
  *this = {};
  CRM_TRY(db.each(select_fields, [&](row r) {
    custom_field field = custom_field_of(json::parse(r.text(1)));
    hides_values_ = hides_values_ || field.visible_to != visibility::all;
    fields_[std::string{r.text(0)}].push_back(std::move(field));
    return true;
  }));
  return db.each(select_objects, [&](row r) {
    object_definition object{std::string{r.text(0)}, {}};
    const json document = json::parse(r.text(1));
    for (const json& field : document.at("fields"))
      object.fields.push_back(custom_field_of(field));
    objects_.push_back(std::move(object));
    return true;
  });
}

const std::vector<custom_field>& definitions::fields_of(std::string_view entity_type) const {
  static const std::vector<custom_field> none;
  const auto found = fields_.find(entity_type);
  return found == fields_.end() ? none : found->second;
}

const custom_field* definitions::field(std::string_view entity_type, std::string_view key) const {
  return field_named(fields_of(entity_type), key);
}

const object_definition* definitions::object(std::string_view type) const {
  const auto found = std::find_if(objects_.begin(), objects_.end(),
                                  [&](const object_definition& o) { return o.type == type; });
  return found == objects_.end() ? nullptr : &*found;
}

const custom_field* field_named(const std::vector<custom_field>& fields, std::string_view key) {
  const auto found = std::find_if(fields.begin(), fields.end(),
                                  [&](const custom_field& f) { return f.key == key; });
  return found == fields.end() ? nullptr : &*found;
}

} // namespace crm::storage
