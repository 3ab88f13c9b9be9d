// SPDX-License-Identifier: Apache-2.0
#include "transport/stdio_server.hpp"

#include "protocol/limits.hpp"
#include "tests/support/malformed_messages.hpp"
#include "tests/support/mcp_client.hpp"
#include "transport/line_splitter.hpp"

#include <doctest/doctest.h>

#include <array>
#include <csignal>
#include <thread>

#include <unistd.h>

namespace {

using namespace crm;
using crm::test::legacy_request;

/// A server on two pipes, run by a thread of its own.
class piped_server {
public:
  piped_server() {
    std::signal(SIGPIPE, SIG_IGN);
    REQUIRE(::pipe(in_.data()) == 0);
    REQUIRE(::pipe(out_.data()) == 0);
    server_ = std::make_unique<transport::stdio_server>(
        parts.server, test::mcp_client::caller(), transport::stdio_descriptors{in_[0], out_[1]});
    thread_ = std::thread{[this] {
      status = server_->run();
      ::close(out_[1]);
    }};
  }
  ~piped_server() {
    end_input();
    if (thread_.joinable())
      thread_.join();
    ::close(in_[0]);
    stop_reading();
  }

  void write(std::string_view text) const {
    while (!text.empty()) {
      const auto size = ::write(in_[1], text.data(), text.size());
      REQUIRE(size > 0);
      text.remove_prefix(static_cast<std::size_t>(size));
    }
  }
  void send(const json& message) const { write(dump_json(message) + "\n"); }
  json read() {
    for (;;) {
      if (const auto end = unread_.find('\n'); end != std::string::npos) {
        json value = json::parse(unread_.substr(0, end));
        unread_.erase(0, end + 1);
        return value;
      }
      std::array<char, 4096> buffer{};
      const auto size = ::read(out_[0], buffer.data(), buffer.size());
      if (size <= 0)
        return nullptr;
      unread_.append(buffer.data(), static_cast<std::size_t>(size));
    }
  }
  void end_input() {
    if (std::exchange(input_open_, false))
      ::close(in_[1]);
  }
  void stop_reading() {
    if (std::exchange(output_open_, false))
      ::close(out_[0]);
  }
  void stop() { server_->stop(); }
  void join() { thread_.join(); }

  test::mcp_client parts;
  int status = -1;

private:
  std::array<int, 2> in_{};
  std::array<int, 2> out_{};
  bool input_open_ = true;
  bool output_open_ = true;
  std::unique_ptr<transport::stdio_server> server_;
  std::thread thread_;
  std::string unread_;
};

} // namespace

TEST_CASE(
    "a line splitter gives whole lines whatever the pieces, and drops lines that are too long") {
  const std::string text = "one\n\nthree3333333333\nfour\n";
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    CAPTURE(piece);
    transport::line_splitter splitter{8};
    std::vector<std::string> lines;
    int long_lines = 0;
    for (std::size_t at = 0; at < text.size(); at += piece)
      splitter.take(
          std::string_view{text}.substr(at, piece),
          [&](std::string_view line) { lines.emplace_back(line); }, [&] { ++long_lines; });
    CHECK(lines == std::vector<std::string>{"one", "", "four"});
    CHECK(long_lines == 1);
    CHECK(splitter.rest().empty());
  }
}

TEST_CASE("stdio serves both eras in one process, and garbage between them hurts nobody") {
  piped_server server;
  server.send(test::modern_request("d", "server/discover"));
  CHECK(server.read()["result"]["resultType"] == "complete");
  server.send(legacy_request(0, "initialize",
                             {{"protocolVersion", "2025-11-25"},
                              {"capabilities", json::object()},
                              {"clientInfo", {{"name", "t"}, {"version", "1"}}}}));
  CHECK(server.read()["result"]["protocolVersion"] == "2025-11-25");
  server.send(legacy_request(1, "tools/list"));
  CHECK_FALSE(server.read()["result"].contains("resultType"));
  server.write("garbage\n");
  CHECK(server.read()["error"]["code"] == -32700);
  server.send(test::modern_request(2, "tools/list"));
  CHECK(server.read()["result"]["cacheScope"] == "private");
}

TEST_CASE("a line over the bound is refused and the next line is served") {
  piped_server server;
  server.write(std::string(limits::body_bytes_max + 1, 'x'));
  server.write("\n");
  server.send(legacy_request(1, "ping"));
  CHECK(server.read()["error"]["code"] == -32600);
  CHECK(server.read()["id"] == 1);
}

TEST_CASE("a line of exactly the bound is served") {
  piped_server server;
  std::string line = dump_json(legacy_request(1, "ping"));
  line.append(limits::body_bytes_max - line.size(), ' ');
  server.write(line + "\n");
  CHECK(server.read()["result"] == json::object());
}

TEST_CASE("stdio exits at the end of its input, after the answers under way") {
  piped_server server;
  std::mutex guard;
  std::vector<call> waiting;
  std::promise<void> submitted;
  server.parts.gateway.on_submit = [&](call work) {
    const std::lock_guard lock{guard};
    waiting.push_back(std::move(work));
    submitted.set_value();
  };
  server.send(
      test::modern_request("listen", "subscriptions/listen", {{"notifications", json::object()}}));
  CHECK(server.read()["method"] == "notifications/subscriptions/acknowledged");
  server.send(legacy_request(1, "tools/call", {{"name", "read_thing"}}));
  server.write(R"({"jsonrpc":"2.0","id":2,"method":"ping"})"); // the last line lacks its newline
  submitted.get_future().wait();
  server.end_input();
  CHECK(server.read()["id"] == 2);
  waiting[0].done(tool_reply{"1"});
  CHECK(server.read()["id"] == 1);
  CHECK(server.read().is_null());
  server.join();
  CHECK(server.status == 0);
}

TEST_CASE("stdio exits when nobody reads its output any more") {
  piped_server server;
  server.stop_reading();
  server.join();
  CHECK(server.status == 0);
}

TEST_CASE("stdio exits when it is told to stop") {
  piped_server server;
  server.send(legacy_request(1, "ping"));
  CHECK(server.read()["id"] == 1);
  server.stop();
  server.join();
  CHECK(server.status == 0);
}

TEST_CASE("a client that writes much and reads late gets every answer whole") {
  piped_server server;
  constexpr int calls = 2'000;
  std::thread sender{[&] {
    for (int id = 0; id < calls; ++id)
      server.send(legacy_request(id, "tools/list"));
  }};
  for (int id = 0; id < calls; ++id)
    REQUIRE(server.read()["id"] == id);
  sender.join();
}

TEST_CASE(
    "a thousand malformed messages on stdio are answered as the tables say, and hurt nobody") {
  piped_server server;
  test::malformed_messages messages{20'261'122};
  for (int round = 0; round < 1'000; ++round) {
    const std::string text = messages.next();
    CAPTURE(text);
    server.write(text + "\n");
    server.send(legacy_request("sync", "ping"));
    // One line at most comes before that of the good call.
    json answer;
    json line = server.read();
    if (line.value("id", json()) != "sync") {
      answer = line;
      line = server.read();
    }
    REQUIRE(line.value("id", json()) == "sync");
    REQUIRE_MESSAGE(test::judge(test::expected_for(text), answer) == "", answer.dump());
  }
}
