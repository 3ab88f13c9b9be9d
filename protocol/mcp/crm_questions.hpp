// SPDX-License-Identifier: Apache-2.0
// What the user is asked before something is erased for good, with the counts of this moment.
#pragma once

#include "protocol/mcp/gateway_tools.hpp"

namespace crm::mcp {

/// Returns the questions of `delete_custom_field` and `purge_archived_records`. What they would do
/// is asked of the gateway, with the caller's rights. @pre `crm` outlives them.
confirmations crm_questions(gateway& crm);

} // namespace crm::mcp
