// SPDX-License-Identifier: Apache-2.0
// The MCP server of the CRM: everything that it offers, who it says it is, and what a model should
// know before its first call.
#pragma once

#include "protocol/call.hpp"
#include "protocol/changes.hpp"
#include "protocol/mcp/service.hpp"

#include <memory>
#include <string>
#include <vector>

namespace crm {
struct tool_spec;
}

namespace crm::mcp {

/// Returns the server of a CRM: tools, resources, prompts, what completes their arguments, and the
/// questions before irreversible tools. Subscribers hear of what `changes` tells.
/// @pre `crm` outlives it and every call under way; `changes` is used during this call only.
std::shared_ptr<service> make_crm_service(gateway& crm, change_source& changes,
                                          const surroundings& around);

/// Returns the instructions of a catalogue, at most 2 KB, the most important first.
std::string instructions_for(const std::vector<const tool_spec*>& catalogue);

} // namespace crm::mcp
