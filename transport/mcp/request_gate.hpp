// SPDX-License-Identifier: Apache-2.0
// What is checked of a request to `/mcp` before its message is looked at: where it claims to come
// from and go to, the media types, and how refusals and challenges are written. Follows the order
// of the reference (§2.2, rows 1 to 5).
#pragma once

#include "protocol/error.hpp"
#include "protocol/mcp/json_rpc.hpp"
#include "protocol/mcp/routing_headers.hpp"
#include "transport/http/http_message.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crm::transport {

/// Which names the server answers to.
enum class host_check : std::uint8_t {
  /// Loopback names and those listed: protects browsers' users from DNS rebinding.
  listed,
  /// Any: for servers whose name nobody has told them.
  any,
};

/// The surroundings of the endpoint as clients see them.
struct gate_options {
  host_check hosts_checked = host_check::listed;
  /// Host names beside the loopback ones, without port, lower-case.
  std::vector<std::string> hosts = {};
  /// Origins of browser clients beside those on the hosts, as browsers send them.
  std::vector<std::string> origins = {};
  /// Returns such as `https://crm.example.com`, without a slash at the end; empty when it is
  /// unknown. Asked when a request is answered: a port is only known once it is bound.
  std::function<std::string()> public_url = nullptr;
};

/// Checks requests to `/mcp` and writes its refusals.
class request_gate {
public:
  explicit request_gate(gate_options options) : options_(std::move(options)) {}

  /// Refuses a Host or Origin that is not allowed.
  std::optional<http_response> check_origin(const http_request& request) const;
  /// Refuses a POST that carries no JSON, or whose client cannot read the answers.
  std::optional<http_response> check_post_types(const http_request& request) const;

  /// Headers of every answer: what a browser needs to read it.
  std::vector<response_header> answer_headers(const http_request& request) const;
  /// The answer to a browser's preflight.
  http_response preflight(const http_request& request) const;
  /// Tells a caller that it is not known (401) or cannot be looked up now.
  http_response stranger(const http_request& request, const crm::error& reason) const;
  /// The challenge for a scope that the token lacks.
  response_header scope_challenge(const std::string& scope) const;

private:
  bool knows_host(std::string_view host) const;
  bool allows_origin(std::string_view origin) const;
  std::string metadata_parameter() const;

  gate_options options_;
};

/// Returns the host name in a URL, lower-case and without its port; empty when there is none.
std::string host_of_url(std::string_view url);

/// Returns a refusal with a JSON-RPC error as its body.
http_response refusal(int status, const mcp::rpc_error& reason, const json& id = nullptr);

/// Reads the headers that modern clients repeat their message in.
mcp::routing_headers routing_headers_of(const http_request& request);

} // namespace crm::transport
