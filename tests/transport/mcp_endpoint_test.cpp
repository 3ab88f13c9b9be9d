// SPDX-License-Identifier: Apache-2.0
#include "tests/support/mcp_http_client.hpp"

#include <doctest/doctest.h>

#include <future>

namespace {

using namespace crm;
using namespace crm::test;

int code_of(const mcp_answer& answer) {
  const json message = answer.message();
  return message.contains("error") ? message["error"]["code"].get<int>() : 0;
}

json call_of(const std::string& tool) {
  return {{"name", tool}, {"arguments", json::object()}};
}

} // namespace

TEST_CASE("a request is refused by the first check that it fails") {
  struct row {
    const char* title;
    header_map headers;
    const char* body;
    int status;
    int code;
  };
  const char* ping = R"({"jsonrpc":"2.0","id":1,"method":"ping"})";
  mcp_http_server server;
  for (const row& one : {
           row{"foreign host", {{"Host", "evil.example.com"}}, ping, 403, -32000},
           row{"foreign origin", {{"Origin", "http://evil.example.com"}}, ping, 403, -32000},
           row{"null origin", {{"Origin", "null"}}, ping, 403, -32000},
           row{"unparsable origin", {{"Origin", "http:/localhost"}}, ping, 403, -32000},
           row{"origin with credentials",
               {{"Origin", "http://localhost@evil.com"}},
               ping,
               403,
               -32000},
           row{"text body", {{"Content-Type", "text/plain"}}, ping, 415, -32000},
           row{"no content type", {{"Content-Type", ""}}, ping, 415, -32000},
           row{"accepts JSON only", {{"Accept", "application/json"}}, ping, 406, -32000},
           row{"accepts events only", {{"Accept", "text/event-stream"}}, ping, 406, -32000},
           row{"not JSON", {}, "{", 400, -32700},
           row{"key twice", {}, R"({"jsonrpc":"2.0","id":1,"id":2,"method":"ping"})", 400, -32700},
           row{"empty array", {}, "[]", 400, -32600},
           row{"id null", {}, R"({"jsonrpc":"2.0","id":null,"method":"ping"})", 400, -32600},
           row{"id fractional", {}, R"({"jsonrpc":"2.0","id":1.5,"method":"ping"})", 400, -32600},
           row{"id boolean", {}, R"({"jsonrpc":"2.0","id":true,"method":"ping"})", 400, -32600},
           row{"no session", {}, ping, 400, -32000},
           row{"unknown session", {{"Mcp-Session-Id", "v1.abc.def"}}, ping, 404, -32001},
       }) {
    CAPTURE(one.title);
    const auto answer = server.exchange("POST", one.headers, one.body);
    CHECK(answer.status == one.status);
    CHECK(code_of(answer) == one.code);
  }
  for (const header_map& good :
       {header_map{{"Host", "localhost:99"}, {"Origin", "http://localhost:5173"}},
        header_map{{"Accept", "*/*"}}, header_map{{"Accept", ""}},
        header_map{{"Content-Type", "Application/JSON; charset=utf-8"}},
        header_map{{"Host", "[::1]:80"}}})
    CHECK(server.open_session("2025-11-25", json::object(), good).contains("Mcp-Session-Id"));
}

TEST_CASE("a body over the bound is too large") {
  mcp_http_server server;
  CHECK(server.exchange("POST", {}, std::string(limits::body_bytes_max + 1, ' ')).status == 413);
}

TEST_CASE("a legacy session serves calls, in plain JSON, and its errors travel in 200") {
  mcp_http_server server;
  const header_map session = server.open_session();
  CHECK(server.post({{"jsonrpc", "2.0"}, {"method", "notifications/initialized"}}, session).status
        == 202);
  const auto called = server.post(legacy_request(1, "tools/call", call_of("read_thing")), session);
  CHECK(called.status == 200);
  CHECK(called.header("Content-Type") == "application/json");
  CHECK(called.message()["result"]["isError"] == false);
  const auto unknown = server.post(legacy_request(2, "no/such"), session);
  CHECK(unknown.status == 200);
  CHECK(code_of(unknown) == -32601);
  header_map versioned = session;
  versioned.emplace("MCP-Protocol-Version", "1999-01-01");
  CHECK(server.post(legacy_request(3, "ping"), versioned).status == 400);
}

TEST_CASE("a session survives a restart of the server, and not its end") {
  mcp_http_server server;
  const header_map session = server.open_session("2025-06-18");
  server.restart();
  CHECK(server.post(legacy_request(1, "ping"), session).status == 200);
  CHECK(server.exchange("DELETE", session, "").status == 204);
  CHECK(server.post(legacy_request(2, "ping"), session).status == 404);
  CHECK(server.exchange("DELETE", session, "").status == 404);
}

TEST_CASE("a session is over when its id expires, and is nothing when its id was changed") {
  mcp_http_server server;
  const header_map session = server.open_session();
  std::string forged = session.find("Mcp-Session-Id")->second;
  forged[10] = forged[10] == 'A' ? 'B' : 'A';
  CHECK(server.post(legacy_request(1, "ping"), {{"Mcp-Session-Id", forged}}).status == 404);
  server.parts.world.advance(limits::session_idle_ms_max);
  server.endpoint().tick();
  CHECK(server.post(legacy_request(1, "ping"), session).status == 200);
  server.parts.world.advance(limits::session_lifetime_ms_max);
  server.endpoint().tick();
  CHECK(server.post(legacy_request(1, "ping"), session).status == 404);
}

TEST_CASE("a session of one caller is not found by another") {
  mcp_http_server server{{}, true};
  server.parts.gateway.set_token("a", {"w1", "ann", all_scopes()});
  server.parts.gateway.set_token("b", {"w1", "bob", all_scopes()});
  const header_map session =
      server.open_session("2025-11-25", json::object(), {{"Authorization", "Bearer a"}});
  header_map stolen = session;
  stolen.erase("Authorization");
  stolen.emplace("Authorization", "Bearer b");
  CHECK(server.post(legacy_request(1, "ping"), stolen).status == 404);
  for (const char* method : {"GET", "DELETE"})
    CHECK(server.exchange(method, stolen, "").status == 404);
  CHECK(server.post(legacy_request(1, "ping"), session).status == 200);
}

TEST_CASE("strangers are challenged on every verb, with an error only when they showed a token") {
  mcp_http_server server{{}, true};
  const std::string metadata =
      R"(resource_metadata="https://crm.example.com/.well-known/oauth-protected-resource/mcp")";
  for (const char* method : {"POST", "GET", "DELETE"}) {
    CAPTURE(method);
    const auto bare = server.exchange(method, {}, "");
    CHECK(bare.status == 401);
    CHECK(bare.header("WWW-Authenticate") == "Bearer " + metadata + R"(, scope="read")");
    const auto wrong = server.exchange(method, {{"Authorization", "Bearer x"}}, "");
    CHECK(wrong.status == 401);
    CHECK(wrong.header("WWW-Authenticate").find(R"(error="invalid_token")") != std::string::npos);
  }
}

TEST_CASE("a call beyond the token's scope is 403 with a challenge, in both eras") {
  mcp_http_server server{{}, true};
  server.parts.gateway.set_token("r", {"w1", "ann", {scope::read}});
  const header_map token{{"Authorization", "Bearer r"}};
  const header_map session = server.open_session("2025-11-25", json::object(), token);
  for (const auto& answer :
       {server.post(legacy_request(1, "tools/call", call_of("write_thing")), session),
        server.modern(modern_request(1, "tools/call", call_of("write_thing")), token)}) {
    CHECK(answer.status == 403);
    const std::string challenge = answer.header("WWW-Authenticate");
    CHECK(challenge.starts_with(R"(Bearer error="insufficient_scope")"));
    CHECK(challenge.find(R"(scope="write")") != std::string::npos);
    CHECK(answer.message()["result"]["structuredContent"]["error"]["code"] == "SCOPE_ERROR");
  }
  const json listed = server.modern(modern_request(2, "tools/list"), token).message();
  CHECK(listed["result"]["tools"].size() == 1);
}

TEST_CASE("modern requests are checked in the order of the table") {
  struct row {
    const char* title;
    json request;
    header_map headers;
    int status;
    int code;
  };
  const json list = modern_request(1, "tools/list");
  json no_capabilities = list;
  no_capabilities["params"]["_meta"].erase("io.modelcontextprotocol/clientCapabilities");
  json other_version = list;
  other_version["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"] = "v999.0.0";
  json no_meta = legacy_request(1, "tools/list");
  json meta_array = legacy_request(1, "tools/list", {{"_meta", json::array()}});
  const json call = modern_request(1, "tools/call", call_of("read_thing"));
  mcp_http_server server;
  for (const row& one : {
           row{"good", list, {}, 200, 0},
           row{"M1 no _meta", no_meta, {}, 400, -32602},
           row{"M1 _meta is an array", meta_array, {}, 400, -32602},
           row{"M1 no capabilities", no_capabilities, {}, 400, -32602},
           row{"M2 no version header", list, {{"MCP-Protocol-Version", ""}}, 400, -32020},
           row{"M2 before M3", other_version, {}, 400, -32020},
           row{"M2 header twice",
               list,
               {{"MCP-Protocol-Version", "2026-07-28"}, {"MCP-Protocol-Version", "2026-07-28"}},
               400,
               -32020},
           row{"M3", other_version, {{"MCP-Protocol-Version", "v999.0.0"}}, 400, -32022},
           row{"M4 method twice",
               list,
               {{"Mcp-Method", "tools/list"}, {"Mcp-Method", "tools/list"}},
               400,
               -32020},
           row{"M5 name twice",
               call,
               {{"Mcp-Name", "read_thing"}, {"Mcp-Name", "read_thing"}},
               400,
               -32020},
           row{"M4 no method", list, {{"Mcp-Method", ""}}, 400, -32020},
           row{"M4 other method", list, {{"Mcp-Method", "TOOLS/LIST"}}, 400, -32020},
           row{"M5 no name", call, {{"Mcp-Name", ""}}, 400, -32020},
           row{"M5 other name", call, {{"Mcp-Name", "other"}}, 400, -32020},
           row{"M5 blanks around", call, {{"Mcp-Name", "  read_thing  "}}, 200, 0},
           row{"M5 base64", call, {{"Mcp-Name", "=?base64?cmVhZF90aGluZw==?="}}, 200, 0},
           row{"M5 bad padding", call, {{"Mcp-Name", "=?base64?cmVhZF90aGluZw?="}}, 400, -32020},
           row{"M5 bad alphabet", call, {{"Mcp-Name", "=?base64?cmVh*F90aGluZw==?="}}, 400, -32020},
           row{"M5 no prefix", call, {{"Mcp-Name", "cmVhZF90aGluZw==?="}}, 400, -32020},
           row{"M6 ping", modern_request(1, "ping"), {}, 404, -32601},
           row{"M6 initialize", modern_request(1, "initialize"), {}, 404, -32601},
           row{"M9 unknown tool", modern_request(1, "tools/call", call_of("no")), {}, 200, -32602},
           row{"M9 unknown resource",
               modern_request(1, "resources/read", {{"uri", "crm://no"}}),
               {},
               200,
               -32602},
       }) {
    CAPTURE(one.title);
    const auto answer = server.modern(one.request, one.headers);
    CHECK(answer.status == one.status);
    CHECK(code_of(answer) == one.code);
    CHECK(answer.message()["id"] == 1);
  }
}

TEST_CASE("the modern era has no sessions: GET, DELETE and answers of the client are refused") {
  mcp_http_server server;
  const header_map modern{{"MCP-Protocol-Version", "2026-07-28"}};
  for (const char* method : {"GET", "DELETE"}) {
    const auto answer = server.exchange(method, modern, "");
    CHECK(answer.status == 405);
    CHECK(answer.header("Allow") == "POST");
  }
  const json response{{"jsonrpc", "2.0"}, {"id", 1}, {"result", json::object()}};
  CHECK(code_of(server.post(response, modern)) == -32600);
  CHECK(server.post({{"jsonrpc", "2.0"}, {"method", "notifications/x"}}, modern).status == 202);
  const json initialize = legacy_request(1, "initialize");
  CHECK(code_of(server.post(initialize, modern)) == -32020);
}

TEST_CASE("both eras mix on one connection") {
  mcp_http_server server;
  const header_map session = server.open_session();
  mcp_http_connection connection{server.port()};
  for (int round = 0; round < 3; ++round) {
    connection.send("POST", server.with_defaults(session), dump_json(legacy_request(1, "ping")));
    CHECK(connection.answer().message()["result"] == json::object());
    const json list = modern_request(2, "tools/list");
    connection.send("POST", server.with_defaults(server.modern_headers(list)), dump_json(list));
    CHECK(connection.answer().message()["result"]["resultType"] == "complete");
  }
}

TEST_CASE("a client that leaves takes its call back in the modern era, not in the legacy one") {
  for (const bool modern : {true, false}) {
    CAPTURE(modern);
    mcp_http_server server;
    std::promise<call> submitted;
    server.parts.gateway.on_submit = [&](call work) { submitted.set_value(std::move(work)); };
    const json request = modern ? modern_request(1, "tools/call", call_of("read_thing"))
                                : legacy_request(1, "tools/call", call_of("read_thing"));
    const header_map headers = modern ? server.modern_headers(request) : server.open_session();
    mcp_http_connection connection{server.port()};
    connection.send("POST", server.with_defaults(headers), dump_json(request));
    call work = submitted.get_future().get();
    CHECK_FALSE(work.done.caller_gone());
    connection.close();
    if (modern) {
      while (!work.done.caller_gone())
        std::this_thread::yield();
    } else {
      // Another request of the session is served after the loss was seen.
      CHECK(server.post(legacy_request(2, "ping"), headers).status == 200);
      CHECK_FALSE(work.done.caller_gone());
    }
    work.done(tool_reply{"1"});
  }
}

TEST_CASE("a batch is answered as one array in a session of 2025-03-26") {
  mcp_http_server server;
  const header_map session = server.open_session("2025-03-26");
  const json batch{legacy_request(1, "ping"),
                   legacy_request(2, "tools/call", call_of("read_thing"))};
  const auto answer = server.post(batch, session);
  CHECK(answer.status == 200);
  CHECK(answer.message().size() == 2);
  const json news = json::array({{{"jsonrpc", "2.0"}, {"method", "notifications/initialized"}}});
  CHECK(server.post(news, session).status == 202);
  for (const char* version : {"2025-06-18", "2025-11-25"})
    CHECK(server.post(batch, server.open_session(version)).status == 400);
  const json mixed{legacy_request(1, "ping"), modern_request(2, "tools/list")};
  const header_map modern{{"MCP-Protocol-Version", "2026-07-28"}};
  for (const auto& refused : {server.post(mixed, session), server.post(batch, modern),
                              server.post(json::array({modern_request(1, "tools/list")}), modern),
                              server.post(json::array(), session)}) {
    CHECK(refused.status == 400);
    CHECK(code_of(refused) == -32600);
    CHECK_FALSE(refused.message().contains("id"));
  }
}

TEST_CASE("a session that is named twice is none") {
  mcp_http_server server;
  header_map session = server.open_session();
  session.emplace("Mcp-Session-Id", session.find("Mcp-Session-Id")->second);
  CHECK(server.post(legacy_request(1, "ping"), session).status == 400);
}
