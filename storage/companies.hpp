// SPDX-License-Identifier: Apache-2.0
// Companies: the organisations that contacts work for and deals are made with.
#pragma once

#include "storage/search.hpp"

namespace crm::storage {

extern const entity_kind company_kind;
extern const search_sql company_search;

/// Lists live companies, newest first; of one industry if it is given. @errors storage.
result<page> list_companies(shard& data, const std::optional<std::string>& industry,
                            const page_request& request);

/// Returns up to five ids of other live companies with the same domain. @errors storage.
result<std::vector<std::string>> companies_with_domain(shard& data, std::string_view domain,
                                                       std::string_view except_id);

} // namespace crm::storage
