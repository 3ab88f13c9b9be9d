// SPDX-License-Identifier: Apache-2.0
// The MCP server of the CRM: the gateway's tools, who the server says it is, and what a model
// should know before its first call.
#pragma once

#include "protocol/mcp/gateway_tools.hpp"
#include "protocol/mcp/service.hpp"

#include <functional>
#include <memory>
#include <string>

namespace crm::mcp {

/// What the CRM offers over MCP beside the tools of its gateway.
struct crm_parts {
  /// Adds resources, prompts and what completes their arguments; empty for none.
  std::function<void(registry&)> add = nullptr;
  /// What is asked before irreversible tools run.
  confirmations questions = {};
};

/// Returns the server. @pre `crm` outlives it and every call under way.
std::shared_ptr<service> make_crm_service(gateway& crm, const surroundings& around,
                                          const crm_parts& parts = {});

/// Returns the instructions of a catalogue, at most 2 KB, the most important first.
std::string instructions_for(const std::vector<const tool_spec*>& catalogue);

} // namespace crm::mcp
