// SPDX-License-Identifier: Apache-2.0
#include "tests/support/mcp_client.hpp"

#include <doctest/doctest.h>

namespace {

using namespace crm;
using crm::test::legacy_request;
using crm::test::mcp_client;

int code_of(const json& answer) {
  return answer.contains("error") ? answer["error"]["code"].get<int>() : 0;
}

json call_of(const json& id, const std::string& tool, json arguments = json::object()) {
  return legacy_request(id, "tools/call", {{"name", tool}, {"arguments", std::move(arguments)}});
}

} // namespace

TEST_CASE("initialize echoes a legacy version that is spoken, and offers the newest for others") {
  struct row {
    const char* asked;
    const char* agreed;
  };
  for (const auto& [asked, agreed] :
       {row{"2024-11-05", "2024-11-05"}, row{"2025-03-26", "2025-03-26"},
        row{"2025-06-18", "2025-06-18"}, row{"2025-11-25", "2025-11-25"},
        row{"2026-07-28", "2025-11-25"}, row{"1.0", "2025-11-25"}}) {
    CAPTURE(asked);
    mcp_client client;
    const json answer = client.initialize(asked);
    CHECK(answer["result"]["protocolVersion"] == agreed);
    CHECK(answer["result"]["serverInfo"]["name"] == "test-server");
    CHECK(answer["result"]["instructions"] == "Be kind.");
    CHECK(answer["result"]["capabilities"].contains("logging"));
    CHECK_FALSE(answer["result"].contains("resultType"));
  }
}

TEST_CASE("initialize refuses missing or ill-typed members as invalid params") {
  const json good{{"protocolVersion", "2025-11-25"},
                  {"capabilities", json::object()},
                  {"clientInfo", {{"name", "t"}, {"version", "1"}}}};
  for (const char* member : {"protocolVersion", "capabilities", "clientInfo"}) {
    CAPTURE(member);
    mcp_client client;
    json params = good;
    params.erase(member);
    CHECK(code_of(client.ask(legacy_request(1, "initialize", params))) == -32602);
    params[member] = 5;
    CHECK(code_of(client.ask(legacy_request(1, "initialize", params))) == -32602);
  }
}

TEST_CASE("a line that is no good message is answered as the tables say, and the next one works") {
  struct row {
    const char* line;
    int code;
  };
  for (const auto& [line, code] :
       {row{"{", -32700},
        row{"not json", -32700},
        row{"\"text\"", -32600},
        row{"[]", -32600},
        row{R"([{"jsonrpc":"2.0","id":1,"method":"ping"}])", -32600},
        row{R"({"jsonrpc":"1.0","id":1,"method":"ping"})", -32600},
        row{R"({"id":1,"method":"ping"})", -32600},
        row{R"({"jsonrpc":"2.0","id":null,"method":"ping"})", -32600},
        row{R"({"jsonrpc":"2.0","id":1.5,"method":"ping"})", -32600},
        row{R"({"jsonrpc":"2.0","id":true,"method":"ping"})", -32600},
        row{R"({"jsonrpc":"2.0","id":1,"method":7})", -32600},
        row{R"({"jsonrpc":"2.0","id":1})", -32600},
        row{R"({"jsonrpc":"2.0","id":1,"result":{},"error":{}})", -32600},
        row{R"({"jsonrpc":"2.0","id":1,"id":2,"method":"ping"})", -32700},
        row{R"({"jsonrpc":"2.0","id":1,"method":"ping","params":[]})", -32602},
        row{R"({"jsonrpc":"2.0","id":1,"method":"ping","params":null})", -32602},
        row{R"({"jsonrpc":"2.0","id":1,"method":"no/such"})", -32601},
        row{R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{}})", -32602},
        row{R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":1}})", -32602},
        row{R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"no"}})", -32602},
        row{R"({"jsonrpc":"2.0","id":1,"method":"tools/call",
             "params":{"name":"read_thing","arguments":[]}})",
            -32602},
        row{R"({"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"cursor":"x"}})", -32602},
        row{R"({"jsonrpc":"2.0","id":1,"method":"logging/setLevel","params":{"level":"loud"}})",
            -32602},
        row{R"({"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{"name":"no"}})", -32602},
        row{R"({"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"crm://no"}})",
            -32002}}) {
    CAPTURE(line);
    mcp_client client;
    client.initialize("2025-11-25");
    const auto answers = client.send_text(line);
    REQUIRE(answers.size() == 1);
    CHECK(code_of(answers[0]) == code);
    CHECK(client.ask(legacy_request("next", "ping"))["result"] == json::object());
  }
}

TEST_CASE("an error echoes the id of its request, and leaves it out when it could not be read") {
  mcp_client client;
  CHECK(client.ask(legacy_request("a", "no/such"))["id"] == "a");
  CHECK_FALSE(client.send_text("{").front().contains("id"));
  CHECK_FALSE(client.send_text(R"({"jsonrpc":"2.0","id":null,"method":"x"})")[0].contains("id"));
}

TEST_CASE("notifications and answers that nobody waits for are not answered") {
  mcp_client client;
  for (const char* line :
       {R"({"jsonrpc":"2.0","method":"notifications/initialized"})",
        R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":99}})",
        R"({"jsonrpc":"2.0","method":"no/such/notification","params":[]})",
        R"({"jsonrpc":"2.0","id":"ask-1","result":{}})", "", "   "}) {
    CAPTURE(line);
    CHECK(client.send_text(line).empty());
  }
}

TEST_CASE("tools/list is equal byte for byte, in the order of the catalogue") {
  mcp_client client;
  const json first = client.ask(legacy_request(1, "tools/list"));
  const json second = client.ask(legacy_request(1, "tools/list"));
  CHECK(first.dump() == second.dump());
  REQUIRE(first["result"]["tools"].size() == 3);
  CHECK(first["result"]["tools"][0]["name"] == "read_thing");
  CHECK(first["result"]["tools"][0]["annotations"].size() == 4);
}

TEST_CASE("a call answers the envelope as text and as structured content") {
  mcp_client client;
  const json answer = client.ask(call_of(7, "read_thing", {{"id", "x"}}));
  const json& result = answer["result"];
  CHECK(answer["id"] == 7);
  CHECK(result["isError"] == false);
  CHECK(result["structuredContent"]["success"] == true);
  CHECK(result["structuredContent"]["data"]["args"]["id"] == "x");
  CHECK(json::parse(result["content"][0]["text"].get<std::string>())
        == result["structuredContent"]);
}

TEST_CASE("a failed call is a result with isError, not a protocol error") {
  mcp_client client;
  client.gateway.on_submit = [](call work) {
    work.done(error{error_code::not_found, "no such thing"});
  };
  const json result = client.ask(call_of(1, "read_thing"))["result"];
  CHECK(result["isError"] == true);
  CHECK(result["structuredContent"]["error"]["code"] == "NOT_FOUND");
}

TEST_CASE("a call whose completion is dropped is answered all the same") {
  mcp_client client;
  client.gateway.on_submit = [](const call&) {};
  const json result = client.ask(call_of(1, "read_thing"))["result"];
  CHECK(result["structuredContent"]["error"]["code"] == "OVERLOADED");
}

TEST_CASE("answers come in the order in which calls finish") {
  mcp_client client;
  std::vector<call> waiting;
  client.gateway.on_submit = [&](call work) { waiting.push_back(std::move(work)); };
  CHECK(client.send(call_of(1, "read_thing")).empty());
  CHECK(client.send(call_of("1", "read_thing")).empty());
  waiting[1].done(tool_reply{"2"});
  CHECK(client.received().at(0)["id"] == "1");
  waiting[0].done(tool_reply{"1"});
  CHECK(client.received().at(0)["id"] == 1);
}

TEST_CASE("a cancelled call is not answered, and its caller counts as gone") {
  mcp_client client;
  std::vector<call> waiting;
  client.gateway.on_submit = [&](call work) { waiting.push_back(std::move(work)); };
  client.send(call_of(1, "read_thing"));
  client.send(call_of("1", "read_thing"));
  client.send(
      {{"jsonrpc", "2.0"}, {"method", "notifications/cancelled"}, {"params", {{"requestId", 1}}}});
  CHECK(waiting[0].done.caller_gone());
  CHECK_FALSE(waiting[1].done.caller_gone());
  waiting[0].done(tool_reply{"1"});
  CHECK(client.received().empty());
}

TEST_CASE("batches are served in 2025-03-26 only") {
  const json messages{legacy_request(1, "ping"),
                      {{"jsonrpc", "2.0"}, {"method", "notifications/initialized"}},
                      call_of(2, "read_thing"),
                      legacy_request(3, "initialize")};
  for (const char* version : {"2025-03-26", "2024-11-05", "2025-06-18", "2025-11-25"}) {
    CAPTURE(version);
    mcp_client client;
    client.initialize(version);
    const json answer = client.ask(messages);
    if (std::string{version} != "2025-03-26") {
      CHECK(code_of(answer) == -32600);
      continue;
    }
    REQUIRE(answer.is_array());
    REQUIRE(answer.size() == 3);
    CHECK(answer[0]["id"] == 1);
    CHECK(answer[1]["result"]["isError"] == false);
    CHECK(code_of(answer[2]) == -32600);
    CHECK(client.send(json::array({messages[1]})).empty());
    CHECK(code_of(client.ask(json::array())) == -32600);
    CHECK(code_of(client.ask(json::array({test::modern_request(1, "tools/list")}))) == -32600);
  }
}
