// SPDX-License-Identifier: Apache-2.0
#include "protocol/mcp/json_rpc.hpp"

#include <utility>

namespace crm::mcp {

namespace {

bool is_id(const json& value) {
  return value.is_string() || value.is_number_integer();
}

rpc_malformed malformed(json id, std::string why) {
  return {std::move(id), {rpc_code::invalid_request, "Invalid Request: " + std::move(why)}};
}

json take_member(json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() ? json(nullptr) : std::move(*found);
}

rpc_message read_call(json value, json id, bool has_id) {
  if (value.contains("result") || value.contains("error"))
    return malformed(std::move(id), "a message has either a method or a result");
  json& method = value["method"];
  if (!method.is_string())
    return malformed(std::move(id), "method must be a string");
  std::string name = std::move(method.get_ref<std::string&>());
  // An explicit null is kept apart from absent params, which every method may have.
  const bool null_params = value.contains("params") && value["params"].is_null();
  json params = null_params ? json::array() : take_member(value, "params");
  if (has_id)
    return rpc_request{std::move(id), std::move(name), std::move(params)};
  return rpc_notification{std::move(name), std::move(params)};
}

rpc_message read_response(json value, json id) {
  const bool has_result = value.contains("result");
  if (has_result == value.contains("error"))
    return malformed(std::move(id), "a message needs a method, a result or an error");
  if (id.is_null())
    return malformed(std::move(id), "a response needs the id of its request");
  if (!has_result && !value["error"].is_object())
    return malformed(std::move(id), "error must be an object");
  if (has_result && !value["result"].is_object())
    return malformed(std::move(id), "result must be an object");
  return rpc_response{std::move(id), take_member(value, "result"), take_member(value, "error")};
}

} // namespace

rpc_message read_message(json value) {
  if (!value.is_object())
    return malformed(nullptr, "a message is a JSON object");
  const bool has_id = value.contains("id");
  json id = nullptr;
  if (has_id) {
    if (!is_id(value["id"]))
      return malformed(nullptr, "id must be a string or an integer");
    id = value["id"];
  }
  const auto version = value.find("jsonrpc");
  if (version == value.end() || *version != "2.0")
    return malformed(std::move(id), "jsonrpc must be \"2.0\"");
  if (value.contains("method"))
    return read_call(std::move(value), std::move(id), has_id);
  return read_response(std::move(value), std::move(id));
}

rpc_error parse_failure(std::string_view reason) {
  return {rpc_code::parse_error, "Parse error: " + std::string{reason}, nullptr, 400};
}

const json& params_of(const rpc_message& message) {
  static const json none = nullptr;
  if (const auto* request = std::get_if<rpc_request>(&message))
    return request->params;
  if (const auto* notification = std::get_if<rpc_notification>(&message))
    return notification->params;
  return none;
}

std::string result_message(const json& id, std::string_view result_text) {
  std::string text;
  text.reserve(result_text.size() + 64);
  text.append(R"({"jsonrpc":"2.0","id":)").append(dump_json(id));
  text.append(R"(,"result":)").append(result_text).push_back('}');
  return text;
}

std::string error_message(const json& id, const rpc_error& reason) {
  json message{{"jsonrpc", "2.0"}};
  if (!id.is_null())
    message["id"] = id;
  message["error"] = {{"code", static_cast<int>(reason.code)}, {"message", reason.message}};
  if (!reason.data.is_null())
    message["error"]["data"] = reason.data;
  return dump_json(message);
}

std::string notification_message(std::string_view method, const json& params) {
  json message{{"jsonrpc", "2.0"}, {"method", method}};
  if (!params.is_null())
    message["params"] = params;
  return dump_json(message);
}

std::string request_message(const json& id, std::string_view method, const json& params) {
  return dump_json({{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", params}});
}

} // namespace crm::mcp
