// SPDX-License-Identifier: Apache-2.0
// Calls of the gateway on behalf of an MCP request: with the credential, the cancellation and the
// progress of that request. Nothing of the CRM is reached in any other way.
#pragma once

#include "protocol/call.hpp"
#include "protocol/mcp/call_context.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace crm::mcp {

/// What to ask the gateway for.
struct gateway_call {
  call_kind kind = call_kind::tool;
  std::string name;
  json args = json::object();
};

/// Runs one call with the rights of whoever sent the request. @pre `crm` outlives the call.
void run_call(gateway& crm, const std::shared_ptr<call_context>& context, gateway_call asked,
              std::function<void(result<tool_reply>)> done);

/// Runs the calls side by side and hands their replies over in the order of the calls, or the first
/// error that came.
void run_calls(gateway& crm, const std::shared_ptr<call_context>& context,
               std::vector<gateway_call> asked,
               std::function<void(result<std::vector<tool_reply>>)> done);

} // namespace crm::mcp
