// SPDX-License-Identifier: Apache-2.0
// The modern era, 2026-07-28: every request describes itself, nothing is remembered between two of
// them. Knows no transport; over HTTP it is handed the routing headers to compare.
#pragma once

#include "protocol/mcp/results.hpp"
#include "protocol/mcp/routing_headers.hpp"
#include "protocol/mcp/service.hpp"

#include <memory>

namespace crm::mcp {

/// Serves a modern request: checks it in the order of the reference (§2.2, M1 to M9) and returns at
/// once; the answer goes to `way_back`. `headers` is null where there are none, as on stdio.
void serve_modern(const std::shared_ptr<service>& server, rpc_request request, const caller& from,
                  const routing_headers* headers, const std::shared_ptr<exchange>& way_back);

/// The long request by which a modern client subscribes.
inline constexpr std::string_view listen_method = "subscriptions/listen";

} // namespace crm::mcp
