// SPDX-License-Identifier: Apache-2.0
// The values of custom fields: the look-up table that says which live record has which value under
// which key, and what a search finds them by. Every value of a contact, company, deal or activity
// stands in the table, of a custom object's record only what must be unique.
#pragma once

#include "protocol/progress.hpp"
#include "storage/search.hpp"

namespace crm::storage {

/// Returns the fields that the custom values of a document obey.
const std::vector<custom_field>& fields_of(const definitions& known, const entity_kind& kind,
                                           const json& doc);

/// Makes the look-up table say what a record's custom values say. `before` and `after` are the
/// documents; null stands for a record that is not live. @errors storage.
result<void> move_custom_values(shard& data, const entity_kind& kind, std::int64_t seq,
                                const json* before, const json* after);

/// Appends what a search finds a document's custom values by. Values that are hidden from anyone
/// are left out: who may not read them could spell them out search by search.
void append_custom_texts(std::string& out, const definitions& known, const entity_kind& kind,
                         const json& doc);

/// Lists live contacts whose custom field has exactly `value`, or holds it in an array, newest
/// first. @errors storage.
result<page> list_contacts_by_custom_value(shard& data, const custom_field& field,
                                           const json& value, const page_request& request);

/// Returns the id of a live record other than `except_seq` that has this value, if there is one.
/// `doc` is the document that is to have it. @errors storage.
result<std::optional<std::string>> holder_of_value(shard& data, const entity_kind& kind,
                                                   const json& doc, const custom_field& field,
                                                   const json& value, std::int64_t except_seq);

/// Returns how many live records of the kind hold this value, alone or in an array. @errors
/// storage.
result<std::int64_t> count_holders(shard& data, const entity_kind& kind, const custom_field& field,
                                   const json& value);

/// Returns how many values of the field stand in more than one live record. @errors storage.
result<std::int64_t> count_shared_values(shard& data, const entity_kind& kind,
                                         std::string_view key);

/// Returns the places of the live records that have a value of the field. @errors storage.
result<std::vector<std::int64_t>> live_with_value(shard& data, const entity_kind& kind,
                                                  std::string_view key);

/// Returns how many records, archived or not, have a value of the field: those that `remove_values`
/// would change. @errors storage.
result<std::int64_t> count_values(shard& data, const entity_kind& kind, std::string_view key);

/// Takes the field's value out of every record that has one, archived or not; each leaves its
/// change row. Returns how many there were. @errors storage.
result<std::int64_t> remove_values(shard& data, const entity_kind& kind, std::string_view key,
                                   const change_origin& origin,
                                   const progress_listener& progress = nullptr);

} // namespace crm::storage
