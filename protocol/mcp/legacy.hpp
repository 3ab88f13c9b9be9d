// SPDX-License-Identifier: Apache-2.0
// The legacy era, 2024-11-05 to 2025-11-25: the handshake, and requests inside a session. Knows no
// transport; the modern era is modern.hpp.
#pragma once

#include "protocol/mcp/legacy_session.hpp"
#include "protocol/mcp/results.hpp"
#include "protocol/mcp/service.hpp"

#include <memory>
#include <variant>

namespace crm::mcp {

/// Reads an `initialize`. A version that this server does not speak is answered with the newest
/// legacy one, and the client decides. @errors invalid_params for missing or ill-typed members.
std::variant<session_terms, rpc_error> negotiate(const rpc_request& initialize);

/// Writes the answer to `initialize`.
reply initialize_reply(const service& server, const json& id, const session_terms& agreed);

/// Serves a request of a session, `initialize` excepted. Returns at once; the answer goes to
/// `way_back`. A handler that needs input asks the client on the way, when the client can answer.
void serve_legacy(const std::shared_ptr<service>& server, rpc_request request, const caller& from,
                  const std::shared_ptr<legacy_session>& session,
                  const std::shared_ptr<exchange>& way_back);

/// Takes a notification of a session; unknown ones are ignored, as JSON-RPC asks.
void hear_legacy(const rpc_notification& news, legacy_session& session);

} // namespace crm::mcp
