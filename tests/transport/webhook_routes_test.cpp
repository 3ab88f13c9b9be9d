// SPDX-License-Identifier: Apache-2.0
#include "transport/webhook_routes.hpp"

#include "protocol/limits.hpp"
#include "tests/support/raw_client.hpp"
#include "transport/http/http_front.hpp"

#include <doctest/doctest.h>

#include <mutex>
#include <optional>

using namespace crm;
using namespace crm::test;

namespace {

/// Answers every message with what the test says, and keeps the last.
class fake_inbox : public inbox {
public:
  void receive(inbound_message message) override {
    result<tool_reply> outcome = answer;
    auto done = std::move(message.done);
    {
      const std::lock_guard lock{guard_};
      last_.emplace(std::move(message));
    }
    done(std::move(outcome));
  }

  inbound_message take() {
    const std::lock_guard lock{guard_};
    inbound_message taken = std::move(last_.value());
    last_.reset();
    return taken;
  }
  bool empty() {
    const std::lock_guard lock{guard_};
    return !last_;
  }

  result<tool_reply> answer = tool_reply{R"({"executionId":"exe_1"})"};

private:
  std::mutex guard_;
  std::optional<inbound_message> last_;
};

/// A front with nothing but the route, and a client of it.
struct webhook_front {
  webhook_front() : front{{}, transport::webhook_routes(received)} { REQUIRE(front.start()); }

  raw_response post(const std::string& query, const std::string& headers, const std::string& body) {
    raw_client client{front.port()};
    client.send("POST /webhooks" + query + " HTTP/1.1\r\nHost: a\r\n" + headers
                + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    return client.response();
  }

  fake_inbox received;
  transport::http_front front;
};

} // namespace

TEST_CASE("a posted message reaches the inbox with its address, its signatures and its bytes") {
  webhook_front front;
  const auto answer = front.post("?workspace=acme&workflow=wf_1&signature=s-_1",
                                 "webhook-id: m1\r\nWebhook-Timestamp: 17\r\n"
                                 "webhook-signature: v1,abc= v1,def=\r\n",
                                 "{\"a\": 1}");
  CHECK(answer.status == 202);
  CHECK(answer.body == R"({"success":true,"data":{"executionId":"exe_1"}})");
  const inbound_message message = front.received.take();
  CHECK(message.workspace == "acme");
  CHECK(message.workflow == "wf_1");
  CHECK(message.url_signature == "s-_1");
  CHECK(message.id == "m1");
  CHECK(message.timestamp == "17");
  CHECK(message.signature == "v1,abc= v1,def=");
  CHECK(message.body == "{\"a\": 1}");
}

TEST_CASE("an address that is no workflow's is refused before anybody is asked") {
  webhook_front front;
  for (const char* query : {"", "?", "?workspace=acme", "?workflow=wf_1",
                            "?workspace=acme&workflow=", "?workspace=a&workspace=b&workflow=wf_1",
                            "?workspace=acme&workflow=wf_1&admin=1",
                            "?workspace=acme&&workflow=wf_1", "?workspace&workflow=wf_1"}) {
    CAPTURE(query);
    CHECK(front.post(query, "", "{}").status == 400);
  }
  const std::string good = "?workspace=acme&workflow=wf_1&signature=x";
  CHECK(front.post(good, "webhook-id: a\r\nwebhook-id: b\r\n", "{}").status == 400);
  CHECK(front.post(good, "webhook-id: " + std::string(257, 'x') + "\r\n", "{}").status == 400);
  CHECK(front.post(good, "", std::string(limits::webhook_body_bytes_max + 1, 'x')).status == 413);
  CHECK(front.received.empty());
}

TEST_CASE("what the inbox refuses becomes the status of its code") {
  webhook_front front;
  const std::string good = "?workspace=acme&workflow=wf_1&signature=x";
  front.received.answer = error{error_code::unauthenticated, "no"};
  CHECK(front.post(good, "", "{}").status == 401);
  front.received.answer = error{error_code::not_found, "no"};
  CHECK(front.post(good, "", "{}").status == 404);
  front.received.answer = error{error_code::conflict, "no"};
  CHECK(front.post(good, "", "{}").status == 409);
  front.received.answer = error{error_code::rate_limited, "no", {}, 2'000};
  const auto limited = front.post(good, "", "{}");
  CHECK(limited.status == 429);
  CHECK(limited.header("Retry-After") == "2");
}
