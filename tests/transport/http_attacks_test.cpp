// SPDX-License-Identifier: Apache-2.0
// Attacks on a running front: the required answer, the connection's end, and the next client is
// served as if nothing had happened.
#include "tests/support/raw_client.hpp"
#include "tests/support/resident_memory.hpp"
#include "tests/support/test_front.hpp"
#include "tests/transport/http_shapes.hpp"

#include <array>
#include <doctest/doctest.h>

using namespace crm;
using namespace crm::test;

namespace {

/// What the front itself answers is always the same envelope.
bool is_envelope(const raw_response& answer) {
  return answer.header("Content-Type") == "application/json"
         && answer.body.starts_with(R"({"success":false,"error":{"code":")");
}

} // namespace

TEST_CASE("every malformed or oversized request gets its answer, and the next good one is served") {
  test_front server;
  const std::size_t before = resident_bytes();
  auto shapes = malformed_shapes();
  const auto oversized = oversized_shapes();
  shapes.insert(shapes.end(), oversized.begin(), oversized.end());
  CHECK(shapes.size() >= 200);
  for (const http_shape& shape : shapes) {
    CAPTURE(shape.title);
    raw_client client{server.port()};
    const bool is_head = shape.bytes.starts_with("HEAD");
    const raw_response answer =
        client.send(shape.bytes)
            .response(is_head ? raw_client::expect::head_only : raw_client::expect::body);
    CHECK(answer.status == shape.status);
    if (shape.status != 404) {
      CHECK(answer.header("Connection") == "close");
      CHECK(client.is_closed_by_peer());
    }
    CHECK((is_head || is_envelope(answer)));
    CHECK(ask(server.port(), good_request).status == 200);
  }
  if (memory_is_measurable)
    CHECK(resident_bytes() < before + growth_bytes_max);
}

TEST_CASE("unusual but right requests are served, cut into single bytes too") {
  test_front server;
  for (const http_shape& shape : accepted_shapes()) {
    CAPTURE(shape.title);
    CHECK(ask(server.port(), shape.bytes).status == shape.status);
    if (shape.bytes.size() > 2'000)
      continue;
    raw_client slow{server.port()};
    for (const char byte : shape.bytes)
      slow.send({&byte, 1});
    raw_response answer = slow.response();
    if (answer.status == 100) // the head came without its body, so it was asked for
      answer = slow.response();
    CHECK(answer.status == shape.status);
  }
}

TEST_CASE("a path is compared as it is, and a wrong method is told the right ones") {
  test_front server;
  for (const http_shape& shape : unrouted_shapes()) {
    CAPTURE(shape.title);
    const raw_response answer =
        raw_client{server.port()}
            .send(shape.bytes)
            .response(shape.bytes.starts_with("HEAD") ? raw_client::expect::head_only
                                                      : raw_client::expect::body);
    CHECK(answer.status == shape.status);
    CHECK(answer.header("Allow").empty() == (shape.status != 405));
  }
  CHECK(ask(server.port(), "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n").header("Allow") == "POST, PUT");
  CHECK(ask(server.port(), "PUT /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
            .header("Allow")
        == "GET, HEAD, DELETE");
}

TEST_CASE("a smuggled request is never executed") {
  test_front server;
  const std::string hidden = "GET /later HTTP/1.1\r\nHost: a\r\n\r\n";
  const std::string length = std::to_string(hidden.size());
  const std::string chunk = [&] {
    std::array<char, 16> hex{};
    std::snprintf(hex.data(), hex.size(), "%zx", hidden.size());
    return std::string{hex.data()} + "\r\n" + hidden + "\r\n0\r\n\r\n";
  }();
  const std::string attacks[] = {
      "GET /hello HTTP/1.1\r\nHost: a\r\nContent-Length: " + length + "\r\n\r\n" + hidden,
      "DELETE /hello HTTP/1.1\r\nHost: a\r\nContent-Length: " + length + "\r\n\r\n" + hidden,
      "DELETE /hello HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk,
      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
      "0\r\n\r\n"
          + hidden,
      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: " + length
          + "\r\n\r\n" + hidden,
      "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\nContent-Length: 5\r\n\r\n"
      "0\r\n\r\n"
          + hidden,
      "POST /echo HTTP/1.1\r\nHost: a\r\nA: b\nContent-Length: 0\r\n\r\n" + hidden,
      "POST /nothing HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nX: y\r\n z\r\n\r\n" + hidden,
      "POST /nothing HTTP/1.1\r\nHost: a\r\nContent-Length: " + length + "\r\n\r\n" + hidden,
      "POST /guarded HTTP/1.1\r\nHost: a\r\nContent-Length: " + length + "\r\n\r\n" + hidden,
      "POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: " + length + "\r\n\r\n" + hidden,
      "POST /small HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk,
  };
  for (const std::string& attack : attacks) {
    CAPTURE(attack);
    raw_client client{server.port()};
    CHECK(client.send(attack).response().status >= 400);
    CHECK(client.is_closed_by_peer());
  }
  CHECK(server.front().stats().requests == 0);
}

TEST_CASE("a length over the bound is refused before the body is sent") {
  test_front server;
  raw_client client{server.port()};
  const raw_response answer =
      client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 268435456\r\n\r\n").response();
  CHECK(answer.status == 413);
  CHECK(answer.body.find("CONTENT_TOO_LARGE") != std::string::npos);
  CHECK(client.is_closed_by_peer());
}

TEST_CASE("floods past a bound cost the server no memory") {
  test_front server;
  const std::size_t before = resident_bytes();
  const std::string block(1024 * 1024, 'a');
  for (const char* beginning :
       {"GET /", "GET /hello HTTP/1.1\r\nHost: a\r\nA: ",
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 67108864\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4000000\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: "}) {
    CAPTURE(beginning);
    raw_client client{server.port()};
    client.send(beginning);
    for (int i = 0; i < 64; ++i)
      client.send(block);
    CHECK(ask(server.port(), good_request).status == 200);
  }
  if (memory_is_measurable)
    CHECK(resident_bytes() < before + growth_bytes_max);
}

TEST_CASE("a peer that resets at any moment harms nobody") {
  test_front server;
  const std::string whole = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";
  for (std::size_t bytes = 0; bytes <= whole.size(); ++bytes) {
    raw_client client{server.port()};
    client.send(std::string_view{whole}.substr(0, bytes)).reset();
  }
  CHECK(ask(server.port(), good_request).status == 200);
  CHECK(server.settles([](const auto& s) { return s.connections_open == 0; }));
}

TEST_CASE("what a handler throws stays inside, and the answer names the request only") {
  test_front server;
  raw_client client{server.port()};
  const raw_response answer = client.send("GET /throw HTTP/1.1\r\nHost: a\r\n\r\n").response();
  CHECK(answer.status == 500);
  CHECK(is_envelope(answer));
  CHECK(answer.header("X-Request-Id").size() == 15);
  CHECK((answer.head + answer.body).find("secret") == std::string::npos);
  CHECK(client.send(good_request).response().status == 200);
}

TEST_CASE("nothing that a route puts into a header can split the response") {
  test_front server;
  raw_client client{server.port()};
  const raw_response answer = client.send("GET /inject?x HTTP/1.1\r\nHost: a\r\n\r\n").response();
  CHECK(answer.status == 302);
  CHECK(answer.header("Location") == "/x%0D%0ASet-Cookie: a=b%0Ax");
  CHECK(answer.header("Set-Cookie").empty());
  CHECK(answer.head.find("Worse") == std::string::npos);
  CHECK(answer.header("Content-Length") == "0");
  CHECK(client.send(good_request).response().status == 200);
}

TEST_CASE("Range has no effect") {
  test_front server;
  const raw_response answer =
      ask(server.port(), "GET /hello HTTP/1.1\r\nHost: a\r\nRange: bytes=0-0,0-0,1-1\r\n\r\n");
  CHECK(answer.status == 200);
  CHECK(answer.body == "\"hello\"");
}

TEST_CASE("100 Continue comes only after the head was found good") {
  test_front server;
  const std::string tail = "Host: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n";
  struct row {
    const char* line;
    const char* more;
    int status;
  };
  const row rows[] = {
      {"POST /echo HTTP/1.1\r\n", "", 100},
      {"POST /nothing HTTP/1.1\r\n", "", 404},
      {"PATCH /echo HTTP/1.1\r\n", "", 405},
      {"POST /guarded HTTP/1.1\r\n", "", 401},
      {"POST /guarded HTTP/1.1\r\n", "Authorization: Bearer x\r\n", 100},
      {"POST /echo HTTP/1.1\r\n", "Content-Encoding: gzip\r\n", 415},
      {"POST /echo HTTP/1.1\r\n", "Transfer-Encoding: chunked\r\n", 400},
  };
  for (const row& r : rows) {
    CAPTURE(r.line);
    CAPTURE(r.more);
    raw_client client{server.port()};
    CHECK(client.send(r.line + tail + r.more + "\r\n").response().status == r.status);
    if (r.status != 100) {
      CHECK(client.is_closed_by_peer());
      continue;
    }
    const raw_response answer = client.send("abc").response();
    CHECK(answer.status == 200);
    CHECK(answer.body == "abc");
  }
  raw_client large{server.port()};
  CHECK(large
            .send("POST /small HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
                  "Content-Length: 17\r\n\r\n")
            .response()
            .status
        == 413);
}
