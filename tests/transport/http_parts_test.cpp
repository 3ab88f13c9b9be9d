// SPDX-License-Identifier: Apache-2.0
// The small parts of the front by themselves.
#include "transport/http/response_writer.hpp"
#include "transport/http/timer_wheel.hpp"
#include "transport/http/trusted_proxies.hpp"

#include <algorithm>
#include <doctest/doctest.h>

using namespace crm;
using namespace crm::transport;
using namespace std::chrono_literals;

TEST_CASE("every deadline is reported once, not early, and at most a tick and a bit late") {
  const time_point start{1'000s};
  timer_wheel wheel{start};
  std::vector<time_point> deadlines;
  for (std::uint32_t slot = 0; slot < 500; ++slot) {
    deadlines.push_back(start + 37ms * ((slot * 7919) % 1'300));
    wheel.set(slot, deadlines.back());
  }
  std::vector<std::uint32_t> due;
  std::vector<int> reported(deadlines.size());
  for (time_point now = start; now < start + 60s; now += 10ms) {
    due.clear();
    wheel.collect_due(now, due);
    for (const std::uint32_t slot : due) {
      ++reported[slot];
      CHECK(now >= deadlines[slot]);
      CHECK(now <= deadlines[slot] + 2 * timer_wheel::tick);
    }
  }
  CHECK(std::count(reported.begin(), reported.end(), 1) == 500);
  CHECK_FALSE(wheel.next());
}

TEST_CASE("a deadline can be moved and forgotten") {
  const time_point start{};
  timer_wheel wheel{start};
  std::vector<std::uint32_t> due;
  for (std::uint32_t slot = 0; slot < 4; ++slot)
    wheel.set(slot, start + 1s);
  wheel.set(1, start + 2s);
  wheel.forget(2);
  wheel.forget(77);
  wheel.collect_due(start + 1'100ms, due);
  std::sort(due.begin(), due.end());
  CHECK(due == std::vector<std::uint32_t>{0, 3});
  due.clear();
  wheel.collect_due(start + 2'100ms, due);
  CHECK(due == std::vector<std::uint32_t>{1});
}

TEST_CASE("a deadline beyond the horizon is reported at the horizon") {
  const time_point start{};
  timer_wheel wheel{start};
  wheel.set(0, start + 1h);
  REQUIRE(wheel.next());
  CHECK(*wheel.next() <= start + 52s);
  std::vector<std::uint32_t> due;
  wheel.collect_due(start + 52s, due);
  CHECK(due.size() == 1);
}

TEST_CASE("a clock that jumps far ahead skips no deadline") {
  const time_point start{};
  timer_wheel wheel{start};
  for (std::uint32_t slot = 0; slot < 100; ++slot)
    wheel.set(slot, start + slot * 500ms);
  std::vector<std::uint32_t> due;
  wheel.collect_due(start + 24h, due);
  CHECK(due.size() == 100);
  wheel.set(7, start + 24h + 1s);
  due.clear();
  wheel.collect_due(start + 24h + 1'100ms, due);
  CHECK(due == std::vector<std::uint32_t>{7});
}

TEST_CASE("networks of trusted proxies hold what they should") {
  const auto set =
      trusted_proxies::parse({"10.0.0.0/8", "127.0.0.1", "fd00::/8", "192.0.2.128/25"});
  REQUIRE(set);
  for (const char* inside :
       {"10.0.0.1", "10.255.255.255", "127.0.0.1", "fd12::1", "192.0.2.200", "::ffff:10.1.1.1"}) {
    CAPTURE(inside);
    CHECK(set->contains(inside));
  }
  for (const char* outside : {"11.0.0.1", "127.0.0.2", "fe80::1", "192.0.2.1", "::1", "", "10.0.0",
                              "unknown", "10.0.0.1:80"}) {
    CAPTURE(outside);
    CHECK_FALSE(set->contains(outside));
  }
  for (const char* bad : {"", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "::/129", "localhost",
                          "/8", "10.0.0.0/8/8", "10.0.0.0/a"}) {
    CAPTURE(bad);
    CHECK_FALSE(trusted_proxies::parse({bad}));
  }
}

TEST_CASE("the client behind proxies is the nearest address that is no proxy") {
  const auto set = trusted_proxies::parse({"10.0.0.0/8"});
  REQUIRE(set);
  struct row {
    const char* peer;
    std::vector<const char*> forwarded;
    const char* want;
  };
  const row rows[] = {
      {"10.0.0.1", {"203.0.113.9"}, "203.0.113.9"},
      {"10.0.0.1", {"1.1.1.1, 203.0.113.9"}, "203.0.113.9"},
      {"10.0.0.1", {"1.1.1.1", "203.0.113.9, 10.0.0.2"}, "203.0.113.9"},
      {"10.0.0.1", {"10.0.0.3,10.0.0.2"}, "10.0.0.3"},
      {"10.0.0.1", {"spoofed, 10.0.0.2"}, "10.0.0.2"},
      {"10.0.0.1", {"<script>"}, "10.0.0.1"},
      {"10.0.0.1", {""}, "10.0.0.1"},
      {"10.0.0.1", {","}, "10.0.0.1"},
      {"10.0.0.1", {}, "10.0.0.1"},
      {"8.8.8.8", {"203.0.113.9"}, "8.8.8.8"},
      {"10.0.0.1", {"2001:db8::1"}, "2001:db8::1"},
  };
  for (const row& r : rows) {
    http_request request;
    request.peer = r.peer;
    for (const char* line : r.forwarded)
      request.headers.add("X-Forwarded-For", line);
    set->apply(request);
    CHECK(request.peer == r.want);
  }
}

TEST_CASE("a response's head is written in full") {
  std::string out;
  append_head(
      out, {200, {{"Content-Type", "text/plain"}, {"Date", "never"}, {"connection", "x"}}, "abc"},
      body_framing::length, persistence::close, "Date: now\r\n");
  CHECK(out
        == "HTTP/1.1 200 OK\r\nDate: now\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n"
           "Connection: close\r\n\r\n");
  out.clear();
  append_head(out, {204, {}, "ignored"}, body_framing::length, persistence::keep_alive, "");
  CHECK(out == "HTTP/1.1 204 No Content\r\n\r\n");
}

TEST_CASE("the date is that of RFC 9110") {
  CHECK(date_line(std::chrono::system_clock::time_point{784'111'777s})
        == "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
}
