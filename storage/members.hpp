// SPDX-License-Identifier: Apache-2.0
// The records of members: who belongs to a workspace and in which role. What a role permits is
// decided above, in actors/.
#pragma once

#include "storage/search.hpp"

#include <string_view>

namespace crm::storage {

extern const entity_kind member_kind;

/// Finds the record of a present member. @errors not_found, naming `argument`; storage.
result<record> find_member(shard& data, std::string_view user_id, std::string_view argument);

/// Lists the present members, newest first. @errors storage.
result<page> list_members(shard& data, const page_request& request);

} // namespace crm::storage
