// SPDX-License-Identifier: Apache-2.0
#include "protocol/mcp/results.hpp"

#include <algorithm>
#include <array>

namespace crm::mcp {

namespace {

/// How long clients may keep a result. Lists differ between callers, so none is public.
struct cache_hint {
  std::string_view method;
  int ttl_ms;
};

constexpr std::array<cache_hint, 6> cache_hints{{
    {"server/discover", 300'000},
    {"tools/list", 300'000},
    {"prompts/list", 300'000},
    {"resources/list", 5'000},
    {"resources/templates/list", 300'000},
    {"resources/read", 0},
}};

void append_cache_hint(std::string& text, std::string_view method) {
  const auto hint =
      std::ranges::find_if(cache_hints, [&](const cache_hint& h) { return h.method == method; });
  if (hint != cache_hints.end())
    text.append(R"("ttlMs":)")
        .append(std::to_string(hint->ttl_ms))
        .append(R"(,"cacheScope":"private",)");
}

/// Returns `object` with the modern members in front and the server's name in `_meta`.
std::string modern_result(std::string_view type, std::string_view hints, std::string_view object,
                          const json& identity) {
  std::string text = R"({"resultType":")";
  text.append(type).append(R"(",)").append(hints);
  const std::string_view members = object.substr(1, object.size() - 2);
  if (!members.empty())
    text.append(members).push_back(',');
  text.append(R"("_meta":)").append(dump_json({{meta_server, identity}})).push_back('}');
  return text;
}

std::string input_required_object(const input_required& asked) {
  json object = json::object();
  if (!asked.requests.empty())
    object["inputRequests"] = asked.requests;
  if (!asked.state.empty())
    object["requestState"] = asked.state;
  return dump_json(object);
}

rpc_error internal_error(const error& reason) {
  return {rpc_code::internal_error, reason.message};
}

reply modern_error(const json& id, rpc_error reason) {
  if (reason.code == rpc_code::resource_not_found)
    reason.code = rpc_code::invalid_params;
  return error_reply(id, reason);
}

/// What a legacy client is told when a capability is missing: the code is of the modern era.
reply legacy_missing_capability(const json& id, std::string_view method, const rpc_error& reason) {
  const std::string text = reason.message + ": " + dump_json(reason.data["requiredCapabilities"]);
  if (method == "tools/call")
    return {result_message(id, tool_failure(text).object)};
  return {error_message(id, {rpc_code::invalid_params, text})};
}

} // namespace

reply legacy_reply(const json& id, std::string_view method, const result<outcome>& ended) {
  if (!ended)
    return {error_message(id, internal_error(ended.error()))};
  if (const auto* whole = std::get_if<complete>(&*ended))
    return {result_message(id, whole->object), 200, whole->missing_scope};
  if (const auto* failed = std::get_if<rpc_error>(&*ended)) {
    if (failed->code == rpc_code::missing_client_capability)
      return legacy_missing_capability(id, method, *failed);
    return {error_message(id, *failed)};
  }
  return {error_message(id, {rpc_code::internal_error, "the question could not be asked"})};
}

reply modern_reply(const json& id, std::string_view method, const json& identity,
                   const result<outcome>& ended) {
  if (!ended)
    return modern_error(id, internal_error(ended.error()));
  if (const auto* failed = std::get_if<rpc_error>(&*ended))
    return modern_error(id, *failed);
  if (const auto* asked = std::get_if<input_required>(&*ended))
    return {result_message(
        id, modern_result("input_required", {}, input_required_object(*asked), identity))};
  const auto& whole = *std::get_if<complete>(&*ended);
  std::string hints;
  append_cache_hint(hints, method);
  return {result_message(id, modern_result("complete", hints, whole.object, identity)), 200,
          whole.missing_scope};
}

reply error_reply(const json& id, const rpc_error& reason) {
  return {error_message(id, reason), reason.http_status};
}

} // namespace crm::mcp
