// SPDX-License-Identifier: Apache-2.0
// Slow clients, on a clock that the test moves.
#include "tests/support/raw_client.hpp"
#include "tests/support/test_front.hpp"

#include <doctest/doctest.h>

using namespace crm;
using namespace crm::test;
using namespace std::chrono_literals;

namespace {

/// More than a tick of the timer wheel, which may be so much late.
constexpr auto tick = 100ms;

void send_and_wait(test_front& server, raw_client& client, std::string_view bytes) {
  const auto before = server.front().stats().bytes_received;
  client.send(bytes);
  REQUIRE(server.settles([&](const auto& s) { return s.bytes_received >= before + bytes.size(); }));
}

} // namespace

TEST_CASE("a head has to be whole in time, however it drips") {
  test_front server;
  raw_client client{server.port()};
  const std::string request{good_request};
  std::size_t sent = 0;
  for (auto waited = 0ms; waited < limits::head_timeout_ms; waited += 1'000ms) {
    send_and_wait(server, client, request.substr(sent++, 1));
    server.advance(1'000ms);
  }
  server.advance(tick);
  const raw_response answer = client.response();
  CHECK(answer.status == 408);
  CHECK(answer.header("Connection") == "close");
  CHECK(client.is_closed_by_peer());
}

TEST_CASE("a head that comes just in time is served, and the next one has its own time") {
  test_front server;
  raw_client client{server.port()};
  const std::string request{good_request};
  for (int i = 0; i < 3; ++i) {
    send_and_wait(server, client, request.substr(0, 10));
    server.advance(limits::head_timeout_ms - tick);
    CHECK(client.send(request.substr(10)).response().status == 200);
  }
}

TEST_CASE("a thousand drips leave the others untouched") {
  test_front server;
  std::vector<std::unique_ptr<raw_client>> drips;
  for (int i = 0; i < 1'000; ++i) {
    drips.push_back(std::make_unique<raw_client>(server.port()));
    drips.back()->send("G");
    if (i % 100 == 0)
      CHECK(ask(server.port(), good_request).status == 200);
  }
  REQUIRE(server.settles(
      [](const auto& s) { return s.bytes_received == 1'000 + 10 * good_request.size(); }));
  server.advance(limits::head_timeout_ms + tick);
  for (const auto& drip : drips)
    CHECK(drip->response().status == 408);
  CHECK(ask(server.port(), good_request).status == 200);
}

TEST_CASE("a body has to come at a minimum rate") {
  test_front server;
  raw_client client{server.port()};
  send_and_wait(server, client, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n");
  for (auto waited = 0ms; waited < limits::body_window_ms; waited += 1'000ms) {
    send_and_wait(server, client, "a");
    server.advance(1'000ms);
  }
  server.advance(tick);
  CHECK(client.response().status == 408);
  CHECK(client.is_closed_by_peer());
}

TEST_CASE("a body has to be whole in time, whatever its rate") {
  test_front server;
  raw_client client{server.port()};
  send_and_wait(server, client,
                "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");
  const std::string enough(limits::body_window_bytes_min, 'a');
  for (auto waited = 0ms; waited < limits::body_timeout_ms; waited += 1'000ms) {
    send_and_wait(server, client, enough);
    server.advance(1'000ms);
  }
  server.advance(tick);
  CHECK(client.response().status == 408);
}

TEST_CASE("a body that keeps its rate is served") {
  test_front server;
  raw_client client{server.port()};
  const std::string part(limits::body_window_bytes_min, 'a');
  send_and_wait(server, client,
                "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: "
                    + std::to_string(3 * part.size()) + "\r\n\r\n");
  for (int i = 0; i < 3; ++i) {
    server.advance(limits::body_window_ms - tick);
    send_and_wait(server, client, part);
  }
  CHECK(client.response().body.size() == 3 * part.size());
}

TEST_CASE("a parked connection is closed without a word, used or not") {
  test_front server;
  raw_client fresh{server.port()};
  raw_client used{server.port()};
  CHECK(used.send(good_request).response().status == 200);
  REQUIRE(server.settles([](const auto& s) { return s.connections_open == 2; }));
  server.advance(limits::idle_timeout_ms - tick);
  CHECK(used.send(good_request).response().status == 200);
  server.advance(2 * tick);
  CHECK(fresh.response().status == 0);
  CHECK(used.send(good_request).response().status == 200);
  server.advance(limits::idle_timeout_ms + tick);
  CHECK(used.response().status == 0);
}

TEST_CASE("an empty line that nothing follows is not worth an answer") {
  test_front server;
  raw_client client{server.port()};
  send_and_wait(server, client, "\r\n");
  server.advance(limits::head_timeout_ms + tick);
  CHECK(client.response().status == 0);
}

TEST_CASE("a call in flight has all the time it needs") {
  test_front server;
  raw_client client{server.port()};
  client.send("GET /later HTTP/1.1\r\nHost: a\r\n\r\n");
  auto [request, reply] = server.later().take();
  server.advance(10 * limits::idle_timeout_ms);
  CHECK(ask(server.port(), good_request).status == 200);
  reply.respond({200, {}, "at last"});
  CHECK(client.response().body == "at last");
}

TEST_CASE("a client that does not read its answer is closed, and the memory comes back") {
  test_front server;
  raw_client client{server.port()};
  client.read_little();
  client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
  REQUIRE(server.settles([](const auto& s) { return s.bytes_buffered > 0; }));
  CHECK(ask(server.port(), good_request).status == 200);
  server.advance(limits::write_window_ms + tick);
  // What the kernel took in the first window may count as progress once.
  CHECK(server.settles([&](const auto& s) {
    server.advance(limits::write_window_ms + tick);
    return s.connections_open == 0 && s.bytes_buffered == 0;
  }));
}

TEST_CASE("a refused client that keeps sending is cut after a while") {
  test_front server;
  raw_client client{server.port()};
  CHECK(client.send("NONSENSE\r\n").response().status == 400);
  CHECK(server.front().stats().connections_open == 1);
  server.advance(limits::linger_timeout_ms + tick);
  CHECK(server.settles([](const auto& s) { return s.connections_open == 0; }));
}
