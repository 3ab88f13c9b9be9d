// SPDX-License-Identifier: Apache-2.0
#include "transport/webhook_routes.hpp"

#include "protocol/limits.hpp"
#include "transport/rest_api.hpp"

#include <utility>

namespace crm::transport {

namespace {

/// Header values are bounded by the front; an id that is longer is none that a sender made.
constexpr std::size_t message_id_bytes_max = 256;

crm::error address_error(std::string_view name) {
  return argument_error(
      error_code::invalid_request,
      "post to the workflow's inboundPath as it is: /webhooks?workspace=…"
      "&workflow=…&signature=…",
      {"query", std::string{name.substr(0, 60)}, "workspace, workflow and signature, each once"});
}

/// Reads the query, none of whose values needs percent-encoding.
result<void> read_address(std::string_view query, inbound_message& message) {
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const std::string_view name = pair.substr(0, equals);
    std::string* const place = name == "workspace"   ? &message.workspace
                               : name == "workflow"  ? &message.workflow
                               : name == "signature" ? &message.url_signature
                                                     : nullptr;
    if (place == nullptr || !place->empty() || equals + 1 >= pair.size())
      return address_error(name);
    *place = pair.substr(equals + 1);
  }
  if (message.workspace.empty() || message.workflow.empty())
    return address_error("nothing for workspace or workflow");
  return {};
}

/// Reads a header that may stand there once.
result<void> read_header(const http_request& request, std::string_view name, std::string& value) {
  if (request.headers.count(name) > 1)
    return crm::error{error_code::invalid_request,
                      "send the header " + std::string{name} + " once, not several times"};
  value = request.headers.find(name).value_or("");
  return {};
}

result<inbound_message> read_message(http_request& request) {
  inbound_message message;
  CRM_TRY(read_address(request.query, message));
  CRM_TRY(read_header(request, "webhook-id", message.id));
  CRM_TRY(read_header(request, "webhook-timestamp", message.timestamp));
  CRM_TRY(read_header(request, "webhook-signature", message.signature));
  if (message.id.size() > message_id_bytes_max)
    return crm::error{error_code::invalid_request, "webhook-id has at most 256 bytes"};
  message.body = std::move(request.body);
  message.origin = {"webhook", std::move(request.id)};
  message.deadline = std::chrono::steady_clock::now() + limits::call_timeout_ms;
  return message;
}

void answer_message(inbox& target, http_request request, exchange reply) {
  auto message = read_message(request);
  if (!message)
    return reply.respond(error_response(message.error()));
  message->done = completion<tool_reply>{calling_client{std::move(reply), 202}};
  target.receive(*std::move(message));
}

} // namespace

std::vector<route> webhook_routes(inbox& target) {
  return {{.method = "POST",
           .path = std::string{inbound_path},
           .handle =
               [&target](http_request request, exchange reply) {
                 answer_message(target, std::move(request), std::move(reply));
               },
           .body_bytes_max = limits::webhook_body_bytes_max}};
}

} // namespace crm::transport
