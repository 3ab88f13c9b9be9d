// SPDX-License-Identifier: Apache-2.0
// The headers in which a modern client repeats what its message says, for those who route by
// headers (2026-07-28, Streamable HTTP). A header that says something else than the body is
// refused. Knows headers as texts only, no HTTP library.
#pragma once

#include "protocol/mcp/json_rpc.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace crm::mcp {

/// The routing headers of one HTTP request, values trimmed of blanks.
struct routing_headers {
  std::optional<std::string> protocol_version;
  std::optional<std::string> method;
  std::optional<std::string> name;
  /// `Mcp-Param-*`, by what stands behind the prefix, in lower case.
  std::map<std::string, std::string, std::less<>> params = {};
  /// One of them stood there twice.
  bool repeated = false;
};

/// Returns what a header value says: base64 between `=?base64?` and `?=` is decoded, anything else
/// stands for itself. Nothing when the base64 is malformed.
std::optional<std::string> decode_header_value(std::string_view value);

/// Compares `Mcp-Method` and `Mcp-Name` with the request. @pre params are an object.
std::optional<rpc_error> check_routing(const routing_headers& headers, const rpc_request& request);

/// Compares `Mcp-Param-*` with the arguments that `input_schema` marks `x-mcp-header`.
std::optional<rpc_error> check_parameter_headers(const routing_headers& headers,
                                                 const json& input_schema, const json& arguments);

/// The error for a header that is missing, malformed or contradicts the body.
rpc_error header_mismatch(std::string_view header);

} // namespace crm::mcp
