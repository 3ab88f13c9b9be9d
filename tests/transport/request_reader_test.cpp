// SPDX-License-Identifier: Apache-2.0
#include "transport/http/request_reader.hpp"

#include "tests/transport/http_shapes.hpp"

#include <algorithm>
#include <doctest/doctest.h>

using namespace crm;
using namespace crm::transport;

namespace {

const http_limits usual;

/// What came of reading some bytes.
struct outcome {
  /// 200 when a request was complete, 0 when it was not.
  int status = 0;
  http_request request;
  std::size_t consumed = 0;

  bool operator==(const outcome& other) const {
    return status == other.status && request.method == other.request.method
           && request.path == other.request.path && request.query == other.request.query
           && request.body == other.request.body
           && request.headers.size() == other.request.headers.size();
  }
};

/// Shows `bytes` to a reader, `step` more of them each time.
outcome read_in_steps(const std::string& bytes, std::size_t step) {
  request_reader reader{usual};
  outcome result;
  for (std::size_t shown = std::min(step, bytes.size());;) {
    const std::string_view window{bytes.data() + result.consumed, shown - result.consumed};
    const reading_step did = reader.read(window);
    REQUIRE(did.consumed <= window.size());
    result.consumed += did.consumed;
    if (did.state == reading::head_complete)
      continue;
    if (did.state == reading::refused)
      result.status = reader.why().status;
    if (did.state == reading::complete)
      result.status = 200;
    if (result.status != 0 || shown == bytes.size())
      break;
    shown = std::min(shown + step, bytes.size());
  }
  result.request = reader.take();
  return result;
}

outcome read_whole(const std::string& bytes) {
  return read_in_steps(bytes, bytes.size());
}

} // namespace

TEST_CASE("the reader refuses what is malformed or too large, and takes what is right") {
  for (const test::http_shape& shape : test::all_shapes()) {
    CAPTURE(shape.title);
    // A reader knows no routes: what is well-formed is complete to it.
    const bool is_routing_matter = shape.status == 404 || shape.status == 405;
    CHECK(read_whole(shape.bytes).status == (is_routing_matter ? 200 : shape.status));
  }
}

TEST_CASE("a request means the same however it is cut") {
  for (const test::http_shape& shape : test::all_shapes()) {
    CAPTURE(shape.title);
    const outcome whole = read_whole(shape.bytes);
    for (const std::size_t step : {1U, 2U, 3U, 7U, 1000U})
      if (shape.bytes.size() < 64 * 1024 || step > 500)
        CHECK(read_in_steps(shape.bytes, step) == whole);
  }
}

TEST_CASE("the beginning of a request is never taken for the whole") {
  for (const test::http_shape& shape : test::accepted_shapes()) {
    if (shape.bytes.size() > 4'000)
      continue;
    CAPTURE(shape.title);
    for (std::size_t bytes = 0; bytes < shape.bytes.size(); ++bytes)
      CHECK(read_whole(shape.bytes.substr(0, bytes)).status == 0);
  }
}

TEST_CASE("bytes behind a request are left for the next one") {
  for (const test::http_shape& shape : test::accepted_shapes()) {
    CAPTURE(shape.title);
    CHECK(read_whole(shape.bytes + "GET /next").consumed == shape.bytes.size());
  }
}

TEST_CASE("a random change of a good request is answered, and consumes no more than there is") {
  // A fixed seed: the same requests each time.
  std::uint64_t state = 42;
  const auto random = [&state] {
    state = state * 6364136223846793005U + 1442695040888963407U;
    return state >> 33U;
  };
  const auto seeds = test::accepted_shapes();
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = seeds[random() % seeds.size()].bytes.substr(0, 300);
    for (std::uint64_t changes = random() % 4; changes-- > 0;)
      bytes[random() % bytes.size()] = static_cast<char>(random());
    const outcome whole = read_whole(bytes);
    const outcome cut = read_in_steps(bytes, 1 + random() % 20);
    CAPTURE(bytes);
    REQUIRE(whole == cut);
  }
}

TEST_CASE("method, path, query, headers and body are what was sent") {
  const outcome read = read_whole("POST /mcp/call?a=%20b?c HTTP/1.1\r\nHost: crm.example:3001\r\n"
                                  "X-Thing:  one two \r\nx-thing: three\r\nRange: bytes=0-1\r\n"
                                  "A: %0d%0a\r\nContent-Length: 2\r\n\r\n{}");
  REQUIRE(read.status == 200);
  CHECK(read.request.method == "POST");
  CHECK(read.request.path == "/mcp/call");
  CHECK(read.request.query == "a=%20b?c");
  CHECK(read.request.body == "{}");
  CHECK(read.request.headers.find("host") == "crm.example:3001");
  CHECK(read.request.headers.find("X-THING") == "one two");
  CHECK(read.request.headers.count("x-thing") == 2);
  CHECK(read.request.headers.find("a") == "%0d%0a");
  CHECK_FALSE(read.request.headers.find("Range"));
  CHECK_FALSE(read.request.headers.find("Missing"));
}

TEST_CASE("a chunked body is put together, and its trailers are not headers") {
  const outcome read =
      read_whole("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                 "5;x=y\r\nhello\r\n6\r\n world\r\n0\r\nAuthorization: Bearer x\r\n\r\n");
  REQUIRE(read.status == 200);
  CHECK(read.request.body == "hello world");
  CHECK_FALSE(read.request.headers.find("Authorization"));
}

TEST_CASE("a route's bound of the body holds for both framings") {
  for (const char* framing :
       {"Content-Length: 17\r\n\r\naaaaaaaaaaaaaaaaa",
        "Transfer-Encoding: chunked\r\n\r\n11\r\naaaaaaaaaaaaaaaaa\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n10\r\naaaaaaaaaaaaaaaa\r\n1\r\na\r\n0\r\n\r\n"}) {
    CAPTURE(framing);
    const std::string bytes = std::string{"POST / HTTP/1.1\r\nHost: a\r\n"} + framing;
    request_reader reader{usual};
    const reading_step head = reader.read(bytes);
    REQUIRE(head.state == reading::head_complete);
    const bool refused =
        reader.limit_body(16) == reading::refused
        || reader.read(std::string_view{bytes}.substr(head.consumed)).state == reading::refused;
    CHECK(refused);
    CHECK(reader.why().status == 413);
  }
}

TEST_CASE("whether the connection goes on is up to version and Connection") {
  struct row {
    const char* bytes;
    persistence want;
  };
  const row rows[] = {
      {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", persistence::keep_alive},
      {"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", persistence::close},
      {"GET / HTTP/1.1\r\nHost: a\r\nConnection: TE , CLOSE\r\n\r\n", persistence::close},
      {"GET / HTTP/1.1\r\nHost: a\r\nConnection: closed\r\n\r\n", persistence::keep_alive},
      {"GET / HTTP/1.0\r\n\r\n", persistence::close},
      {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", persistence::close},
  };
  for (const row& r : rows) {
    CAPTURE(r.bytes);
    request_reader reader{usual};
    REQUIRE(reader.read(r.bytes).state == reading::head_complete);
    CHECK(reader.after_answer() == r.want);
  }
}
