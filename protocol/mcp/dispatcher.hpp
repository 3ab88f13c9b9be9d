// SPDX-License-Identifier: Apache-2.0
// The methods that both eras share: tools, resources, prompts and completion. Checks the params,
// finds the entry and runs its handler; how a result is written is not its business.
#pragma once

#include "protocol/mcp/registry.hpp"

#include <memory>
#include <string_view>

namespace crm::mcp {

/// Returns whether `method` is one that both eras share.
bool is_shared_method(std::string_view method);

/// Runs a shared method. @pre `is_shared_method(method)`; the params of the context are an object.
/// Answers a `rpc_error` for bad params, an unknown name or address.
void dispatch(const registry& offer, std::string_view method,
              const std::shared_ptr<call_context>& context, outcome_completion done);

} // namespace crm::mcp
