// SPDX-License-Identifier: Apache-2.0
// Contacts: the people.
#pragma once

#include "storage/search.hpp"

namespace crm::storage {

extern const entity_kind contact_kind;
extern const search_sql contact_search;

/// Which contacts a list shows; what is not set does not filter.
struct contact_filter {
  std::optional<std::string> type;
  std::optional<std::string> company_id;
};

/// Lists live contacts, newest first. @errors storage.
result<page> list_contacts(shard& data, const contact_filter& filter, const page_request& request);

/// Returns up to five ids of other live contacts with the same e-mail address. @errors storage.
result<std::vector<std::string>> contacts_with_email(shard& data, std::string_view email,
                                                     std::string_view except_id);

} // namespace crm::storage
