// SPDX-License-Identifier: Apache-2.0
#include "tests/support/raw_client.hpp"
#include "tests/support/test_front.hpp"

#include <doctest/doctest.h>
#include <future>

using namespace crm;
using namespace crm::test;
using namespace crm::transport;
using namespace std::chrono_literals;

namespace {

const std::string later_request = "GET /later HTTP/1.1\r\nHost: a\r\n\r\n";

http_response event_head() {
  return {200, {{"Content-Type", "text/event-stream"}}, {}};
}

/// A client with an open stream.
struct open_stream {
  explicit open_stream(test_front& server, const std::string& request = later_request)
      : client(server.port()) {
    client.send(request);
    body = server.later().take().second.open_stream(event_head());
  }
  raw_client client;
  response_stream body;
};

} // namespace

TEST_CASE("a stream's bytes arrive as they are written, from any thread") {
  test_front server;
  open_stream stream{server};
  const std::string head = stream.client.read_until("\r\n\r\n");
  CHECK(head.find("Transfer-Encoding: chunked\r\n") != std::string::npos);
  CHECK(head.find("Content-Length") == std::string::npos);
  for (int i = 0; i < 3; ++i) {
    const std::string event = "data: " + std::to_string(i) + "\n\n";
    std::thread{[&] { CHECK(stream.body.write(event)); }}.join();
    CHECK(stream.client.read_until("\n\n\r\n") == "9\r\n" + event + "\r\n");
  }
  CHECK(server.front().stats().streams_open == 1);
  stream.body.close();
  CHECK(stream.client.read_until("0\r\n\r\n") == "0\r\n\r\n");
  CHECK_FALSE(stream.body.write("closed"));
  CHECK(server.front().stats().streams_open == 0);
}

TEST_CASE("the connection serves on after a stream, the pipelined request first") {
  test_front server;
  open_stream stream{server, later_request + std::string{good_request}};
  stream.body.write("data: 1\n\n");
  stream.body.close();
  CHECK(stream.client.response().body == "data: 1\n\n");
  CHECK(stream.client.response().body == "\"hello\"");
  CHECK(stream.client.send(good_request).response().body == "\"hello\"");
}

TEST_CASE("a dropped stream ends properly") {
  test_front server;
  raw_client client{server.port()};
  client.send(later_request);
  {
    http_response head = event_head();
    head.body = "the beginning, ";
    response_stream body = server.later().take().second.open_stream(std::move(head));
    body.write("the end");
  }
  CHECK(client.response().body == "the beginning, the end");
}

TEST_CASE("an HTTP/1.0 client gets a stream without chunks, ended by the connection") {
  test_front server;
  open_stream stream{server, "GET /later HTTP/1.0\r\n\r\n"};
  CHECK(stream.client.read_until("\r\n\r\n").find("chunked") == std::string::npos);
  stream.body.write("data: 1\n\n");
  CHECK(stream.client.read_until("\n\n") == "data: 1\n\n");
  stream.body.close();
  CHECK(stream.client.is_closed_by_peer());
}

TEST_CASE("HEAD on a stream's path gets the head, and the stream knows that nobody reads") {
  test_front server;
  open_stream stream{server, "HEAD /later HTTP/1.1\r\nHost: a\r\n\r\n"};
  CHECK(stream.client.response(raw_client::expect::head_only).status == 200);
  CHECK_FALSE(stream.body.write("data: 1\n\n"));
  CHECK(stream.client.send(good_request).response().body == "\"hello\"");
}

TEST_CASE("a stream's end is seen when its client leaves") {
  test_front server;
  for (const bool by_reset : {false, true}) {
    CAPTURE(by_reset);
    open_stream stream{server};
    CHECK_FALSE(stream.client.read_until("\r\n\r\n").empty());
    std::promise<void> noticed;
    stream.body.watch().on_gone([&] { noticed.set_value(); });
    by_reset ? stream.client.reset() : static_cast<void>(stream.client.finish());
    REQUIRE(noticed.get_future().wait_for(20s) == std::future_status::ready);
    CHECK_FALSE(stream.body.write("nobody reads this"));
    CHECK(server.settles([](const auto& s) {
      return s.connections_open == 0 && s.streams_open == 0 && s.requests_in_flight == 0;
    }));
  }
}

TEST_CASE("a reader that falls behind is cut, and what waited for it is freed") {
  test_front server;
  open_stream stream{server};
  stream.client.read_little();
  const std::string event(16 * 1024, 'e');
  std::size_t written = 0;
  while (stream.body.write(event) && written < 256 * 1024 * 1024)
    written += event.size();
  CHECK(written < 64 * 1024 * 1024);
  CHECK(server.settles([](const auto& s) {
    return s.streams_cut == 1 && s.connections_open == 0 && s.bytes_buffered == 0;
  }));
  CHECK(stream.body.watch().gone());
}

TEST_CASE("a reader that keeps up may read for ever") {
  test_front server;
  open_stream stream{server};
  CHECK_FALSE(stream.client.read_until("\r\n\r\n").empty());
  const std::string event(64 * 1024, 'e');
  for (int i = 0; i < 64; ++i) {
    REQUIRE(stream.body.write(event));
    CHECK_FALSE(stream.client.read_until("e\r\n").empty());
    server.advance(1min);
  }
  CHECK(server.front().stats().streams_open == 1);
}

TEST_CASE("an idle stream stays open, and costs no buffer") {
  test_front server;
  open_stream stream{server};
  CHECK_FALSE(stream.client.read_until("\r\n\r\n").empty());
  server.advance(1h);
  CHECK(ask(server.port(), good_request).status == 200);
  CHECK(server.front().stats().bytes_buffered == 0);
  CHECK(stream.body.write("data: 1\n\n"));
  CHECK_FALSE(stream.client.read_until("data: 1\n\n").empty());
}

TEST_CASE("a drain ends streams properly and tells their writers") {
  test_front server;
  open_stream stream{server};
  stream.body.write("data: 1\n\n");
  server.front().drain(20s);
  CHECK(stream.client.response().body == "data: 1\n\n");
  CHECK(stream.client.is_closed_by_peer());
  CHECK(stream.body.watch().gone());
  CHECK_FALSE(stream.body.write("late"));
}
