// SPDX-License-Identifier: Apache-2.0
#include "protocol/mcp/legacy.hpp"

#include "protocol/mcp/dispatcher.hpp"
#include "protocol/mcp/legacy_input.hpp"

#include <array>
#include <utility>

namespace crm::mcp {

namespace {

/// A request of the era's own, answered on the spot.
struct legacy_call {
  service& server;
  const json& params;
  const caller& from;
  legacy_session& session;
};

using local_outcome = std::variant<json, rpc_error>;

const std::string* text_param(const json& params, std::string_view name) {
  const auto found = params.find(name);
  if (found == params.end() || !found->is_string())
    return nullptr;
  return found->get_ptr<const std::string*>();
}

local_outcome ping(const legacy_call&) {
  return json::object();
}

local_outcome set_log_level(const legacy_call& call) {
  const std::string* name = text_param(call.params, "level");
  const auto level = name == nullptr ? std::nullopt : find_log_level(*name);
  if (!level)
    return invalid_params("Invalid params: level must be one of debug, info, notice, warning, "
                          "error, critical, alert, emergency");
  call.session.set_logs_from(*level);
  return json::object();
}

local_outcome subscribe(const legacy_call& call) {
  const std::string* uri = text_param(call.params, "uri");
  if (uri == nullptr || !is_uri(*uri))
    return invalid_params("Invalid params: uri must be a URI");
  // An address that nothing serves is accepted: the protocol names no error, and it never fires.
  if (!call.server.offer.may_watch(*uri, call.from.who))
    return rpc_error{rpc_code::resource_not_found, "Resource not found: " + *uri, {{"uri", *uri}}};
  if (auto done = call.session.subscribe(call.server.subscriptions, call.from, *uri); !done)
    return rpc_error{rpc_code::internal_error, done.error().message};
  return json::object();
}

local_outcome unsubscribe(const legacy_call& call) {
  const std::string* uri = text_param(call.params, "uri");
  if (uri == nullptr || !is_uri(*uri))
    return invalid_params("Invalid params: uri must be a URI");
  call.session.unsubscribe(call.server.subscriptions, *uri);
  return json::object();
}

struct local_method {
  std::string_view name;
  local_outcome (*run)(const legacy_call&);
};

constexpr std::array<local_method, 4> local_methods{{
    {"ping", ping},
    {"logging/setLevel", set_log_level},
    {"resources/subscribe", subscribe},
    {"resources/unsubscribe", unsubscribe},
}};

reply local_reply(const json& id, const local_outcome& ended) {
  if (const auto* result = std::get_if<json>(&ended))
    return {result_message(id, dump_json(*result))};
  return {error_message(id, *std::get_if<rpc_error>(&ended))};
}

std::string program_name(const json& client_info) {
  const std::string* name = text_param(client_info, "name");
  const std::string* version = text_param(client_info, "version");
  if (name == nullptr)
    return {};
  return version == nullptr ? *name : *name + "/" + *version;
}

} // namespace

std::variant<session_terms, rpc_error> negotiate(const rpc_request& initialize) {
  const json& params = initialize.params;
  if (!params.is_object())
    return invalid_params("Invalid params: params must be an object");
  const std::string* version = text_param(params, "protocolVersion");
  if (version == nullptr)
    return invalid_params("Invalid params: protocolVersion must be a string");
  const auto capabilities = params.find("capabilities");
  if (capabilities == params.end() || !capabilities->is_object())
    return invalid_params("Invalid params: capabilities must be an object");
  const auto info = params.find("clientInfo");
  if (info == params.end() || !info->is_object())
    return invalid_params("Invalid params: clientInfo must be an object");
  return session_terms{find_legacy(*version).value_or(newest_legacy),
                       client_capabilities{*capabilities}, program_name(*info)};
}

reply initialize_reply(const service& server, const json& id, const session_terms& agreed) {
  json result{{"protocolVersion", name_of(agreed.version)},
              {"capabilities", server.offer.capabilities()},
              {"serverInfo", server.offer.identity}};
  result["capabilities"]["logging"] = json::object();
  if (!server.offer.instructions.empty())
    result["instructions"] = server.offer.instructions;
  return {result_message(id, dump_json(result))};
}

void serve_legacy(const std::shared_ptr<service>& server, rpc_request request, const caller& from,
                  const std::shared_ptr<legacy_session>& session,
                  const std::shared_ptr<exchange>& way_back) {
  if (request.params.is_null())
    request.params = json::object();
  if (!request.params.is_object())
    return way_back->answer(
        {error_message(request.id, invalid_params("Invalid params: params must be an object"))});
  for (const local_method& row : local_methods)
    if (row.name == request.method)
      return way_back->answer(
          local_reply(request.id, row.run({*server, request.params, from, *session})));
  if (!is_shared_method(request.method))
    return way_back->answer({error_message(
        request.id, {rpc_code::method_not_found, "Method not found: " + request.method})});
  session->requests->add(request.id, way_back);
  run_with_input(server, std::move(request), from, session, way_back);
}

void hear_legacy(const rpc_notification& news, legacy_session& session) {
  if (news.method != "notifications/cancelled" || !news.params.is_object())
    return;
  if (const auto id = news.params.find("requestId"); id != news.params.end())
    session.requests->cancel(*id);
}

} // namespace crm::mcp
