// SPDX-License-Identifier: Apache-2.0
// The records of custom objects: all kinds in one table, told apart by their objectType.
#pragma once

#include "storage/search.hpp"

namespace crm::storage {

/// Documents: id, objectType, fields, relatedContactId, relatedDealId, relatedCompanyId …
extern const entity_kind custom_record_kind;

/// Lists live records of one custom object, newest first. @errors storage.
result<page> list_custom_records(shard& data, std::string_view object_type,
                                 const page_request& request);

/// Searches the values of one custom object's records, best match first. @errors storage.
result<page> search_custom_records(shard& data, std::string_view object_type,
                                   std::string_view query, const page_request& request);

} // namespace crm::storage
