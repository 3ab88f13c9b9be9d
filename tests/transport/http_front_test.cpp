// SPDX-License-Identifier: Apache-2.0
#include "transport/http/http_front.hpp"

#include "tests/support/raw_client.hpp"
#include "tests/support/test_front.hpp"

#include <doctest/doctest.h>
#include <future>
#include <sys/resource.h>

using namespace crm;
using namespace crm::test;
using namespace crm::transport;

namespace {

const std::string later_request = "GET /later HTTP/1.1\r\nHost: a\r\n\r\n";

std::string echo_request(const std::string& body, const std::string& headers = {}) {
  return "POST /echo HTTP/1.1\r\nHost: a\r\n" + headers
         + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

} // namespace

TEST_CASE("an answer that comes later, from another thread, reaches its client") {
  test_front server;
  raw_client client{server.port()};
  client.send(later_request);
  auto [request, reply] = server.later().take();
  CHECK(request.path == "/later");
  CHECK(request.peer == "127.0.0.1");
  CHECK(request.id.size() == 15);
  // Nobody waits in between: the same loops serve others.
  CHECK(ask(server.port(), good_request).status == 200);
  std::thread{[reply = std::move(reply)]() mutable {
    reply.respond(json_response(200, "1"));
    reply.respond(json_response(500, "a second answer is no answer"));
  }}.join();
  CHECK(client.response().body == "1");
  CHECK(client.send(good_request).response().body == "\"hello\"");
}

TEST_CASE("many calls in flight hold no thread, and each gets its own answer in any order") {
  test_front server;
  std::vector<std::unique_ptr<raw_client>> clients;
  for (int i = 0; i < 200; ++i) {
    clients.push_back(std::make_unique<raw_client>(server.port()));
    clients.back()->send("GET /later?" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n");
  }
  std::vector<std::pair<http_request, exchange>> calls;
  for (std::size_t i = 0; i < clients.size(); ++i)
    calls.push_back(server.later().take());
  CHECK(server.front().stats().requests_in_flight == clients.size());
  while (!calls.empty()) {
    calls.back().second.respond({200, {}, calls.back().first.query});
    calls.pop_back();
  }
  for (std::size_t i = 0; i < clients.size(); ++i)
    CHECK(clients[i]->response().body == std::to_string(i));
}

TEST_CASE("a dropped exchange answers 503 with Retry-After") {
  test_front server;
  raw_client client{server.port()};
  const raw_response at_once = client.send("GET /drop HTTP/1.1\r\nHost: a\r\n\r\n").response();
  CHECK(at_once.status == 503);
  CHECK(at_once.header("Retry-After") == "1");
  CHECK(at_once.body.find("\"OVERLOADED\"") != std::string::npos);
  client.send(later_request);
  server.later().take();
  CHECK(client.response().status == 503);
  CHECK(client.send(good_request).response().status == 200);
}

TEST_CASE("an exchange that is assigned over is dropped") {
  test_front server;
  raw_client first{server.port()};
  raw_client second{server.port()};
  first.send(later_request);
  exchange reply = server.later().take().second;
  second.send(later_request);
  reply = server.later().take().second;
  CHECK(first.response().status == 503);
  reply.respond(json_response(200, "2"));
  CHECK(second.response().body == "2");
}

TEST_CASE("pipelined requests are answered in order, though their answers come late") {
  test_front server;
  raw_client client{server.port()};
  client.send(echo_request("1") + later_request + echo_request("3") + later_request
              + echo_request("5"));
  CHECK(client.response().body == "1");
  server.later().take().second.respond({200, {}, "2"});
  CHECK(client.response().body == "2");
  CHECK(client.response().body == "3");
  server.later().take().second.respond({200, {}, "4"});
  CHECK(client.response().body == "4");
  CHECK(client.response().body == "5");
}

TEST_CASE("a thousand requests in one piece get a thousand answers, the last of which closes") {
  test_front server;
  raw_client client{server.port()};
  std::string all;
  for (int i = 0; i < 1'001; ++i)
    all += echo_request(std::to_string(i));
  client.send(all);
  for (int i = 0; i < 1'000; ++i) {
    const raw_response answer = client.response();
    REQUIRE(answer.body == std::to_string(i));
    REQUIRE(answer.header("Connection") == (i == 999 ? "close" : ""));
  }
  CHECK(client.is_closed_by_peer());
}

TEST_CASE("pipelined answers larger than the socket's buffer come whole and in order") {
  test_front server;
  raw_client client{server.port()};
  const std::string large = "GET /large HTTP/1.1\r\nHost: a\r\n\r\n";
  client.send(large + std::string{good_request} + large + std::string{good_request});
  for (int i = 0; i < 2; ++i) {
    CHECK(client.response().body.size() == large_bytes);
    CHECK(client.response().body == "\"hello\"");
  }
  CHECK(server.settles([](const auto& s) { return s.bytes_buffered == 0; }));
}

TEST_CASE("HEAD gets the head that GET would get") {
  test_front server;
  raw_client client{server.port()};
  const raw_response head = client.send("HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\n")
                                .response(raw_client::expect::head_only);
  CHECK(head.status == 200);
  CHECK(head.header("Content-Length") == "7");
  CHECK(client.send("HEAD /nothing HTTP/1.1\r\nHost: a\r\n\r\n")
            .response(raw_client::expect::head_only)
            .status
        == 404);
  CHECK(client.send(good_request).response().body == "\"hello\"");
}

TEST_CASE("a client that closes its sending side behind its request still gets the answer") {
  test_front server;
  raw_client client{server.port()};
  client.send(std::string{good_request} + std::string{good_request}).finish();
  CHECK(client.response().status == 200);
  CHECK(client.response().status == 200);
  CHECK(client.is_closed_by_peer());
}

TEST_CASE("HTTP/1.0 and Connection: close end the connection after the answer") {
  test_front server;
  for (const char* request : {"GET /hello HTTP/1.0\r\n\r\n",
                              "GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"}) {
    CAPTURE(request);
    raw_client client{server.port()};
    const raw_response answer = client.send(request).response();
    CHECK(answer.body == "\"hello\"");
    CHECK(answer.header("Connection") == "close");
    CHECK(client.is_closed_by_peer());
  }
}

TEST_CASE("the client's leaving is seen while its call runs") {
  struct row {
    const char* title;
    void (*leave)(raw_client&);
  };
  const row rows[] = {{"by closing", [](raw_client& c) { c.finish(); }},
                      {"by a reset", [](raw_client& c) { c.reset(); }}};
  test_front server;
  for (const row& r : rows) {
    CAPTURE(r.title);
    raw_client client{server.port()};
    client.send(later_request);
    auto [request, reply] = server.later().take();
    peer_watch watch = reply.watch();
    std::promise<void> noticed;
    watch.on_gone([&] { noticed.set_value(); });
    CHECK_FALSE(watch.gone());
    r.leave(client);
    REQUIRE(noticed.get_future().wait_for(std::chrono::seconds{20}) == std::future_status::ready);
    CHECK(watch.gone());
    bool told_at_once = false;
    watch.on_gone([&] { told_at_once = true; });
    CHECK(told_at_once);
    reply.respond(json_response(200, "nobody reads this"));
  }
  CHECK(server.settles([](const auto& s) { return s.connections_open == 0; }));
}

TEST_CASE("a client that was answered is not called gone when it leaves") {
  test_front server;
  bool noticed = false;
  {
    raw_client client{server.port()};
    client.send(later_request);
    auto [request, reply] = server.later().take();
    reply.watch().on_gone([&] { noticed = true; });
    reply.respond(json_response(200, "1"));
    CHECK(client.response().status == 200);
  }
  CHECK(server.settles([](const auto& s) { return s.connections_open == 0; }));
  CHECK_FALSE(noticed);
}

TEST_CASE("connections over the cap are told 503, and there is room again when one leaves") {
  http_options options;
  options.limits.connections_max = 3;
  options.limits.shed_connections_max = 2;
  test_front server{std::move(options)};
  {
    std::vector<std::unique_ptr<raw_client>> inside;
    for (int i = 0; i < 3; ++i) {
      inside.push_back(std::make_unique<raw_client>(server.port()));
      CHECK(inside.back()->send(good_request).response().status == 200);
    }
    raw_client outside{server.port()};
    const raw_response told = outside.response();
    CHECK(told.status == 503);
    CHECK(told.header("Retry-After") == "1");
    CHECK(told.header("Connection") == "close");
    for (int i = 0; i < 20; ++i) {
      const int status = raw_client{server.port()}.response().status;
      CHECK((status == 503 || status == 0));
    }
    CHECK(inside.front()->send(good_request).response().status == 200);
    CHECK(server.front().stats().connections_shed >= 21);
  }
  CHECK(server.settles([](const auto& s) { return s.connections_open == 0; }));
  CHECK(ask(server.port(), good_request).status == 200);
}

TEST_CASE("without a free descriptor clients are turned away, and served again afterwards") {
  test_front server;
  raw_client inside{server.port()};
  CHECK(inside.send(good_request).response().status == 200);
  {
    raw_client outside{server.port()};
    CHECK(outside.send(good_request).response().status == 200);
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
    // The two descriptors of the next connection: the client's own is taken here, the server's is
    // one too many.
    std::vector<int> taken;
    rlimit tight = before;
    tight.rlim_cur = 200;
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &tight) == 0);
    while (taken.size() < 200) {
      const int descriptor = ::dup(0);
      if (descriptor < 0)
        break;
      taken.push_back(descriptor);
    }
    REQUIRE_FALSE(taken.empty());
    ::close(taken.back());
    taken.pop_back();
    raw_client refused{server.port()};
    CHECK(refused.send(good_request).response().status == 0);
    CHECK(inside.send(good_request).response().status == 200);
    for (const int descriptor : taken)
      ::close(descriptor);
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  }
  server.advance(std::chrono::seconds{1});
  CHECK(ask(server.port(), good_request).status == 200);
}

TEST_CASE("bodies that together exceed what may be buffered are shed with 503") {
  http_options options;
  options.limits.buffered_bytes_max = 1024 * 1024;
  test_front server{std::move(options)};
  const std::string half(700 * 1024, 'a');
  raw_client first{server.port()};
  first.send("POST /later HTTP/1.1\r\nHost: a\r\nContent-Length: 716800\r\n\r\n" + half);
  auto [request, reply] = server.later().take();
  raw_client second{server.port()};
  const raw_response shed = second.send(echo_request(half)).response();
  CHECK(shed.status == 503);
  CHECK(shed.header("Retry-After") == "1");
  reply.respond({200, {}, "ok"});
  CHECK(first.response().body == "ok");
  CHECK(server.settles([](const auto& s) { return s.bytes_buffered == 0; }));
  CHECK(ask(server.port(), echo_request(half)).body == half);
  CHECK(server.front().stats().requests_shed == 1);
}

TEST_CASE("forwarded addresses are believed from trusted proxies only") {
  const std::string forwarded = echo_request(
      "", "X-Forwarded-For: 1.2.3.4, 203.0.113.9, 10.0.0.7\r\nX-Forwarded-Proto: https\r\n");
  http_options trusting;
  trusting.trusted_proxies = {"127.0.0.1", "10.0.0.0/8"};
  test_front behind_proxy{std::move(trusting)};
  const raw_response believed = ask(behind_proxy.port(), forwarded);
  CHECK(believed.header("X-Peer") == "203.0.113.9");
  CHECK(believed.header("X-Via") == "https");
  test_front direct;
  const raw_response ignored = ask(direct.port(), forwarded);
  CHECK(ignored.header("X-Peer") == "127.0.0.1");
  CHECK(ignored.header("X-Via") == "http");
}

TEST_CASE("two servers cannot share a port") {
  test_front server;
  http_options options;
  options.port = server.port();
  http_front second{options, {}};
  CHECK_FALSE(second.start());
}

TEST_CASE("what cannot be started says why") {
  http_options bad_proxy;
  bad_proxy.trusted_proxies = {"10.0.0.0/33"};
  http_options bad_host;
  bad_host.host = "not a host";
  http_options bad_tls;
  bad_tls.tls = tls_files{"/nonexistent.pem", "/nonexistent.key"};
  for (const http_options& options : {bad_proxy, bad_host, bad_tls}) {
    http_front front{options, {}};
    const auto started = front.start();
    REQUIRE_FALSE(started);
    CHECK_FALSE(started.error().message.empty());
  }
}

TEST_CASE("draining answers what is in flight, closes what is idle, and accepts nobody") {
  http_options options;
  options.io_threads = 2;
  test_front server{std::move(options)};
  // Connections go to the loops in turn: when both of these are closed, both loops are draining.
  raw_client idle{server.port()};
  raw_client idle_on_the_other{server.port()};
  CHECK(idle.send(good_request).response().status == 200);
  CHECK(idle_on_the_other.send(good_request).response().status == 200);
  raw_client half{server.port()};
  half.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na");
  CHECK(server.settles([](const auto& s) { return s.bytes_buffered > 0; }));
  raw_client busy{server.port()};
  busy.send(later_request);
  auto [request, reply] = server.later().take();

  std::thread draining{[&] { server.front().drain(std::chrono::seconds{60}); }};
  CHECK(idle.is_closed_by_peer());
  CHECK(idle_on_the_other.is_closed_by_peer());
  CHECK_THROWS(raw_client{server.port()});
  const raw_response finished = half.send("bc").response();
  CHECK(finished.body == "abc");
  CHECK(finished.header("Connection") == "close");
  reply.respond(json_response(200, "1"));
  const raw_response answer = busy.response();
  CHECK(answer.body == "1");
  CHECK(answer.header("Connection") == "close");
  draining.join();
  CHECK(server.front().stats().connections_open == 0);
}

TEST_CASE("draining serves no request that was sent behind the one in flight") {
  test_front server;
  raw_client client{server.port()};
  client.send(later_request + std::string{good_request});
  auto [request, reply] = server.later().take();
  std::thread draining{[&] { server.front().drain(std::chrono::seconds{60}); }};
  while (true) {
    try {
      raw_client{server.port()};
    } catch (const std::runtime_error&) {
      break;
    }
  }
  reply.respond(json_response(200, "1"));
  CHECK(client.response().body == "1");
  CHECK(client.finish().is_closed_by_peer());
  draining.join();
  CHECK(server.front().stats().requests == 1);
}

TEST_CASE("a drain that runs out of patience cuts what is left, and late answers are harmless") {
  test_front server;
  raw_client client{server.port()};
  client.send(later_request);
  auto [request, reply] = server.later().take();
  const peer_watch watch = reply.watch();
  server.front().drain(std::chrono::milliseconds{0});
  CHECK(watch.gone());
  CHECK(client.response().status == 0);
  reply.respond(json_response(200, "too late"));
}

TEST_CASE("the counters tell what happened") {
  test_front server;
  raw_client client{server.port()};
  client.send(good_request).response();
  client.send("GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n").response();
  client.send("GET /throw HTTP/1.1\r\nHost: a\r\n\r\n").response();
  const front_counters seen = server.front().stats();
  CHECK(seen.connections_open == 1);
  CHECK(seen.connections_accepted == 1);
  CHECK(seen.requests == 2);
  CHECK(seen.requests_refused == 1);
  CHECK(seen.handlers_failed == 1);
  CHECK(seen.requests_in_flight == 0);
  CHECK(seen.bytes_received > 0);
  CHECK(seen.bytes_sent > seen.bytes_received);
}
