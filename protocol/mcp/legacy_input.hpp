// SPDX-License-Identifier: Apache-2.0
// Handlers ask for input as the modern era does: they answer with questions and are run again with
// the answers. For a legacy client this file asks the questions in between, as requests of the
// server, so that a handler is written once.
#pragma once

#include "protocol/mcp/legacy_session.hpp"
#include "protocol/mcp/service.hpp"

#include <memory>

namespace crm::mcp {

/// Runs a shared method for a legacy session until it no longer asks, and answers `way_back`.
/// @pre the params of the request are an object.
void run_with_input(const std::shared_ptr<service>& server, rpc_request request, const caller& from,
                    const std::shared_ptr<legacy_session>& session,
                    const std::shared_ptr<exchange>& way_back);

} // namespace crm::mcp
