// SPDX-License-Identifier: Apache-2.0
// JSON-RPC 2.0 as MCP uses it: what a message is, how one is read, how answers are written. Knows
// no method and no revision of MCP.
#pragma once

#include "protocol/json.hpp"

#include <string>
#include <string_view>
#include <variant>

namespace crm::mcp {

/// The error codes of MCP (2026-07-28 schema, and the two that only earlier revisions know).
enum class rpc_code : int {
  parse_error = -32700,
  invalid_request = -32600,
  method_not_found = -32601,
  invalid_params = -32602,
  internal_error = -32603,
  /// A legacy transport refuses before any method runs: no session, wrong origin, no token.
  transport_refusal = -32000,
  /// Legacy: the session is unknown or over.
  session_not_found = -32001,
  /// Legacy only; the modern era says `invalid_params` instead.
  resource_not_found = -32002,
  header_mismatch = -32020,
  missing_client_capability = -32021,
  unsupported_version = -32022,
};

/// A JSON-RPC error, with the HTTP status it takes where the modern era asks for one.
struct rpc_error {
  rpc_code code;
  std::string message;
  /// Left out when it is null.
  json data = nullptr;
  int http_status = 200;
};

/// Something that expects an answer.
struct rpc_request {
  /// A string or an integer: `1` and `"1"` are different ids.
  json id;
  std::string method;
  /// `null` when the message has no params; not checked to be an object.
  json params;
};

/// Something that is never answered.
struct rpc_notification {
  std::string method;
  json params;
};

/// The client's answer to a request of ours.
struct rpc_response {
  json id;
  /// The result, or null when `error` is set.
  json result;
  /// The error object, or null.
  json error;
};

/// Text that is no JSON-RPC message; `id` is null when it could not be read.
struct rpc_malformed {
  json id;
  rpc_error reason;
};

/// One message of the client.
using rpc_message = std::variant<rpc_request, rpc_notification, rpc_response, rpc_malformed>;

/// Tells what kind of message `value` is. MCP forbids ids that are null or fractional.
rpc_message read_message(json value);

/// Returns the error for a text that `parse_json` refused, which said `reason`.
rpc_error parse_failure(std::string_view reason);

/// Returns the params of a message, or null for one that has none.
const json& params_of(const rpc_message& message);

/// Writes the response that carries `result_text`, a JSON object.
std::string result_message(const json& id, std::string_view result_text);

/// Writes an error response; a null `id` is left out, because MCP's schemas forbid `"id":null`.
std::string error_message(const json& id, const rpc_error& reason);

/// Writes a notification; null `params` are left out.
std::string notification_message(std::string_view method, const json& params);

/// Writes a request of the server to the client.
std::string request_message(const json& id, std::string_view method, const json& params);

} // namespace crm::mcp
