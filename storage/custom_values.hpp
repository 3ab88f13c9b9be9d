// SPDX-License-Identifier: Apache-2.0
// The look-up table of custom field values: which live record has which value under which key.
#pragma once

#include "storage/search.hpp"

namespace crm::storage {

/// Makes the look-up table say what a record's `customFields` say. `before` and `after` are the
/// documents; null stands for a record that is not live. @errors storage.
result<void> move_custom_values(shard& data, const entity_kind& kind, std::int64_t seq,
                                const json* before, const json* after);

/// Lists live contacts whose custom field `key` has exactly `value`, or holds it in an array,
/// newest first. @errors storage.
result<page> list_contacts_by_custom_value(shard& data, std::string_view key, const json& value,
                                           const page_request& request);

/// Spells a value as it is looked up: JSON text, where 5 and 5.0 are one number.
std::string custom_value_text(const json& value);

} // namespace crm::storage
