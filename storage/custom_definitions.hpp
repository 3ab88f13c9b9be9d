// SPDX-License-Identifier: Apache-2.0
// The stored definitions of custom fields and custom objects. Each change is logged like that of a
// record, and the shard's definitions in memory follow at once.
#pragma once

#include "protocol/progress.hpp"
#include "storage/search.hpp"

namespace crm::storage {

/// Documents: id, entityType, key, label, fieldType, required, options, validation, visibility …
extern const entity_kind custom_field_kind;
/// Documents: id, objectType, label, labelPlural, fields …
extern const entity_kind custom_object_kind;

/// Returns the kind of record that `contact`, `company`, `deal` or `activity` names.
const entity_kind& kind_with_custom_fields(std::string_view entity_type);

/// Returns the definition of the field with that key, if there is one. @errors storage.
result<std::optional<record>> find_custom_field(shard& data, std::string_view entity_type,
                                                std::string_view key);

/// Adds a definition. @errors storage.
result<record> add_definition(shard& data, const entity_kind& kind, const json& fields,
                              const change_origin& origin);

/// Replaces a definition, and makes searches find the field's values as the new one says.
/// @errors storage.
result<record> replace_custom_field(shard& data, const record& before, json doc,
                                    const change_origin& origin,
                                    const progress_listener& progress = nullptr);

/// Erases a definition and its values in all records. Returns how many values there were.
/// @errors storage.
result<std::int64_t> erase_custom_field(shard& data, const record& definition,
                                        const change_origin& origin,
                                        const progress_listener& progress = nullptr);

/// Lists definitions of custom fields, newest first, of one entity type if it is given.
/// @errors storage.
result<page> list_custom_fields(shard& data, const std::optional<std::string>& entity_type,
                                const page_request& request);

/// Lists definitions of custom objects, newest first. @errors storage.
result<page> list_custom_objects(shard& data, const page_request& request);

} // namespace crm::storage
