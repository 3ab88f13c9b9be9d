// SPDX-License-Identifier: Apache-2.0
#include "tests/support/test_front.hpp"

#include <stdexcept>

namespace crm::test {

using namespace crm::transport;

void exchange_box::put(http_request request, exchange reply) {
  const std::lock_guard lock{guard_};
  waiting_.emplace_back(std::move(request), std::move(reply));
  arrived_.notify_all();
}

std::pair<http_request, exchange> exchange_box::take() {
  std::unique_lock lock{guard_};
  if (!arrived_.wait_for(lock, std::chrono::seconds{20}, [this] { return !waiting_.empty(); }))
    throw std::runtime_error("no request came to the route");
  auto first = std::move(waiting_.front());
  waiting_.erase(waiting_.begin());
  return first;
}

test_front::test_front(http_options options) {
  options.now = [this] { return clock_.now(); };
  front_.emplace(std::move(options), routes());
  if (const auto started = front_->start(); !started)
    throw std::runtime_error(started.error().message);
}

void test_front::advance(std::chrono::milliseconds by) {
  clock_.advance(by);
  front_->clock_moved();
}

std::vector<route> test_front::routes() {
  const auto hello = [](const http_request&, exchange reply) {
    reply.respond(json_response(200, R"("hello")"));
  };
  const auto echo = [](http_request request, exchange reply) {
    http_response answer{200, {}, std::move(request.body)};
    answer.headers.push_back({"X-Peer", request.peer});
    answer.headers.push_back({"X-Via", request.via == scheme::https ? "https" : "http"});
    answer.headers.push_back({"X-Query", request.query});
    answer.headers.push_back({"X-Headers", std::to_string(request.headers.size())});
    reply.respond(std::move(answer));
  };
  const auto later = [this](http_request request, exchange reply) {
    later_.put(std::move(request), std::move(reply));
  };
  const auto guard = [](const http_request& request) -> std::optional<http_response> {
    if (request.headers.find("Authorization"))
      return std::nullopt;
    return json_response(401, "{}");
  };
  return {
      {"GET", "/hello", hello},
      {"POST", "/echo", echo},
      {"GET", "/later", later},
      {"POST", "/later", later},
      {"DELETE", "/hello", hello},
      {"PUT", "/echo", echo},
      {"GET", "/.well-known/x", hello},
      {"GET", "/large",
       [](const http_request&, exchange reply) {
         reply.respond({200, {}, std::string(large_bytes, 'x')});
       }},
      {"POST", "/small", echo, nullptr, 16},
      {"POST", "/guarded", echo, guard},
      {"GET", "/throw",
       [](const http_request&, const exchange&) { throw std::runtime_error("secret path"); }},
      {"GET", "/drop", [](const http_request&, const exchange&) {}},
      {"GET", "/inject",
       [](const http_request& request, exchange reply) {
         http_response answer{302, {}, {}};
         answer.headers.push_back({"Location", "/x\r\nSet-Cookie: a=b\n" + request.query});
         answer.headers.push_back({"X-Bad\r\nX-Worse", "1"});
         answer.headers.push_back({"Content-Length", "1000"});
         reply.respond(std::move(answer));
       }},
  };
}

} // namespace crm::test
