// SPDX-License-Identifier: Apache-2.0
// MCP over Streamable HTTP, both eras on one path (reference §2.2). Tells eras and sessions apart
// and hands messages to the protocol core; what a method does is not its business.
#pragma once

#include "protocol/mcp/service.hpp"
#include "transport/http/route.hpp"
#include "transport/mcp/http_reply.hpp"
#include "transport/mcp/request_gate.hpp"
#include "transport/mcp/session_table.hpp"
#include "transport/rest_api.hpp"

#include <memory>
#include <mutex>
#include <vector>

namespace crm::transport {

/// How the endpoint is run.
struct endpoint_options {
  /// How a request tells who sent it: as for REST.
  rest_options callers = {};
  gate_options gate = {};
};

/// The endpoint `/mcp`. May be used from any thread.
class mcp_endpoint : public std::enable_shared_from_this<mcp_endpoint> {
public:
  /// `crm` tells who callers are; it outlives the endpoint.
  mcp_endpoint(std::shared_ptr<mcp::service> server, gateway& crm, endpoint_options options);

  /// Returns POST, GET, DELETE and OPTIONS of `/mcp`; they keep the endpoint alive.
  std::vector<route> routes();

  /// Looks after sessions and open questions; every `limits::stream_check_ms` it also keeps streams
  /// alive and ends those whose caller is no longer known. To be called about once a second.
  void tick();

  /// Ends all subscriptions and pushed streams: the server stops.
  void end_streams();

private:
  void identified(http_request request, exchange duty,
                  std::function<void(const http_request&, const mcp::caller&, exchange)> next);
  void post(const http_request& request, const mcp::caller& from, exchange duty);
  void get(const http_request& request, const mcp::caller& from, exchange duty);
  void remove(const http_request& request, const mcp::caller& from, exchange duty);

  void post_batch(const http_request& request, json values, const mcp::caller& from, exchange duty);
  void post_modern(const http_request& request, mcp::rpc_message message, const mcp::caller& from,
                   exchange duty);
  void post_legacy(const http_request& request, mcp::rpc_message message, const mcp::caller& from,
                   exchange duty);
  void open_session(const http_request& request, const mcp::rpc_request& message,
                    const mcp::caller& from, exchange duty);
  std::shared_ptr<http_session> session_of(const http_request& request, const mcp::caller& from,
                                           exchange& duty);
  std::shared_ptr<http_reply> reply_for(const http_request& request, exchange duty,
                                        std::shared_ptr<event_log> events);
  void respond(const http_request& request, exchange& duty, http_response answer) const;
  void keep_alive(const std::shared_ptr<event_log>& stream);
  void check_callers();

  const std::shared_ptr<mcp::service> server_;
  gateway& crm_;
  const rest_options callers_;
  const request_gate gate_;
  session_table sessions_;

  std::mutex mutex_;
  std::vector<std::weak_ptr<event_log>> streams_;
  std::int64_t checked_at_ms_ = 0;
};

} // namespace crm::transport
