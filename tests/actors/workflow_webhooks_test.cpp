// SPDX-License-Identifier: Apache-2.0
#include "storage/digest.hpp"
#include "tests/support/http_receiver.hpp"
#include "tests/support/workflow_calls.hpp"

#include <doctest/doctest.h>

#include <atomic>

using crm::json;
using namespace crm::test;
using namespace std::chrono_literals;

namespace {

json webhook_to(const std::string& url) {
  return json::array(
      {{{"type", "webhook"},
        {"order", 1},
        {"config", {{"url", url}, {"body", {{"name", "{{trigger.after.firstName}}"}}}}}}});
}

crm::actors::system_options reaching_loopback() {
  crm::actors::system_options options;
  options.webhook_targets = crm::target_rules::loopback_too;
  return options;
}

/// The key in a secret such as whsec_…, whose base64 is read as base64url.
std::string key_of(std::string secret) {
  secret = secret.substr(6);
  while (secret.ends_with('='))
    secret.pop_back();
  for (char& c : secret)
    c = c == '+' ? '-' : (c == '/' ? '_' : c);
  return crm::storage::from_base64url(secret);
}

} // namespace

TEST_CASE("a webhook goes out once, signed as Standard Webhooks asks") {
  http_receiver receiver{http_receiver::status("200 OK")};
  test_system system{reaching_loopback()};
  // The port is no public one, so that the URL stands in a template: it is checked when it is sent.
  json trigger = on_contact_created();
  const json workflow = define(system, trigger, webhook_to("{{trigger.after.notes}}"));
  system
      .call("create_contact", {{"firstName", "Ada"}, {"lastName", "L"}, {"notes", receiver.url()}})
      .data();
  const json run = await_runs(system, "completed", 1)[0];
  CHECK(run["steps"][0]["data"]["status"] == 200);
  const auto requests = receiver.all();
  REQUIRE(requests.size() == 1);
  CHECK(json::parse(requests[0].body) == json{{"name", "Ada"}});
  const std::string id = requests[0].header("webhook-id");
  const std::string timestamp = requests[0].header("webhook-timestamp");
  CHECK(id == "msg_" + run["id"].get<std::string>() + "_1");
  std::string expected = crm::storage::base64url(crm::storage::hmac_sha256(
      key_of(workflow["signingSecret"]), id + "." + timestamp + "." + requests[0].body));
  std::string given = requests[0].header("webhook-signature");
  REQUIRE(given.starts_with("v1,"));
  CHECK(key_of("whsec_" + given.substr(3)) == crm::storage::from_base64url(expected));
}

TEST_CASE("a target that fails is tried again with the same id and body; Retry-After is honoured") {
  std::atomic<int> failures_left{2};
  http_receiver receiver{[&](int socket, const received& request) {
    if (failures_left-- > 0)
      return http_receiver::status("429 Too Many Requests", "Retry-After: 3600\r\n")(socket,
                                                                                     request);
    http_receiver::status("204 No Content")(socket, request);
  }};
  test_system system{reaching_loopback()};
  define(system, on_contact_created(), webhook_to("{{trigger.after.notes}}"));
  system
      .call("create_contact", {{"firstName", "Ada"}, {"lastName", "L"}, {"notes", receiver.url()}})
      .data();
  for (int attempt = 1; attempt <= 2; ++attempt) {
    const json run = await_step(system, 0, "waiting", attempt);
    CHECK(run["nextAttemptAt"].get<std::int64_t>() >= system.surroundings().now_ms() + 3'600'000);
    pass_time(system, 2h);
  }
  await_runs(system, "completed", 1);
  const auto requests = receiver.all();
  REQUIRE(requests.size() == 3);
  CHECK(requests[0].header("webhook-id") == requests[2].header("webhook-id"));
  CHECK(requests[0].body == requests[2].body);
  CHECK(requests[0].header("webhook-timestamp") != requests[2].header("webhook-timestamp"));
}

TEST_CASE(
    "410 pauses the workflow, another 4xx fails the run at once, a redirect is not followed") {
  struct row {
    const char* line;
    bool active;
  };
  for (const row each :
       {row{"410 Gone", false}, row{"404 Not Found", true}, row{"302 Found", true}}) {
    CAPTURE(std::string{each.line});
    http_receiver receiver{
        http_receiver::status(each.line, "Location: http://169.254.169.254/latest/meta-data\r\n")};
    test_system system{reaching_loopback()};
    define(system, on_contact_created(), webhook_to("{{trigger.after.notes}}"));
    system
        .call("create_contact",
              {{"firstName", "Ada"}, {"lastName", "L"}, {"notes", receiver.url()}})
        .data();
    await_runs(system, "failed", 1);
    CHECK(receiver.all().size() == 1);
    CHECK(system.call("list_workflows", json::object()).data()[0]["isActive"] == each.active);
  }
}

TEST_CASE("an answer without end is cut, and a target that hangs holds up no call") {
  std::atomic<bool> stop{false};
  http_receiver endless{[&](int socket, const received&) {
    http_receiver::write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n");
    const std::string part(64 * 1024, 'x');
    while (!stop && ::send(socket, part.data(), part.size(), MSG_NOSIGNAL) > 0) {
    }
  }};
  test_system system{reaching_loopback()};
  define(system, on_contact_created(), webhook_to("{{trigger.after.notes}}"));
  system.call("create_contact", {{"firstName", "Ada"}, {"lastName", "L"}, {"notes", endless.url()}})
      .data();
  CHECK(await_runs(system, "completed", 1)[0]["steps"][0]["data"]["status"] == 200);
  stop = true;

  std::promise<void> release;
  auto released = release.get_future().share();
  http_receiver hanging{[&](int, const received&) { released.wait(); }};
  system.call("create_contact", {{"firstName", "Bob"}, {"lastName", "L"}, {"notes", hanging.url()}})
      .data();
  for (int i = 0; i < 200; ++i)
    CHECK(add_contact(system, "C")["version"] == 1);
  release.set_value();
}

TEST_CASE("a target that hangs costs its run an attempt, and the next one is told") {
  std::promise<void> release;
  auto released = release.get_future().share();
  http_receiver receiver{[&](int socket, const received& request) {
    if (released.wait_for(0s) != std::future_status::ready)
      return released.wait();
    http_receiver::status("200 OK")(socket, request);
  }};
  crm::actors::system_options hasty = reaching_loopback();
  hasty.webhook_timeout_ms = 50ms;
  test_system system{hasty};
  define(system, on_contact_created(), webhook_to("{{trigger.after.notes}}"));
  system
      .call("create_contact", {{"firstName", "Ada"}, {"lastName", "L"}, {"notes", receiver.url()}})
      .data();
  const json run = await_step(system, 0, "waiting", 1);
  CAPTURE(run.dump());
  CHECK(run["status"] == "pending");
  CHECK(run["nextAttemptAt"].get<std::int64_t>() > system.surroundings().now_ms());
  CHECK(run["steps"][0]["error"]["message"].get<std::string>().find("Timeout")
        != std::string::npos);
  release.set_value();
  pass_time(system, 2h);
  CHECK(await_runs(system, "completed", 1)[0]["steps"][0]["attempts"] == 2);
}

TEST_CASE("an address that is not public is refused when the webhook is sent") {
  http_receiver receiver{http_receiver::status("200 OK")};
  test_system system; // as in production
  define(system, on_contact_created(), webhook_to("{{trigger.after.notes}}"));
  for (const char* url : {"http://127.0.0.1/", "http://localhost/", "http://0x7f.1/",
                          "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://2130706433/",
                          "http://169.254.169.254/latest/meta-data", "file:///etc/passwd"})
    system.call("create_contact", {{"firstName", "A"}, {"lastName", "B"}, {"notes", url}}).data();
  const json failed = await_runs(system, "failed", 8);
  for (const json& run : failed) {
    CAPTURE(run.dump());
    CHECK(run["steps"][0]["attempts"] == 1);
  }
  CHECK(receiver.all().empty());
}
