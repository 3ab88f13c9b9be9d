// SPDX-License-Identifier: Apache-2.0
// `subscriptions/listen`: the request of the modern era that stays open and tells of changes.
#pragma once

#include "protocol/mcp/service.hpp"

#include <memory>

namespace crm::mcp {

/// How the server ends a subscription by itself. The specification has it both ways; this is what
/// SDK clients expect (reference §1.10).
enum class listen_end : std::uint8_t {
  /// With the result of the request: HTTP.
  result,
  /// With `notifications/cancelled`: stdio.
  cancelled,
};

/// Serves a listen request: acknowledges it, then tells of changes until it ends. @pre the params
/// are an object with a valid `_meta`.
void listen(const std::shared_ptr<service>& server, const rpc_request& request, const caller& from,
            listen_end how, const std::shared_ptr<exchange>& way_back);

} // namespace crm::mcp
