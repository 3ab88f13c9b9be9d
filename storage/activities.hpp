// SPDX-License-Identifier: Apache-2.0
// Activities: calls, e-mails, meetings, notes and tasks. They are an audit trail: none is deleted.
#pragma once

#include "storage/period.hpp"
#include "storage/search.hpp"

namespace crm::storage {

extern const entity_kind activity_kind;

/// Which activities a list shows; what is not set does not filter.
struct activity_filter {
  std::optional<std::string> contact_id;
  std::optional<std::string> deal_id;
  std::optional<std::string> company_id;
};

/// Lists activities, newest first. @errors storage.
result<page> list_activities(shard& data, const activity_filter& filter,
                             const page_request& request);

/// Lists the activities of one type that occurred in a period, the latest first. @errors storage.
result<page> list_activities_by_type(shard& data, std::string_view type, const period& when,
                                     const page_request& request);

} // namespace crm::storage
