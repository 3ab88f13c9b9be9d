// SPDX-License-Identifier: Apache-2.0
// What people ask a CRM for again and again, as MCP prompts: the task in words, and the data of
// this moment beside it, read with the caller's rights.
#pragma once

#include "protocol/call.hpp"
#include "protocol/mcp/registry.hpp"

namespace crm::mcp {

/// Adds `review_pipeline`, `prepare_meeting`, `clean_up_duplicates` and `report_week`.
/// @pre `crm` outlives the registry.
void add_crm_prompts(registry& offer, gateway& crm);

} // namespace crm::mcp
