// SPDX-License-Identifier: Apache-2.0
#include "tests/support/malformed_messages.hpp"
#include "tests/support/mcp_http_client.hpp"

#include <doctest/doctest.h>

#include <optional>

#include <future>

namespace {

using namespace crm;
using namespace crm::test;

const json can_elicit{{"elicitation", json::object()}};

mcp_parts asking_first() {
  mcp_parts parts;
  parts.questions["erase_things"] = [](const std::shared_ptr<mcp::call_context>&,
                                       completion<std::string> done) {
    done(std::string{"Erase 14 things for good?"});
  };
  return parts;
}

std::string id_of(const std::string& event) {
  const std::size_t from = event.find("id: ") + 4;
  return event.substr(from, event.find('\n', from) - from);
}

} // namespace

TEST_CASE("a question turns the answer into a stream, and its reply comes on another connection") {
  mcp_http_server server{asking_first()};
  const header_map session = server.open_session("2025-11-25", can_elicit);
  mcp_http_connection connection{server.port()};
  connection.send("POST", server.with_defaults(session),
                  dump_json(legacy_request(1, "tools/call", {{"name", "erase_things"}})));
  const auto head = connection.head();
  CHECK(head.header("Content-Type") == "text/event-stream");
  const std::string priming = connection.event();
  CHECK(priming.ends_with("data: "));
  CHECK(priming.find("retry: ") != std::string::npos);
  const json asked = connection.event_message();
  CHECK(asked["method"] == "elicitation/create");
  const json reply{{"jsonrpc", "2.0"},
                   {"id", asked["id"]},
                   {"result", {{"action", "accept"}, {"content", {{"confirm", true}}}}}};
  CHECK(server.post(reply, session).status == 202);
  CHECK(connection.event_message()["result"]["isError"] == false);
  CHECK(connection.event().empty());
}

TEST_CASE("clients before 2025-11-25 get streams without ids and empty events") {
  mcp_http_server server{asking_first()};
  const header_map session = server.open_session("2025-06-18", can_elicit);
  mcp_http_connection connection{server.port()};
  connection.send("POST", server.with_defaults(session),
                  dump_json(legacy_request(1, "tools/call", {{"name", "erase_things"}})));
  connection.head();
  const std::string first = connection.event();
  CHECK(first.starts_with("event: message\ndata: {"));
}

TEST_CASE("a stream that was lost is continued from the event that the client saw last") {
  mcp_http_server server{asking_first()};
  const header_map session = server.open_session("2025-11-25", can_elicit);
  std::string seen;
  {
    mcp_http_connection connection{server.port()};
    connection.send("POST", server.with_defaults(session),
                    dump_json(legacy_request(1, "tools/call", {{"name", "erase_things"}})));
    connection.head();
    seen = id_of(connection.event());
  }
  mcp_http_connection resumed{server.port()};
  header_map headers = session;
  headers.emplace("Last-Event-ID", seen);
  resumed.send("GET", server.with_defaults(headers), "");
  CHECK(resumed.head().status == 200);
  const json asked = resumed.event_message();
  CHECK(asked["method"] == "elicitation/create");
  server.post({{"jsonrpc", "2.0"}, {"id", asked["id"]}, {"result", {{"action", "decline"}}}},
              session);
  CHECK(resumed.event_message()["id"] == 1);
  CHECK(resumed.event().empty());
  headers.erase("Last-Event-ID");
  headers.emplace("Last-Event-ID", "unknown-1");
  CHECK(server.exchange("GET", headers, "").status == 400);
}

TEST_CASE("GET opens the one stream of a session, on which subscriptions tell of changes") {
  mcp_http_server server;
  const header_map session = server.open_session();
  mcp_http_connection pushed{server.port()};
  pushed.send("GET", server.with_defaults(session), "");
  CHECK(pushed.head().header("Content-Type") == "text/event-stream");
  CHECK(server.exchange("GET", session, "").status == 409);
  server.post(legacy_request(1, "resources/subscribe", {{"uri", "crm://contact/1"}}), session);
  server.parts.server->subscriptions.resource_updated("w1", "crm://contact/1");
  CHECK(pushed.event_message()["method"] == "notifications/resources/updated");
  CHECK(server.exchange("DELETE", session, "").status == 204);
  CHECK(pushed.event().empty());
}

TEST_CASE("a listener over HTTP hears of changes, is kept alive and ended with a result") {
  mcp_http_server server;
  const json listen =
      modern_request(5, "subscriptions/listen",
                     {{"notifications", {{"resourceSubscriptions", {"crm://deal/1"}}}}});
  mcp_http_connection connection{server.port()};
  connection.send("POST", server.with_defaults(server.modern_headers(listen)), dump_json(listen));
  connection.head();
  CHECK(connection.event_message()["method"] == "notifications/subscriptions/acknowledged");
  server.parts.server->subscriptions.resource_updated("w1", "crm://deal/1");
  CHECK(connection.event_message()["params"]["uri"] == "crm://deal/1");
  server.parts.world.advance(limits::stream_check_ms);
  server.endpoint().tick();
  CHECK(connection.event() == ": keepalive");
  server.endpoint().end_streams();
  CHECK(connection.event_message()["result"]["resultType"] == "complete");
  CHECK(connection.event().empty());
}

TEST_CASE("a listener is ended when its token is revoked, and gone when its client leaves") {
  mcp_http_server server{{}, true};
  server.parts.gateway.set_token("a", {"w1", "ann", all_scopes()});
  const json listen =
      modern_request(5, "subscriptions/listen", {{"notifications", json::object()}});
  const header_map headers =
      server.with_defaults(server.modern_headers(listen, {{"Authorization", "Bearer a"}}));
  mcp_http_connection stays{server.port()};
  mcp_http_connection leaves{server.port()};
  for (auto* connection : {&stays, &leaves}) {
    connection->send("POST", headers, dump_json(listen));
    connection->head();
    connection->event_message();
  }
  leaves.close();
  while (server.parts.server->subscriptions.holders().size() > 1)
    std::this_thread::yield();
  server.parts.gateway.revoke("a");
  server.parts.world.advance(limits::stream_check_ms);
  server.endpoint().tick();
  CHECK(stays.event_message()["id"] == 5);
}

TEST_CASE(
    "a thousand malformed messages over HTTP are answered as the tables say, and hurt nobody") {
  mcp_http_server server;
  const header_map session = server.open_session();
  malformed_messages messages{20'261'123};
  std::optional<mcp_http_connection> connection;
  const auto ask = [&](const header_map& headers, const std::string& body) {
    connection->send("POST", server.with_defaults(headers), body);
    return connection->answer();
  };
  for (int round = 0; round < 1'000; ++round) {
    if (round % 500 == 0) // the front ends a connection after 1,000 requests
      connection.emplace(server.port());
    const std::string text = messages.next();
    CAPTURE(text);
    const expected_answer expected = expected_for(text);
    const auto answer = ask(session, text);
    REQUIRE_MESSAGE(judge(expected, answer.message()) == "", answer.body);
    // A modern request lacks its headers here, so that it is refused as well.
    const bool refused = expected.what == expected_answer::kind::refusal
                         || (expected.what == expected_answer::kind::any && expected.modern);
    const bool silent = expected.what == expected_answer::kind::none;
    REQUIRE(answer.status == (refused ? 400 : silent ? 202 : 200));
    if (round % 50 == 0)
      REQUIRE(ask(session, dump_json(legacy_request(1, "ping"))).status == 200);
  }
}
