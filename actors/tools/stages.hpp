// SPDX-License-Identifier: Apache-2.0
// Stages by name: the spelling that a caller uses, and what a move into a stage does to a deal.
#pragma once

#include "actors/tools/tool.hpp"
#include "storage/deals.hpp"

#include <optional>
#include <string_view>

namespace crm::tools {

/// Returns the stage that `text` names, in any spelling (`Closed Won`, `closed_won` -> won).
/// @errors validation, listing the valid stages, when there is none; storage.
result<storage::stage> stage_named(tool_context& context, std::string_view argument,
                                   std::string_view text);

/// Writes a stage into a deal's document: its default probability unless `probability` overrides
/// it, and `closedAt` when the stage ends the deal; a deal that is opened again loses `closedAt`.
void enter_stage(json& deal, const storage::stage& target, std::optional<double> probability,
                 std::int64_t now_ms);

} // namespace crm::tools
