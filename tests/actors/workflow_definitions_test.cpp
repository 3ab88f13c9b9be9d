// SPDX-License-Identifier: Apache-2.0
#include "tests/support/workflow_calls.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

using crm::json;
using namespace crm::test;

TEST_CASE("a workflow is active from its creation, and an update makes a new version") {
  test_system system;
  const json made = define(system, on_contact_created(), {add_task(1, "Say hello")});
  CHECK(made["id"].get<std::string>().starts_with("wf_"));
  CHECK(made["isActive"] == true);
  CHECK(made["definitionVersion"] == 1);
  CHECK(made["signingSecret"].get<std::string>().starts_with("whsec_"));
  const std::string id = made["id"];

  const json renamed =
      system.call("update_workflow", {{"workflowId", id}, {"name", "Welcome"}}).data();
  CHECK(renamed["definitionVersion"] == 1);
  const json changed =
      system
          .call("update_workflow",
                {{"workflowId", id}, {"actions", json::array({add_task(1, "Call")})}})
          .data();
  CHECK(changed["definitionVersion"] == 2);

  const json paused =
      system.call("pause_workflow", {{"workflowId", id}, {"reason", "holidays"}}).data();
  CHECK(paused["isActive"] == false);
  CHECK(paused["pauseReason"] == "holidays");
  CHECK(!paused.contains("signingSecret"));
  CHECK(system.call("pause_workflow", {{"workflowId", id}}).code() == "CONFLICT");
  CHECK(system.call("list_workflows", {{"isActive", true}}).page()["total"] == 0);
  CHECK(system.call("resume_workflow", {{"workflowId", id}}).data()["isActive"] == true);
  CHECK(system.call("list_workflows", {{"isActive", true}}).page()["total"] == 1);
}

TEST_CASE("what is wrong with a definition is named by its path, with what to send instead") {
  test_system system;
  struct row {
    json trigger;
    json actions;
    const char* path;
    const char* did_you_mean;
  };
  const json good = on_contact_created();
  const auto call = [](json config) {
    return json::array({{{"type", "call_tool"}, {"order", 1}, {"config", std::move(config)}}});
  };
  const json task = json::array({add_task(1, "x")});
  const auto trigger = [](const char* type, json config) {
    return json{{"type", type}, {"config", std::move(config)}};
  };
  const row rows[] = {
      {trigger("record.create", json::object()), task, "trigger.type", "record.created"},
      {trigger("record.created", {{"entityType", "contcat"}}), task, "trigger.config.entityType",
       "contact"},
      {trigger("record.created", {{"entityTyp", "contact"}}), task, "trigger.config.entityTyp",
       "entityType"},
      {trigger("deal.stage_changed", {{"to", "wonn"}}), task, "trigger.config.to", "won"},
      {trigger("record.updated", {{"entityType", "deal"}, {"to", 5}}), task,
       "trigger.config.fields", ""},
      {trigger("schedule", {{"cron", "x"}}), task, "trigger.config.cron", ""},
      {trigger("schedule", {{"cron", "0 9 * * *"}, {"timeZone", "Berlin"}}), task,
       "trigger.config.timeZone", ""},
      {good, json::array({{{"type", "call_tol"}, {"order", 1}, {"config", json::object()}}}),
       "actions[0].type", "call_tool"},
      {good, call({{"tool", "create_activty"}}), "actions[0].config.tool", "create_activity"},
      {good, call({{"tool", "get_contact"}}), "actions[0].config.tool", ""},
      {good, call({{"tool", "create_activity"}, {"args", {{"type", "task"}, {"subjet", "x"}}}}),
       "actions[0].config.args.subjet", "subject"},
      {good,
       call({{"tool", "create_activity"},
             {"args", {{"type", "task"}, {"subject", "{{triger.after.id}}"}}}}),
       "actions[0].config.args", ""},
      {good, json::array({add_task(1, "a"), add_task(1, "b")}), "actions[1].order", ""},
      {good, json::array({add_task(1, "{{steps.2.data.id}}"), add_task(2, "b")}),
       "actions[0].config.args", ""},
      {good, json::array({{{"type", "webhook"}, {"order", 1}, {"config", {{"url", "ftp://x"}}}}}),
       "actions[0].config.url", ""},
  };
  for (const row& each : rows) {
    const auto answer = system.call(
        "create_workflow", {{"name", "x"}, {"trigger", each.trigger}, {"actions", each.actions}});
    CAPTURE(answer.envelope.dump());
    REQUIRE(answer.code() == "ZOD_VALIDATION_ERROR");
    const json& detail = answer.error()["details"][0];
    CHECK(detail["path"] == each.path);
    if (*each.did_you_mean != '\0')
      CHECK(detail.value("didYouMean", std::string{}) == each.did_you_mean);
  }
  CHECK(system.call("list_workflows", json::object()).page()["total"] == 0);
}

TEST_CASE("arguments may hold templates where another type is expected") {
  test_system system;
  const json made =
      define(system, {{"type", "deal.stage_changed"}, {"config", {{"to", "Closed Won"}}}},
             {{{"type", "call_tool"},
               {"order", 1},
               {"config",
                {{"tool", "update_deal"},
                 {"args",
                  {{"dealId", "{{trigger.after.id}}"}, {"value", "{{trigger.before.value}}"}}}}}}});
  CHECK(made["trigger"]["config"]["to"] == "won");
}

TEST_CASE("every example of docs/workflows.md is a workflow") {
  std::ifstream file{CRM_SOURCE_DIR "/docs/workflows.md"};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  test_system system;
  int examples = 0;
  for (std::size_t at = text.find("```json\n"); at != text.npos; at = text.find("```json\n", at)) {
    at += 8;
    const std::string example = text.substr(at, text.find("```", at) - at);
    CAPTURE(example);
    const auto answer = system.call("create_workflow", json::parse(example));
    CHECK_MESSAGE(answer.ok(), answer.envelope.dump());
    ++examples;
  }
  CHECK(examples >= 12);
}
