// SPDX-License-Identifier: Apache-2.0
#include "storage/digest.hpp"
#include "tests/support/workflow_calls.hpp"

#include <doctest/doctest.h>

using crm::inbound_message;
using crm::json;
using namespace crm::test;
using namespace std::chrono_literals;

namespace {

const json on_message{{"type", "webhook.received"}, {"config", json::object()}};

/// Reads the address out of the `inboundPath` of a workflow.
inbound_message message_for(const json& workflow, std::string body) {
  const std::string path = workflow.at("inboundPath");
  const auto value_of = [&](const std::string& name) {
    const std::size_t at = path.find(name + "=") + name.size() + 1;
    return path.substr(at, path.find('&', at) - at);
  };
  inbound_message message;
  message.workspace = value_of("workspace");
  message.workflow = value_of("workflow");
  message.url_signature = value_of("signature");
  message.body = std::move(body);
  return message;
}

answer post(test_system& system, inbound_message message) {
  std::promise<std::string> promise;
  auto envelope = promise.get_future();
  message.origin = {"webhook", "req"};
  message.deadline = std::chrono::steady_clock::now() + 60s;
  message.done = crm::completion<crm::tool_reply>{
      [&](const auto& outcome) { promise.set_value(crm::envelope_of(outcome)); }};
  system.get().receive(std::move(message));
  return {json::parse(envelope.get())};
}

std::string padded_base64(std::string text) {
  for (char& c : text)
    c = c == '-' ? '+' : (c == '_' ? '/' : c);
  while (text.size() % 4 != 0)
    text.push_back('=');
  return text;
}

/// Signs a message as Standard Webhooks 1.0 says, with nothing but the secret a sender is given.
void sign(inbound_message& message, const json& workflow, const std::string& id,
          std::int64_t now_ms) {
  std::string secret = workflow.at("signingSecret").get<std::string>().substr(6);
  while (secret.ends_with('='))
    secret.pop_back();
  for (char& c : secret)
    c = c == '+' ? '-' : (c == '/' ? '_' : c);
  message.url_signature.clear();
  message.id = id;
  message.timestamp = std::to_string(now_ms / 1'000);
  message.signature = "v1,"
                      + padded_base64(crm::storage::base64url(crm::storage::hmac_sha256(
                          crm::storage::from_base64url(secret),
                          id + "." + message.timestamp + "." + message.body)));
}

} // namespace

TEST_CASE("a message to a workflow's signed URL starts a run that reads its body") {
  test_system system;
  const json workflow = define(system, on_message, {add_task(1, "Order {{trigger.body.number}}")});
  const auto taken = post(system, message_for(workflow, R"({"number":"A-17"})"));
  const json run = await_runs(system, "completed")[0];
  CHECK(run["id"] == taken.data()["executionId"]);
  CHECK(system.call("list_activities_by_type", {{"type", "task"}}).data()[0]["subject"]
        == "Order A-17");
  // Without an id nobody can tell two messages from one that is sent twice.
  post(system, message_for(workflow, R"({"number":"A-17"})")).data();
  await_runs(system, "completed", 2);
}

TEST_CASE("a signed message starts one run however often it is sent") {
  test_system system;
  const json workflow = define(system, on_message, {add_task(1, "x")});
  inbound_message message = message_for(workflow, "{}");
  sign(message, workflow, "msg_1", system.surroundings().now_ms());
  const auto copy = [&] {
    inbound_message again = message_for(workflow, "{}");
    sign(again, workflow, "msg_1", system.surroundings().now_ms());
    return again;
  };
  const json first = post(system, std::move(message)).data();
  CHECK(post(system, copy()).data() == first);
  system.restart();
  CHECK(post(system, copy()).data() == first);
  await_runs(system, "completed", 1);
  CHECK(count_tasks(system) == 1);
}

TEST_CASE("a message whose signature does not fit starts nothing") {
  test_system system;
  const json workflow = define(system, on_message, {add_task(1, "x")});
  const json other = define(system, on_message, {add_task(1, "x")}, "other");
  const std::int64_t now_ms = system.surroundings().now_ms();
  const auto signed_at = [&](std::int64_t at_ms) {
    inbound_message message = message_for(workflow, "{}");
    sign(message, workflow, "m", at_ms);
    return message;
  };
  struct row {
    const char* what;
    inbound_message message;
  };
  std::vector<row> rows;
  rows.push_back({"no signature at all", message_for(workflow, "{}")});
  rows.back().message.url_signature.clear();
  rows.push_back({"another workflow's URL", message_for(other, "{}")});
  rows.back().message.workflow = workflow["id"];
  rows.push_back({"six minutes old", signed_at(now_ms - 360'000)});
  rows.push_back({"six minutes ahead", signed_at(now_ms + 360'000)});
  rows.push_back({"another body", signed_at(now_ms)});
  rows.back().message.body = "{\"a\":1}";
  rows.push_back({"another id", signed_at(now_ms)});
  rows.back().message.id = "m2";
  // A signature that is there must fit, even if the URL's does.
  rows.push_back({"a bad signature to a good URL", message_for(workflow, "{}")});
  rows.back().message.signature = "v1,AAAA";
  rows.back().message.timestamp = std::to_string(now_ms / 1'000);
  for (row& each : rows) {
    CAPTURE(each.what);
    CHECK(post(system, std::move(each.message)).code() == "UNAUTHENTICATED");
  }
  CHECK(system.call("list_executions", json::object()).page()["total"] == 0);
}

TEST_CASE("a stranger learns nothing from asking for what waits for no message") {
  test_system system;
  const json workflow = define(system, on_message, {add_task(1, "x")});
  const json manual = define(system, {{"type", "manual"}, {"config", json::object()}},
                             {add_task(1, "x")}, "by hand");
  CHECK(!manual.contains("inboundPath"));
  inbound_message no_workspace = message_for(workflow, "{}");
  no_workspace.workspace = "elsewhere";
  inbound_message no_workflow = message_for(workflow, "{}");
  no_workflow.workflow = "wf_none";
  inbound_message of_manual = message_for(workflow, "{}");
  of_manual.workflow = manual["id"];
  const json expected = post(system, std::move(no_workspace)).error();
  CHECK(expected["code"] == "NOT_FOUND");
  CHECK(post(system, std::move(no_workflow)).error() == expected);
  CHECK(post(system, std::move(of_manual)).error() == expected);
}

TEST_CASE("a message that cannot start a run says why, and a condition that fails is no error") {
  test_system system;
  json trigger = on_message;
  trigger["config"]["conditions"] = {{{"field", "body.kind"}, {"value", "order"}}};
  const json workflow = define(system, trigger, {add_task(1, "x")});
  CHECK(post(system, message_for(workflow, "not json")).code() == "INVALID_REQUEST");
  CHECK(post(system, message_for(workflow, "\"" + std::string(300'000, 'x') + "\"")).code()
        == "CONTENT_TOO_LARGE");
  CHECK(post(system, message_for(workflow, R"({"kind":"other"})")).data()["executionId"]
        == nullptr);
  system.call("pause_workflow", {{"workflowId", workflow["id"]}}).data();
  CHECK(post(system, message_for(workflow, R"({"kind":"order"})")).code() == "CONFLICT");
  system.call("resume_workflow", {{"workflowId", workflow["id"]}}).data();
  CHECK(post(system, message_for(workflow, R"({"kind":"order"})")).ok());
  await_runs(system, "completed", 1);
}
