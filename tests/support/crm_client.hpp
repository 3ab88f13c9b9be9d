// SPDX-License-Identifier: Apache-2.0
// An MCP client of a running system: speaks to the server of the CRM over lines, in either era, as
// whoever it was told to be.
#pragma once

#include "protocol/mcp/crm_service.hpp"
#include "protocol/mcp/line_connection.hpp"
#include "tests/support/mcp_client.hpp"
#include "tests/support/test_system.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

namespace crm::test {

/// The MCP server of a test system.
inline std::shared_ptr<mcp::service> serve_mcp(test_system& crm) {
  return mcp::make_crm_service(crm.get(), crm.get(), surroundings_of(crm.surroundings()));
}

/// One client. Answers come from other threads: whoever asks waits for his own.
class crm_client {
public:
  /// The trusted local user of a workspace.
  crm_client(const std::shared_ptr<mcp::service>& server, const std::string& workspace = "default",
             const std::string& actor = "tester")
      : crm_client(server, {local_user{workspace, actor},
                            principal{workspace, actor, all_scopes(), voucher::transport}}) {}

  crm_client(const std::shared_ptr<mcp::service>& server, mcp::caller who)
      : heard_(std::make_shared<mailbox>()),
        connection_(std::make_shared<mcp::line_connection>(
            server, std::move(who),
            [heard = heard_](const std::string& line) { heard->put(json::parse(line)); })) {}

  /// The holder of a new token.
  static crm_client with_token(const std::shared_ptr<mcp::service>& server, test_system& crm,
                               const std::string& scopes, const std::string& workspace = "default",
                               const std::string& actor = "agent") {
    return {server,
            {bearer_token{crm.token(scopes, workspace, actor)},
             principal{workspace, actor, *parse_scopes(scopes)}}};
  }

  void send(const json& message) { connection_->receive(dump_json(message)); }

  /// Returns the next message of the server.
  json next() { return heard_->take(); }

  /// Sends a request and returns its answer; what came before it is kept in `before`.
  json ask(const json& request) {
    send(request);
    before.clear();
    for (;;) {
      json message = next();
      if (message.value("id", json()) == request.at("id") && !message.contains("method"))
        return message;
      before.push_back(std::move(message));
    }
  }
  /// Asks in the modern era and returns the whole answer.
  json modern(const std::string& method, json params, json capabilities = json::object()) {
    return ask(modern_request(++last_id_, method, std::move(params), std::move(capabilities)));
  }
  json legacy(const std::string& method, json params) {
    return ask(legacy_request(++last_id_, method, std::move(params)));
  }
  /// Reads a resource and returns its content as a value; an error as it came.
  json read(const std::string& uri) {
    const json answer = modern("resources/read", {{"uri", uri}});
    if (answer.contains("error"))
      return answer;
    return json::parse(answer["result"]["contents"][0]["text"].get<std::string>());
  }

  std::vector<json> before;

private:
  /// What the server has said and nobody has taken yet.
  class mailbox {
  public:
    void put(json message) {
      const std::lock_guard lock{guard_};
      messages_.push_back(std::move(message));
      arrived_.notify_all();
    }
    json take() {
      std::unique_lock lock{guard_};
      if (!arrived_.wait_for(lock, std::chrono::seconds{60}, [&] { return !messages_.empty(); }))
        throw std::runtime_error{"the server says nothing"};
      json message = std::move(messages_.front());
      messages_.pop_front();
      return message;
    }

  private:
    std::mutex guard_;
    std::condition_variable arrived_;
    std::deque<json> messages_;
  };

  int last_id_ = 0;
  std::shared_ptr<mailbox> heard_;
  std::shared_ptr<mcp::line_connection> connection_;
};

} // namespace crm::test
