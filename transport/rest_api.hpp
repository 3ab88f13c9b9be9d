// SPDX-License-Identifier: Apache-2.0
// The REST calls of design §4.2 as routes over a gateway.
#pragma once

#include "protocol/call.hpp"
#include "transport/http/route.hpp"
#include "transport/mcp/request_gate.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace crm::transport {

/// How a request tells who sent it.
struct rest_options {
  /// Under `--no-auth`: who every request acts as. None: the bearer token tells.
  std::optional<local_user> everyone = std::nullopt;
  /// Refuses requests by their Host and Origin: where no token is asked for, a page in a browser of
  /// this machine must not act as its user. Null: nobody is refused.
  std::shared_ptr<const request_gate> gate = nullptr;
};

/// Returns the routes `GET /health`, `GET /mcp/tools` and `POST /mcp/call`. The gateway outlives
/// them.
std::vector<route> rest_routes(gateway& target, const rest_options& options);

/// Reads the credential that a request shows. @errors invalid_request when there is more than one;
/// unauthenticated when there is none, or of another scheme than Bearer.
result<credential> credential_of(const http_request& request, const rest_options& options);

/// Returns an error as an HTTP response, with the challenge of RFC 6750 and Retry-After where they
/// belong.
http_response error_response(const error& reason);

/// Answers the client of one call with its envelope: what a call is completed with.
struct calling_client {
  exchange reply;
  /// The HTTP status of a success.
  int status = 200;

  void operator()(const result<tool_reply>& outcome);
  bool gone() const { return reply.gone(); }
};

} // namespace crm::transport
