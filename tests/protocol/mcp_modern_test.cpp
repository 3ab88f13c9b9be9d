// SPDX-License-Identifier: Apache-2.0
#include "protocol/limits.hpp"
#include "tests/support/mcp_client.hpp"

#include <doctest/doctest.h>

namespace {

using namespace crm;
using namespace crm::test;

constexpr const char* meta_server = "io.modelcontextprotocol/serverInfo";
constexpr const char* meta_subscription = "io.modelcontextprotocol/subscriptionId";

int code_of(const json& answer) {
  return answer.contains("error") ? answer["error"]["code"].get<int>() : 0;
}

json call_of(const std::string& tool, json more = json::object()) {
  more["name"] = tool;
  return more;
}

/// A server whose `erase_things` asks first.
mcp_parts asking_first() {
  mcp_parts parts;
  parts.questions["erase_things"] = [](const std::shared_ptr<mcp::call_context>&,
                                       completion<std::string> done) {
    done(std::string{"Erase 14 things for good?"});
  };
  return parts;
}

json yes(bool confirm = true) {
  return {{"confirm", {{"action", "accept"}, {"content", {{"confirm", confirm}}}}}};
}

const json can_elicit{{"elicitation", json::object()}};

} // namespace

TEST_CASE("discover names the modern revisions only, and the server in _meta") {
  mcp_client client;
  const json result = client.ask(modern_request(1, "server/discover"))["result"];
  CHECK(result["supportedVersions"] == json{"2026-07-28"});
  CHECK(result["resultType"] == "complete");
  CHECK(result["_meta"][meta_server]["name"] == "test-server");
  CHECK(result["capabilities"].contains("tools"));
  CHECK_FALSE(result["capabilities"]["tools"].contains("listChanged"));
  CHECK_FALSE(result["capabilities"].contains("logging"));
}

TEST_CASE("cacheable results carry their hints, others do not") {
  mcp_parts parts;
  parts.add = [](mcp::registry& offer) {
    offer.add(mcp::resource{"crm://stages",
                            {{"uri", "crm://stages"}, {"name", "stages"}},
                            [](const auto&, mcp::outcome_completion done) {
                              done(mcp::outcome{mcp::complete{R"({"contents":[]})"}});
                            }});
  };
  mcp_client client{parts};
  for (const char* method : {"server/discover", "tools/list", "prompts/list", "resources/list",
                             "resources/templates/list", "resources/read"}) {
    CAPTURE(method);
    const json result = client.ask(modern_request(1, method, {{"uri", "crm://stages"}}))["result"];
    CHECK(result["ttlMs"].get<int>() >= 0);
    CHECK(result["cacheScope"] == "private");
  }
  CHECK_FALSE(client.ask(modern_request(1, "tools/call", call_of("read_thing")))["result"].contains(
      "ttlMs"));
}

TEST_CASE("what the modern era removed is an unknown method") {
  mcp_client client;
  for (const char* method : {"initialize", "ping", "logging/setLevel", "resources/subscribe",
                             "resources/unsubscribe", "tasks/get"}) {
    CAPTURE(method);
    CHECK(code_of(client.ask(modern_request(1, method))) == -32601);
  }
}

TEST_CASE("a version that is not spoken is refused with those that are") {
  mcp_client client;
  json request = modern_request(1, "tools/list");
  request["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"] = "2099-01-01";
  const json answer = client.ask(request);
  CHECK(code_of(answer) == -32022);
  CHECK(answer["error"]["data"]["supported"] == json{"2026-07-28"});
  CHECK(answer["error"]["data"]["requested"] == "2099-01-01");
}

TEST_CASE("an irreversible call asks first when the client can ask, and runs once after a yes") {
  mcp_client client{asking_first()};
  const json asked =
      client.ask(modern_request(1, "tools/call", call_of("erase_things"), can_elicit))["result"];
  CHECK(asked["resultType"] == "input_required");
  CHECK(asked["inputRequests"]["confirm"]["params"]["message"] == "Erase 14 things for good?");
  json params = call_of("erase_things");
  params["inputResponses"] = yes();
  params["requestState"] = asked["requestState"];
  const json retry = modern_request(2, "tools/call", params, can_elicit);
  CHECK(client.ask(retry)["result"]["structuredContent"]["data"]["tool"] == "erase_things");
  CHECK(code_of(client.ask(retry)) == -32602);
}

TEST_CASE("a no, and anything but a yes, leaves things as they are") {
  for (const json& answer :
       {yes(false), json{{"confirm", {{"action", "decline"}}}},
        json{{"confirm", {{"action", "cancel"}}}}, json{{"confirm", {{"action", "accept"}}}}}) {
    CAPTURE(answer.dump());
    mcp_client client{asking_first()};
    const json asked =
        client.ask(modern_request(1, "tools/call", call_of("erase_things"), can_elicit))["result"];
    json params = call_of("erase_things");
    params["inputResponses"] = answer;
    params["requestState"] = asked["requestState"];
    const json result = client.ask(modern_request(2, "tools/call", params, can_elicit))["result"];
    CHECK(result["isError"] == false);
    CHECK(result["structuredContent"]["data"]["done"] == false);
  }
}

TEST_CASE("a yes without the server's own state only makes it ask again") {
  mcp_client client{asking_first()};
  json params = call_of("erase_things");
  params["inputResponses"] = yes();
  const json result = client.ask(modern_request(1, "tools/call", params, can_elicit))["result"];
  CHECK(result["resultType"] == "input_required");
}

TEST_CASE("a state serves only the call, the caller and the time that it was issued for") {
  struct row {
    const char* title;
    std::function<void(mcp_client&, json&)> change;
  };
  for (const row& one : {
           row{"other arguments",
               [](mcp_client&, json&params) {
                 params["arguments"] = {{"all", true}};
               }},
           row{"changed state",
               [](mcp_client&, json&params) {
                 auto& state = params["requestState"].get_ref<std::string&>();
                 state[10] = state[10] == 'A' ? 'B' : 'A';
               }},
           row{"expired",
               [](mcp_client&client, json&) { client.world.advance(limits::input_wait_ms_max); }},
       }) {
    CAPTURE(one.title);
    mcp_client client{asking_first()};
    const json asked =
        client.ask(modern_request(1, "tools/call", call_of("erase_things"), can_elicit))["result"];
    json params = call_of("erase_things");
    params["inputResponses"] = yes();
    params["requestState"] = asked["requestState"];
    one.change(client, params);
    CHECK(code_of(client.ask(modern_request(2, "tools/call", params, can_elicit))) == -32602);
  }
}

TEST_CASE("a client that cannot be asked is served without a question") {
  for (const json& capabilities :
       {json::object(), json{{"elicitation", {{"url", json::object()}}}}}) {
    mcp_client client{asking_first()};
    const json answer =
        client.ask(modern_request(1, "tools/call", call_of("erase_things"), capabilities));
    CHECK(answer["result"]["structuredContent"]["data"]["tool"] == "erase_things");
  }
}

TEST_CASE("the same question reaches a legacy client as a request of the server") {
  mcp_client client{asking_first()};
  client.initialize("2025-06-18", can_elicit);
  const auto asked = client.send(legacy_request(1, "tools/call", call_of("erase_things")));
  REQUIRE(asked.size() == 1);
  CHECK(asked[0]["method"] == "elicitation/create");
  CHECK_FALSE(asked[0]["params"].contains("mode"));
  const json answer =
      client.ask({{"jsonrpc", "2.0"}, {"id", asked[0]["id"]}, {"result", yes()["confirm"]}});
  CHECK(answer["id"] == 1);
  CHECK(answer["result"]["structuredContent"]["data"]["tool"] == "erase_things");
}

TEST_CASE("a legacy question that is refused, forgotten or taken back does nothing") {
  mcp_client client{asking_first()};
  client.initialize("2025-11-25", can_elicit);
  int calls = 0;
  client.gateway.on_submit = [&](call work) {
    ++calls;
    work.done(tool_reply{"1"});
  };
  const json ask = legacy_request(1, "tools/call", call_of("erase_things"));
  const auto refused = client.send(ask);
  const json error{{"code", -1}, {"message", "no"}};
  CHECK(client.ask(
            {{"jsonrpc", "2.0"}, {"id", refused[0]["id"]}, {"error", error}})["result"]["isError"]
        == true);
  client.send(ask);
  client.world.advance(limits::input_wait_ms_max);
  client.connection->tick();
  CHECK(client.received().at(0)["result"]["isError"] == true);
  client.send(ask);
  client.send(
      {{"jsonrpc", "2.0"}, {"method", "notifications/cancelled"}, {"params", {{"requestId", 1}}}});
  CHECK(client.received().empty());
  CHECK(calls == 0);
}

TEST_CASE("ill-typed answers of the client are invalid params") {
  mcp_client client{asking_first()};
  for (const json& responses : {json(nullptr), json(5), json{{"confirm", 12345}}}) {
    CAPTURE(responses.dump());
    json params = call_of("erase_things");
    params["inputResponses"] = responses;
    CHECK(code_of(client.ask(modern_request(1, "tools/call", params, can_elicit))) == -32602);
  }
}

TEST_CASE("a listener is acknowledged first and told only of what it asked for") {
  mcp_client client;
  const json filter{{"notifications",
                     {{"resourceSubscriptions", {"crm://contact/1"}}, {"toolsListChanged", true}}}};
  const json acknowledged = client.ask(modern_request("L", "subscriptions/listen", filter));
  CHECK(acknowledged["method"] == "notifications/subscriptions/acknowledged");
  CHECK(acknowledged["params"]["_meta"][meta_subscription] == "L");
  CHECK(acknowledged["params"]["notifications"]
        == json{{"resourceSubscriptions", {"crm://contact/1"}}});
  auto& feed = client.server->subscriptions;
  feed.tools_changed();
  feed.resource_updated("w1", "crm://contact/2");
  feed.resource_updated("w2", "crm://contact/1");
  CHECK(client.received().empty());
  feed.resource_updated("w1", "crm://contact/1");
  const auto news = client.received();
  REQUIRE(news.size() == 1);
  CHECK(news[0]["method"] == "notifications/resources/updated");
  CHECK(news[0]["params"]["uri"] == "crm://contact/1");
  CHECK(news[0]["params"]["_meta"][meta_subscription] == "L");
  client.send({{"jsonrpc", "2.0"},
               {"method", "notifications/cancelled"},
               {"params", {{"requestId", "L"}}}});
  feed.resource_updated("w1", "crm://contact/1");
  CHECK(client.received().empty());
  CHECK(feed.holders().empty());
}

TEST_CASE("a listen request without a good filter is refused") {
  mcp_client client;
  for (const json& params : {json::object(), json{{"notifications", 5}},
                             json{{"notifications", {{"toolsListChanged", "yes"}}}},
                             json{{"notifications", {{"resourceSubscriptions", "crm://x"}}}},
                             json{{"notifications", {{"resourceSubscriptions", {"no uri"}}}}}}) {
    CAPTURE(params.dump());
    CHECK(code_of(client.ask(modern_request(1, "subscriptions/listen", params))) == -32602);
  }
}

TEST_CASE("subscribers are bounded, and a listener that the server ends is told") {
  mcp_client client;
  const json filter{{"notifications", json::object()}};
  for (std::size_t i = 0; i < limits::subscriptions_max; ++i)
    client.send(modern_request(i, "subscriptions/listen", filter));
  CHECK(code_of(client.ask(modern_request("more", "subscriptions/listen", filter))) == -32603);
  client.server->subscriptions.end(client.server->subscriptions.holders().front().first);
  CHECK(client.received().at(0)["method"] == "notifications/cancelled");
}

TEST_CASE("a legacy session hears of resources that it subscribed to, until it takes that back") {
  mcp_client client;
  client.initialize("2025-11-25");
  const json uri{{"uri", "crm://contact/1"}};
  CHECK(client.ask(legacy_request(1, "resources/subscribe", uri))["result"] == json::object());
  client.server->subscriptions.resource_updated("w1", "crm://contact/1");
  CHECK(client.received().at(0)["params"] == uri);
  CHECK(client.ask(legacy_request(2, "resources/unsubscribe", uri))["result"] == json::object());
  client.server->subscriptions.resource_updated("w1", "crm://contact/1");
  CHECK(client.received().empty());
  CHECK(code_of(client.ask(legacy_request(3, "resources/subscribe", {{"uri", "no uri"}})))
        == -32602);
}

TEST_CASE("progress goes to those who gave a token, grows, and keeps the token's type") {
  mcp_parts parts;
  parts.add = [](mcp::registry& offer) {
    offer.add(mcp::tool{
        "slow",
        {{"name", "slow"}, {"inputSchema", {{"type", "object"}}}},
        [](const std::shared_ptr<mcp::call_context>& context, mcp::outcome_completion done) {
          context->progress(1, 3);
          context->progress(1, 3);
          context->progress(3, 3, "all");
          done(mcp::outcome{mcp::tool_text("ok")});
        }});
  };
  for (const json& token : {json(7), json("7")}) {
    mcp_client client{parts};
    json request = modern_request(1, "tools/call", call_of("slow"));
    request["params"]["_meta"]["progressToken"] = token;
    const auto lines = client.send(request);
    REQUIRE(lines.size() == 3);
    CHECK(lines[0]["params"] == json{{"progressToken", token}, {"progress", 1.0}, {"total", 3.0}});
    CHECK(lines[1]["params"]["message"] == "all");
    CHECK(lines[2]["id"] == 1);
    CHECK(client.send(modern_request(2, "tools/call", call_of("slow"))).size() == 1);
  }
}
