// SPDX-License-Identifier: Apache-2.0
// POST /mcp/call under attack: bodies that are no good, refusals that must say when to come back,
// and pages in browsers that want to act as the user of the machine.
#include "protocol/limits.hpp"
#include "tests/support/fake_gateway.hpp"
#include "tests/support/raw_client.hpp"
#include "tests/support/resident_memory.hpp"
#include "transport/http/http_front.hpp"
#include "transport/observed_gateway.hpp"
#include "transport/rest_api.hpp"

#include <condition_variable>
#include <doctest/doctest.h>
#include <map>
#include <mutex>

using namespace crm;
using namespace crm::test;
using namespace crm::transport;
using namespace std::chrono_literals;

namespace {

class rest_server {
public:
  explicit rest_server(rest_options options = {}) {
    gateway.set_token("good", {"acme", "ann", {scope::read, scope::write}});
    front_.emplace(http_options{}, rest_routes(gateway, options));
    REQUIRE(front_->start());
  }

  raw_response post(const std::string& body, const std::string& headers = {},
                    const std::string& host = "localhost") {
    return ask(front_->port(), "POST /mcp/call HTTP/1.1\r\nHost: " + host
                                   + "\r\nAuthorization: Bearer good\r\n" + headers
                                   + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n"
                                   + body);
  }

  bool serves() { return post(R"({"tool":"read_thing","args":{}})").status == 200; }
  std::uint16_t port() const { return front_->port(); }

  fake_gateway gateway;

private:
  std::optional<http_front> front_;
};

/// Calls that a server's threads hand in and that nobody answers.
class parked_calls {
public:
  void park(call work) {
    const std::lock_guard lock{guard_};
    parked_.push_back(std::move(work));
    arrived_.notify_all();
  }
  void await(std::size_t count) {
    std::unique_lock lock{guard_};
    arrived_.wait(lock, [&] { return parked_.size() == count; });
  }
  void drop() {
    const std::lock_guard lock{guard_};
    parked_.clear();
  }

private:
  std::mutex guard_;
  std::condition_variable arrived_;
  std::vector<call> parked_;
};

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i)
    all += text;
  return all;
}

std::string with_args(const std::string& args) {
  return R"({"tool":"read_thing","args":)" + args + "}";
}

/// H26 to H32: a title and a body that must be refused with 400.
std::vector<std::pair<std::string, std::string>> bad_bodies() {
  std::vector<std::pair<std::string, std::string>> all{
      {"nothing", ""},
      {"a space", " "},
      {"null", "null"},
      {"a number", "7"},
      {"a string", R"("read_thing")"},
      {"an array", R"([{"tool":"read_thing","args":{}}])"},
      {"an array of 10,000 calls",
       "[" + repeated(R"({"tool":"read_thing"},)", 10'000) + R"({"tool":"read_thing"}])"},
      {"no tool", R"({"args":{}})"},
      {"an empty tool", R"({"tool":"","args":{}})"},
      {"a tool that is null", R"({"tool":null})"},
      {"a tool that is an object", R"({"tool":{}})"},
      {"args that are null", with_args("null")},
      {"args that are an array", with_args("[]")},
      {"args that are a string", with_args(R"("{}")")},
      {"an unknown member", R"({"tool":"read_thing","args":{},"jsonrpc":"2.0"})"},
      {"__proto__", R"({"tool":"read_thing","__proto__":{}})"},
      {"the tool twice", R"({"tool":"read_thing","tool":"erase_things"})"},
      {"args twice", R"({"tool":"read_thing","args":{},"args":{"a":1}})"},
      {"workspaceId twice", with_args(R"({"workspaceId":"acme","workspaceId":"other"})")},
      {"a key twice, once escaped", with_args(R"({"a":1,"\u0061":2})")},
      {"a key twice, deep", with_args(R"({"a":{"b":[{"c":1,"c":2}]}})")},
      {"a byte order mark", "\xEF\xBB\xBF" + with_args("{}")},
      {"UTF-16", std::string{"\xFF\xFE{\0}\0", 6}},
      {"bytes behind the end", with_args("{}") + "x"},
      {"a second text behind the first", with_args("{}") + with_args("{}")},
      {"NUL behind the end", with_args("{}") + std::string(1, '\0')},
      {"a comment", "/* */" + with_args("{}")},
      {"a comment inside", with_args("{/**/}")},
      {"a line comment", with_args("{}") + "// x"},
      {"a trailing comma", with_args(R"({"a":1,})")},
      {"single quotes", R"({'tool':'read_thing'})"},
      {"a bare key", R"({tool:"read_thing"})"},
      {"an unfinished object", R"({"tool":"read_thing")"},
      {"an unfinished string", R"({"tool":"read_th)"},
      {"NaN", with_args(R"({"a":NaN})")},
      {"Infinity", with_args(R"({"a":Infinity})")},
      {"-Infinity", with_args(R"({"a":-Infinity})")},
      {"a plus ahead", with_args(R"({"a":+1})")},
      {"a zero ahead", with_args(R"({"a":01})")},
      {"hexadecimal", with_args(R"({"a":0x1})")},
      {"no digit behind the point", with_args(R"({"a":1.})")},
      {"no digit ahead of the point", with_args(R"({"a":.5})")},
      {"1e999", with_args(R"({"a":1e999})")},
      {"-1e999", with_args(R"({"a":-1e999})")},
      {"2^64", with_args(R"({"a":18446744073709551616})")},
      {"-2^63 - 1", with_args(R"({"a":-9223372036854775809})")},
      {"30 digits", with_args(R"({"a":123456789012345678901234567890})")},
      {"100,000 digits", with_args(R"({"a":1)" + std::string(100'000, '0') + "}")},
      {"a control character in a string", with_args("{\"a\":\"\x01\"}")},
      {"a line break in a string", with_args("{\"a\":\"x\ny\"}")},
      {"an unknown escape", with_args(R"({"a":"\x41"})")},
      {"half an escape", with_args(R"({"a":"\u00"})")},
      {"a lone high surrogate", with_args(R"({"a":"\ud800"})")},
      {"a lone low surrogate", with_args(R"({"a":"\udc00"})")},
      {"two high surrogates", with_args(R"({"a":"\ud800\ud800"})")},
      {"args of 65 levels", with_args(repeated(R"({"a":)", 65) + "1" + std::string(65, '}'))},
      {"100,000 arrays",
       with_args(R"({"a":)" + std::string(100'000, '[') + std::string(100'000, ']') + "}")},
      {"a million brackets", std::string(1'000'000, '[')},
      {"a million braces", repeated(R"({"a":)", 200'000)},
      {"too many values", with_args(R"({"a":[)" + repeated("0,", limits::json_values_max) + "0]}")},
      {"many empty arrays", with_args(R"({"a":[)" + repeated("[],", 300'000) + "[]]}")},
  };
  for (const char* bytes : {"\x80", "\xBF", "\xC0\xAF", "\xC1\xBF", "\xC3", "\xE2\x82",
                            "\xE0\x80\xAF", "\xED\xA0\x80", "\xF0\x80\x80\xAF", "\xF0\x9F\x98",
                            "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80", "\xFE", "\xFF"})
    for (const bool as_key : {false, true})
      all.push_back({std::string{"invalid UTF-8 in a "} + (as_key ? "key" : "value"),
                     with_args(as_key ? std::string{"{\""} + bytes + "\":1}"
                                      : std::string{"{\"a\":\""} + bytes + "\"}")});
  return all;
}

} // namespace

TEST_CASE("every bad body is refused, costs no memory, and the next good call is served") {
  rest_server server;
  REQUIRE(server.serves());
  const std::size_t before = resident_bytes();
  for (const auto& [title, body] : bad_bodies()) {
    CAPTURE(title);
    const raw_response answer = server.post(body);
    CHECK(answer.status == 400);
    CHECK(answer.body.starts_with(R"({"success":false,"error":{"code":"INVALID_REQUEST")"));
    CHECK(answer.body.size() < 4'096);
    CHECK(server.serves());
  }
  if (memory_is_measurable)
    CHECK(resident_bytes() < before + growth_bytes_max);
}

TEST_CASE("a refusal that is worth repeating says when") {
  rest_server server;
  struct row {
    error_code code;
    std::optional<std::int64_t> after_ms;
    int status;
    const char* header;
  };
  const row rows[] = {
      {error_code::rate_limited, 1'000, 429, "1"},
      {error_code::rate_limited, 1'001, 429, "2"},
      {error_code::rate_limited, std::nullopt, 429, "1"},
      {error_code::overloaded, 1'000, 503, "1"},
      {error_code::overloaded, 30'000, 503, "30"},
      {error_code::conflict, std::nullopt, 409, ""},
  };
  for (const row& r : rows) {
    server.gateway.on_submit = [&](call work) {
      work.done(crm::error{r.code, "later", {}, r.after_ms});
    };
    const raw_response answer = server.post(with_args("{}"));
    CHECK(answer.status == r.status);
    CHECK(answer.header("Retry-After") == r.header);
  }
}

TEST_CASE("a call's deadline counts from the moment that it came") {
  rest_server server;
  std::chrono::steady_clock::time_point deadline;
  server.gateway.on_submit = [&](call work) {
    deadline = work.deadline;
    work.done(tool_reply{"1"});
  };
  const auto before = std::chrono::steady_clock::now();
  REQUIRE(server.serves());
  CHECK(deadline >= before + limits::call_timeout_ms);
  CHECK(deadline <= std::chrono::steady_clock::now() + limits::call_timeout_ms);
}

TEST_CASE("what one token has too much under way is refused at once, and others are served") {
  rest_server behind;
  behind.gateway.set_token("other", {"beta", "bob", {scope::read}});
  std::vector<completion<tool_reply>> held;
  behind.gateway.on_submit = [&](call work) { held.push_back(std::move(work.done)); };
  std::size_t reported = 0;
  observed_gateway admitting{behind.gateway, [&](const call_report&) { ++reported; }};
  std::size_t refused = 0;
  std::size_t answered = 0;
  const auto submit = [&](const char* token) {
    call work;
    work.from = bearer_token{token};
    work.tool = "read_thing";
    work.done = completion<tool_reply>{[&](result<tool_reply> outcome) {
      if (outcome)
        return static_cast<void>(++answered);
      CHECK(outcome.error().code == error_code::rate_limited);
      CHECK(outcome.error().retry_after_ms == 1'000);
      ++refused;
    }};
    admitting.submit(std::move(work));
  };
  for (std::size_t i = 0; i < limits::workspace_in_flight_calls_max + 5; ++i)
    submit("good");
  CHECK(refused == 5);
  CHECK(reported == 5);
  submit("other");
  CHECK(held.size() == limits::workspace_in_flight_calls_max + 1);
  for (auto& done : std::exchange(held, {}))
    done(tool_reply{"1"});
  CHECK(answered == limits::workspace_in_flight_calls_max + 1);
  submit("good");
  CHECK(held.size() == 1);
  CHECK(refused == 5);
  held.front()(tool_reply{"1"});
}

TEST_CASE("the more calls are refused within a second, the later they are asked to return") {
  calls_under_way calls;
  const std::size_t key = calls_under_way::key_of(bearer_token{"good"});
  const auto now = calls_under_way::clock::now();
  for (std::size_t i = 0; i < limits::workspace_in_flight_calls_max; ++i)
    CHECK_FALSE(calls.refuse_or_begin(key, now));
  std::map<std::int64_t, int> asked_for;
  for (int i = 0; i < 20'000; ++i)
    ++asked_for[calls.refuse_or_begin(key, now).value().count()];
  CHECK(asked_for[1] == 256);
  CHECK(asked_for[9] == 256);
  CHECK(asked_for.rbegin()->first == 10);
  CHECK(calls.refuse_or_begin(key, now + 1s) == 1s);
  CHECK_FALSE(calls.refuse_or_begin(calls_under_way::key_of(bearer_token{"other"}), now));
}

TEST_CASE("/health answers while no call does") {
  constexpr int calls = 300;
  parked_calls parked;
  rest_server server;
  server.gateway.on_submit = [&](call work) { parked.park(std::move(work)); };
  const std::string health = "GET /health HTTP/1.1\r\nHost: a\r\n\r\n";
  const std::string body = with_args("{}");
  std::vector<std::unique_ptr<raw_client>> waiting;
  for (int i = 0; i < calls; ++i) {
    waiting.push_back(std::make_unique<raw_client>(server.port()));
    waiting.back()->send("POST /mcp/call HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good\r\n"
                         "Content-Length: "
                         + std::to_string(body.size()) + "\r\n\r\n" + body);
    if (i % 100 == 0)
      CHECK(ask(server.port(), health).status == 200);
  }
  parked.await(calls);
  CHECK(ask(server.port(), health).status == 200);
  parked.drop();
}

TEST_CASE("without tokens, pages in browsers cannot act as the user of the machine") {
  rest_options everyone;
  everyone.everyone = local_user{"default", "local"};
  everyone.gate = std::make_shared<request_gate>(gate_options{});
  rest_server server{everyone};
  int calls = 0;
  server.gateway.on_submit = [&](call work) {
    ++calls;
    work.done(tool_reply{"1"});
  };
  const std::string body = with_args("{}");
  CHECK(server.post(body).status == 200);
  CHECK(server.post(body, "Origin: http://localhost:3000\r\n").status == 200);
  CHECK(server.post(body, "", "127.0.0.1:3001").status == 200);
  CHECK(calls == 3);
  CHECK(server.post(body, "", "rebound.example.com").status == 403);
  CHECK(server.post(body, "Origin: https://evil.example.com\r\n").status == 403);
  CHECK(server.post(body, "Origin: null\r\nContent-Type: text/plain\r\n").status == 403);
  CHECK(ask(server.port(), "GET /mcp/tools HTTP/1.1\r\nHost: rebound.example.com\r\n\r\n").status
        == 403);
  CHECK(calls == 3);
}
