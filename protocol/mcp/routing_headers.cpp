// SPDX-License-Identifier: Apache-2.0
#include "protocol/mcp/routing_headers.hpp"

#include "protocol/mcp/base64.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace crm::mcp {

namespace {

constexpr std::string_view sentinel_begin = "=?base64?";
constexpr std::string_view sentinel_end = "?=";

/// The member of params that `Mcp-Name` repeats.
struct named_method {
  std::string_view method;
  std::string_view member;
};

constexpr std::array<named_method, 3> named_methods{
    {{"tools/call", "name"}, {"prompts/get", "name"}, {"resources/read", "uri"}}};

std::string lower(std::string_view text) {
  std::string out{text};
  std::ranges::transform(out, out.begin(), [](unsigned char c) {
    return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  });
  return out;
}

bool says_number(std::string_view text, const json& value) {
  double said = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), said);
  if (failure != std::errc{} || end != text.data() + text.size())
    return false;
  return said == value.get<double>();
}

bool says(std::string_view text, const json& value) {
  if (value.is_string())
    return text == value.get_ref<const std::string&>();
  if (value.is_boolean())
    return text == (value.get<bool>() ? "true" : "false");
  return value.is_number() && says_number(text, value);
}

std::optional<rpc_error> check_parameter(const routing_headers& headers, std::string_view name,
                                         const json* value) {
  const auto header = headers.params.find(lower(name));
  const bool given = value != nullptr && !value->is_null();
  if (header == headers.params.end() && !given)
    return std::nullopt;
  const std::string label = "Mcp-Param-" + std::string{name};
  if (header == headers.params.end() || !given)
    return header_mismatch(label);
  const auto said = decode_header_value(header->second);
  if (!said || !says(*said, *value))
    return header_mismatch(label);
  return std::nullopt;
}

} // namespace

rpc_error header_mismatch(std::string_view header) {
  return {rpc_code::header_mismatch, "Header mismatch: " + std::string{header}, nullptr, 400};
}

std::optional<std::string> decode_header_value(std::string_view value) {
  const bool wrapped = value.size() >= sentinel_begin.size() + sentinel_end.size()
                       && value.starts_with(sentinel_begin) && value.ends_with(sentinel_end);
  if (!wrapped)
    return std::string{value};
  value.remove_prefix(sentinel_begin.size());
  value.remove_suffix(sentinel_end.size());
  return base64_decoded(value);
}

std::optional<rpc_error> check_routing(const routing_headers& headers, const rpc_request& request) {
  if (headers.method != request.method)
    return header_mismatch("Mcp-Method");
  for (const named_method& row : named_methods) {
    if (row.method != request.method)
      continue;
    const auto named = request.params.find(row.member);
    const bool has_name = named != request.params.end() && named->is_string();
    if (!headers.name && !has_name)
      return std::nullopt; // the dispatcher says what the body lacks
    if (!headers.name || !has_name)
      return header_mismatch("Mcp-Name");
    const auto said = decode_header_value(*headers.name);
    if (!said || *said != named->get_ref<const std::string&>())
      return header_mismatch("Mcp-Name");
  }
  return std::nullopt;
}

std::optional<rpc_error> check_parameter_headers(const routing_headers& headers,
                                                 const json& input_schema, const json& arguments) {
  const auto properties = input_schema.find("properties");
  if (properties == input_schema.end() || !properties->is_object())
    return std::nullopt;
  for (const auto& [key, property] : properties->items()) {
    if (!property.is_object())
      continue;
    const auto found = arguments.is_object() ? arguments.find(key) : arguments.end();
    const json* value = arguments.is_object() && found != arguments.end() ? &*found : nullptr;
    if (const auto marked = property.find("x-mcp-header");
        marked != property.end() && marked->is_string())
      if (auto bad = check_parameter(headers, marked->get_ref<const std::string&>(), value))
        return bad;
    if (auto bad = check_parameter_headers(headers, property, value ? *value : json(nullptr)))
      return bad;
  }
  return std::nullopt;
}

} // namespace crm::mcp
