// SPDX-License-Identifier: Apache-2.0
#include "protocol/mcp/modern.hpp"

#include "protocol/mcp/dispatcher.hpp"
#include "protocol/mcp/modern_listen.hpp"

#include <utility>

namespace crm::mcp {

namespace {

constexpr std::string_view discover_method = "server/discover";

rpc_error bad_meta(std::string message) {
  return {rpc_code::invalid_params, "Invalid params: " + std::move(message), nullptr, 400};
}

/// M1: the request describes itself.
std::optional<rpc_error> check_meta(const json& params) {
  if (!params.is_object() || !params.contains("_meta"))
    return bad_meta("_meta is required");
  const json& meta = params["_meta"];
  if (!meta.is_object())
    return bad_meta("_meta must be an object");
  const auto version = meta.find(meta_version);
  if (version == meta.end() || !version->is_string())
    return bad_meta("_meta needs " + std::string{meta_version} + ", a string");
  const auto capabilities = meta.find(meta_capabilities);
  if (capabilities == meta.end() || !capabilities->is_object())
    return bad_meta("_meta needs " + std::string{meta_capabilities} + ", an object");
  return std::nullopt;
}

/// M3: the server speaks that version.
std::optional<rpc_error> check_version(const std::string& version) {
  if (speaks_modern(version))
    return std::nullopt;
  json supported = json::array();
  for (const std::string_view one : modern_revisions())
    supported.push_back(one);
  return rpc_error{rpc_code::unsupported_version,
                   "Unsupported protocol version",
                   {{"supported", std::move(supported)}, {"requested", version}},
                   400};
}

bool is_modern_method(std::string_view method) {
  return method == discover_method || method == listen_method || is_shared_method(method);
}

/// M7: headers that repeat arguments.
std::optional<rpc_error> check_arguments_in_headers(const registry& offer,
                                                    const rpc_request& request,
                                                    const routing_headers& headers) {
  if (request.method != "tools/call")
    return std::nullopt;
  const tool* called = offer.find_tool(request.params.value("name", ""));
  if (called == nullptr || !called->description.contains("inputSchema"))
    return std::nullopt;
  return check_parameter_headers(headers, called->description["inputSchema"],
                                 request.params.value("arguments", json::object()));
}

/// M1 to M7, in this order: conformance probes depend on it.
std::optional<rpc_error> check_request(const registry& offer, const rpc_request& request,
                                       const routing_headers* headers) {
  if (auto bad = check_meta(request.params))
    return bad;
  const std::string& version = request.params["_meta"][meta_version].get_ref<const std::string&>();
  if (headers != nullptr && (headers->repeated || headers->protocol_version != version))
    return header_mismatch("MCP-Protocol-Version");
  if (auto bad = check_version(version))
    return bad;
  if (headers != nullptr)
    if (auto bad = check_routing(*headers, request))
      return bad;
  if (!is_modern_method(request.method))
    return rpc_error{rpc_code::method_not_found, "Method not found: " + request.method, nullptr,
                     404};
  return headers == nullptr ? std::nullopt : check_arguments_in_headers(offer, request, *headers);
}

complete discover(const registry& offer) {
  json result{{"supportedVersions", json::array()}, {"capabilities", offer.capabilities()}};
  for (const std::string_view one : modern_revisions())
    result["supportedVersions"].push_back(one);
  if (!offer.instructions.empty())
    result["instructions"] = offer.instructions;
  return complete_with(result);
}

call_facts read_facts(rpc_request& request, const caller& from) {
  call_facts facts;
  facts.from = from;
  facts.request_id = request.id;
  facts.params = std::move(request.params);
  const json& meta = facts.params["_meta"];
  facts.client = client_capabilities{meta[meta_capabilities]};
  if (const auto info = meta.find(meta_client); info != meta.end() && info->is_object()) {
    const auto text = [&](const char* name) {
      const auto found = info->find(name);
      return found != info->end() && found->is_string() ? found->get<std::string>() : std::string{};
    };
    facts.client_name = text("name");
    if (const std::string version = text("version"); !version.empty())
      facts.client_name += "/" + version;
  }
  if (const auto level = meta.find(meta_log_level); level != meta.end() && level->is_string())
    facts.logs_from = find_log_level(level->get_ref<const std::string&>());
  return facts;
}

/// A handler may only ask what the client declared that it can answer.
result<outcome> checked_questions(result<outcome> ended, const client_capabilities& client) {
  const auto* asked = ended ? std::get_if<input_required>(&*ended) : nullptr;
  if (asked == nullptr)
    return ended;
  if (asked->requests.empty() && asked->state.empty())
    return outcome{rpc_error{rpc_code::internal_error, "the handler asked for nothing"}};
  for (const auto& [key, question] : asked->requests.items()) {
    const std::string method = question.value("method", "");
    if (client.answers(method))
      continue;
    const std::string capability = method.substr(0, method.find('/'));
    return outcome{missing_capability({{capability, json::object()}})};
  }
  return ended;
}

} // namespace

void serve_modern(const std::shared_ptr<service>& server, rpc_request request, const caller& from,
                  const routing_headers* headers, const std::shared_ptr<exchange>& way_back) {
  if (auto bad = check_request(server->offer, request, headers))
    return way_back->answer(error_reply(request.id, *bad));
  if (request.method == discover_method)
    return way_back->answer(modern_reply(request.id, request.method, server->offer.identity,
                                         outcome{discover(server->offer)}));
  if (request.method == listen_method)
    return listen(server, request, from,
                  headers != nullptr ? listen_end::result : listen_end::cancelled, way_back);
  auto context = std::make_shared<call_context>(read_facts(request, from), way_back, server->world);
  auto answer = [server, way_back, context, id = request.id,
                 method = request.method](result<outcome> ended) {
    way_back->answer(modern_reply(id, method, server->offer.identity,
                                  checked_questions(std::move(ended), context->client())));
  };
  dispatch(server->offer, request.method, context,
           outcome_completion{std::move(answer), [way_back] { return !way_back->open(); }});
}

} // namespace crm::mcp
