// SPDX-License-Identifier: Apache-2.0
// The one place that writes an outcome for its era: what the modern era adds to a result, how
// errors differ, which HTTP status they take.
#pragma once

#include "protocol/mcp/exchange.hpp"
#include "protocol/mcp/outcome.hpp"
#include "protocol/mcp/revision.hpp"

#include <string_view>

namespace crm::mcp {

/// Writes how a legacy request ended. @pre the outcome asks for no input.
reply legacy_reply(const json& id, std::string_view method, const result<outcome>& ended);

/// Writes how a modern request ended: `resultType`, cache hints where `method` wants them, and the
/// server's `identity` in `_meta`.
reply modern_reply(const json& id, std::string_view method, const json& identity,
                   const result<outcome>& ended);

/// Writes an error with the status it names.
reply error_reply(const json& id, const rpc_error& reason);

} // namespace crm::mcp
