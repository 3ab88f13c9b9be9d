// SPDX-License-Identifier: Apache-2.0
#include "transport/mcp/request_gate.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace crm::transport {

namespace {

constexpr std::string_view parameter_prefix = "mcp-param-";
constexpr std::array<std::string_view, 3> loopback_names{"localhost", "127.0.0.1", "[::1]"};

std::string lower(std::string_view text) {
  std::string out{text};
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos)
    return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

/// Returns `host` without its port.
std::string_view host_name(std::string_view host) {
  const std::size_t from = host.starts_with('[') ? host.find(']') : 0;
  if (from == std::string_view::npos)
    return {};
  return host.substr(0, host.find(':', from));
}

/// Returns whether one of the media ranges of an Accept header takes `type`/`subtype`.
bool accepts(std::string_view accept, std::string_view type, std::string_view subtype) {
  while (!accept.empty()) {
    const std::size_t comma = std::min(accept.find(','), accept.size());
    const std::string_view range =
        trimmed(accept.substr(0, comma).substr(0, accept.substr(0, comma).find(';')));
    accept.remove_prefix(std::min(comma + 1, accept.size()));
    const std::size_t slash = range.find('/');
    if (slash == std::string_view::npos)
      continue;
    const std::string_view main = range.substr(0, slash);
    const std::string_view sub = range.substr(slash + 1);
    if ((main == "*" || same_ignoring_case(main, type))
        && (sub == "*" || same_ignoring_case(sub, subtype)))
      return true;
  }
  return false;
}

http_response plain_refusal(int status, std::string message) {
  return refusal(status, {mcp::rpc_code::transport_refusal, std::move(message)});
}

/// Quotes a text for a header parameter (RFC 9110 §5.6.4).
std::string quoted_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\')
      out += '\\';
    if (c >= 0x20 && c < 0x7F)
      out += c;
  }
  return out += '"';
}

} // namespace

http_response refusal(int status, const mcp::rpc_error& reason, const json& id) {
  return json_response(status, mcp::error_message(id, reason));
}

std::string host_of_url(std::string_view url) {
  const std::size_t scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos)
    return {};
  url.remove_prefix(scheme_end + 3);
  return lower(host_name(url.substr(0, url.find_first_of("/?#"))));
}

bool request_gate::knows_host(std::string_view host) const {
  const std::string name = lower(host_name(host));
  return std::ranges::find(loopback_names, name) != loopback_names.end()
         || std::ranges::find(options_.hosts, name) != options_.hosts.end();
}

bool request_gate::allows_origin(std::string_view origin) const {
  if (std::ranges::find(options_.origins, origin) != options_.origins.end())
    return true;
  for (const std::string_view scheme : {"http://", "https://"})
    if (origin.starts_with(scheme)) {
      const std::string_view rest = origin.substr(scheme.size());
      return rest.find_first_of("/@?#\\ ") == std::string_view::npos && knows_host(rest);
    }
  return false;
}

std::optional<http_response> request_gate::check_origin(const http_request& request) const {
  if (options_.hosts_checked == host_check::listed
      && !knows_host(request.headers.find("Host").value_or("")))
    return plain_refusal(403, "Invalid Host header");
  if (request.headers.count("Origin") > 1)
    return plain_refusal(403, "Invalid Origin header");
  const auto origin = request.headers.find("Origin");
  if (origin && !allows_origin(*origin))
    return plain_refusal(403, "Invalid Origin header");
  return std::nullopt;
}

std::optional<http_response> request_gate::check_post_types(const http_request& request) const {
  const std::string_view type = request.headers.find("Content-Type").value_or("");
  if (!same_ignoring_case(trimmed(type.substr(0, type.find(';'))), "application/json"))
    return plain_refusal(415, "Content-Type must be application/json");
  const auto accept = request.headers.find("Accept");
  if (accept
      && !(accepts(*accept, "application", "json") && accepts(*accept, "text", "event-stream")))
    return plain_refusal(406, "Accept must list application/json and text/event-stream");
  return std::nullopt;
}

std::vector<response_header> request_gate::answer_headers(const http_request& request) const {
  const auto origin = request.headers.find("Origin");
  if (!origin)
    return {};
  return {{"Access-Control-Allow-Origin", std::string{*origin}},
          {"Access-Control-Expose-Headers", "Mcp-Session-Id, WWW-Authenticate"},
          {"Vary", "Origin"}};
}

http_response request_gate::preflight(const http_request& request) const {
  http_response answer{204, answer_headers(request), {}};
  answer.headers.push_back({"Access-Control-Allow-Methods", "GET, POST, DELETE"});
  answer.headers.push_back({"Access-Control-Allow-Headers",
                            "Authorization, Content-Type, Accept, MCP-Protocol-Version, "
                            "Mcp-Method, Mcp-Name, Mcp-Session-Id, Last-Event-ID"});
  return answer;
}

std::string request_gate::metadata_parameter() const {
  const std::string url = options_.public_url ? options_.public_url() : std::string{};
  if (url.empty())
    return {};
  return "resource_metadata=" + quoted_text(url + "/.well-known/oauth-protected-resource/mcp")
         + ", ";
}

http_response request_gate::stranger(const http_request& request, const crm::error& reason) const {
  http_response answer = plain_refusal(face_of(reason.code).http_status, reason.message);
  answer.headers = answer_headers(request);
  answer.headers.push_back({"Content-Type", "application/json"});
  answer.headers.push_back({"Cache-Control", "no-store"});
  if (reason.code == error_code::unauthenticated) {
    std::string challenge = "Bearer " + metadata_parameter() + R"(scope="read")";
    if (request.headers.find("Authorization"))
      challenge += R"(, error="invalid_token", error_description=)" + quoted_text(reason.message);
    answer.headers.push_back({"WWW-Authenticate", std::move(challenge)});
  } else if (reason.retry_after_ms) {
    answer.headers.push_back(
        {"Retry-After", std::to_string((*reason.retry_after_ms + 999) / 1'000)});
  }
  return answer;
}

response_header request_gate::scope_challenge(const std::string& scope) const {
  return {"WWW-Authenticate", R"(Bearer error="insufficient_scope", )" + metadata_parameter()
                                  + "scope=" + quoted_text(scope) + ", error_description="
                                  + quoted_text("the call needs " + scope)};
}

mcp::routing_headers routing_headers_of(const http_request& request) {
  mcp::routing_headers read;
  const auto take = [&](std::string_view name) -> std::optional<std::string> {
    read.repeated = read.repeated || request.headers.count(name) > 1;
    const auto value = request.headers.find(name);
    return value ? std::optional{std::string{trimmed(*value)}} : std::nullopt;
  };
  read.protocol_version = take("MCP-Protocol-Version");
  read.method = take("Mcp-Method");
  read.name = take("Mcp-Name");
  for (std::size_t i = 0; i < request.headers.size(); ++i) {
    const auto header = request.headers[i];
    const std::string name = lower(header.name);
    if (!name.starts_with(parameter_prefix))
      continue;
    const bool fresh =
        read.params.emplace(name.substr(parameter_prefix.size()), trimmed(header.value)).second;
    read.repeated = read.repeated || !fresh;
  }
  return read;
}

} // namespace crm::transport
