// SPDX-License-Identifier: Apache-2.0
// The tools of a gateway as MCP tools: the one place where the protocol core meets the CRM. The
// envelope of design §4.2 is the text and the structured content of every answer.
#pragma once

#include "protocol/call.hpp"
#include "protocol/mcp/confirmation.hpp"
#include "protocol/mcp/registry.hpp"

#include <map>
#include <string>

namespace crm::mcp {

/// The questions that tools ask before they run, by the name of the tool.
using confirmations = std::map<std::string, confirmation_question, std::less<>>;

/// Adds every tool of the catalogue, in its order; each is shown to those who may call it.
/// @pre `crm` outlives the registry.
void add_gateway_tools(registry& offer, gateway& crm, const std::shared_ptr<request_seal>& seal,
                       const confirmations& questions = {});

/// Returns an envelope as the result of `tools/call`.
complete envelope_result(const result<tool_reply>& ended);

} // namespace crm::mcp
