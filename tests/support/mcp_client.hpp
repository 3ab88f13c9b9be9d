// SPDX-License-Identifier: Apache-2.0
// An MCP client in a test: sends lines to a connection and keeps what comes back.
#pragma once

#include "protocol/mcp/gateway_tools.hpp"
#include "protocol/mcp/line_connection.hpp"
#include "tests/support/fake_gateway.hpp"
#include "tests/support/test_surroundings.hpp"

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace crm::test {

/// What a server of the tests is made of, beyond the tools of its gateway.
struct mcp_parts {
  std::function<void(mcp::registry&)> add = nullptr;
  mcp::confirmations questions = {};
};

/// A gateway, a service over it, and a client that is connected by lines.
class mcp_client {
public:
  explicit mcp_client(const mcp_parts& parts = {})
      : seal_(std::make_shared<mcp::request_seal>(surroundings_of(world))),
        server(make_service(parts)), connection(std::make_shared<mcp::line_connection>(
                                         server, caller(), [this](const std::string& line) {
                                           const std::lock_guard lock{guard_};
                                           lines_.push_back(line);
                                         })) {}

  static mcp::caller caller() {
    return {local_user{"w1", "ann"}, principal{"w1", "ann", all_scopes()}};
  }

  /// Sends one message and returns the lines that came back at once.
  std::vector<json> send(const json& message) { return send_text(dump_json(message)); }
  std::vector<json> send_text(const std::string& line) {
    connection->receive(line);
    return received();
  }
  /// Sends a request and returns its only answer.
  json ask(const json& message) {
    const auto lines = send(message);
    return lines.size() == 1 ? lines.front() : json{{"lines", lines}};
  }
  /// Returns, and forgets, what came back since the last look.
  std::vector<json> received() {
    const std::lock_guard lock{guard_};
    std::vector<json> values;
    for (const std::string& line : lines_)
      values.push_back(json::parse(line));
    lines_.clear();
    return values;
  }

  json initialize(const std::string& version, json capabilities = json::object()) {
    return ask({{"jsonrpc", "2.0"},
                {"id", 0},
                {"method", "initialize"},
                {"params",
                 {{"protocolVersion", version},
                  {"capabilities", std::move(capabilities)},
                  {"clientInfo", {{"name", "test"}, {"version", "1"}}}}}});
  }

  test_environment world;
  fake_gateway gateway;

private:
  std::shared_ptr<mcp::service> make_service(const mcp_parts& parts) {
    mcp::registry offer;
    offer.identity = {{"name", "test-server"}, {"version", "1.0.0"}};
    offer.instructions = "Be kind.";
    mcp::add_gateway_tools(offer, gateway, seal_, parts.questions);
    if (parts.add)
      parts.add(offer);
    return std::make_shared<mcp::service>(std::move(offer), surroundings_of(world));
  }

  std::shared_ptr<mcp::request_seal> seal_;
  std::mutex guard_;
  std::vector<std::string> lines_;

public:
  std::shared_ptr<mcp::service> server;
  std::shared_ptr<mcp::line_connection> connection;
};

/// Returns a legacy request.
inline json legacy_request(const json& id, const std::string& method,
                           json params = json::object()) {
  return {{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", std::move(params)}};
}

/// Returns a request of 2026-07-28.
inline json modern_request(const json& id, const std::string& method, json params = json::object(),
                           json capabilities = json::object()) {
  params["_meta"] = {{"io.modelcontextprotocol/protocolVersion", "2026-07-28"},
                     {"io.modelcontextprotocol/clientCapabilities", std::move(capabilities)}};
  return legacy_request(id, method, std::move(params));
}

} // namespace crm::test
