// SPDX-License-Identifier: Apache-2.0
#include "tests/support/http_receiver.hpp"
#include "tests/support/workflow_calls.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

using crm::json;
using namespace crm::test;
using namespace std::chrono_literals;

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

namespace {

/// The examples of docs/workflows.md: arguments of create_workflow.
std::vector<json> documented_examples() {
  std::ifstream file{CRM_SOURCE_DIR "/docs/workflows.md"};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  std::vector<json> examples;
  for (std::size_t at = text.find("```json\n"); at != text.npos; at = text.find("```json\n", at)) {
    at += 8;
    examples.push_back(json::parse(text.substr(at, text.find("```", at) - at)));
  }
  return examples;
}

json documented_example(const std::string& name) {
  for (json& example : documented_examples()) {
    if (example.at("name") == name)
      return example;
  }
  throw std::runtime_error{"docs/workflows.md has no example called " + name};
}

json subjects_of_tasks(test_system& system) {
  json subjects = json::array();
  const json tasks = system.call("list_activities_by_type", {{"type", "task"}}).data();
  for (const json& task : tasks)
    subjects.push_back(task.at("subject"));
  return subjects;
}

} // namespace

TEST_CASE("every example of docs/workflows.md is a workflow") {
  test_system system;
  const auto examples = documented_examples();
  CHECK(examples.size() >= 12);
  for (const json& example : examples) {
    CAPTURE(example.dump());
    const auto answer = system.call("create_workflow", example);
    CHECK_MESSAGE(answer.ok(), answer.envelope.dump());
  }
}

TEST_CASE("the recipe for a new lead adds a welcome task an hour later") {
  test_system system;
  system.call("create_workflow", documented_example("Welcome a new lead")).data();
  for (const auto& [name, type] : {std::pair{"Nobody", "client"}, {"Ada", "lead"}})
    system.call("create_contact", {{"firstName", name}, {"lastName", "L"}, {"type", type}}).data();
  await_step(system, 0, "waiting");
  CHECK(count_tasks(system) == 0);
  pass_time(system, 61min);
  await_runs(system, "completed", 1);
  CHECK(subjects_of_tasks(system) == json{"Welcome Ada L"});
}

TEST_CASE("the recipe for stalled deals reminds of those that are still in their stage") {
  test_system system;
  system.call("create_workflow", documented_example("Stalled in proposal")).data();
  std::vector<std::string> deals;
  for (const char* title : {"Moves on", "Stays"}) {
    const json deal =
        system.call("create_deal", {{"title", title}, {"stage", "lead"}, {"value", 1}}).data();
    deals.push_back(deal["id"]);
    system.call("move_deal_stage", {{"dealId", deal["id"]}, {"newStage", "proposal"}}).data();
    await_step(system, 0, "waiting");
  }
  system.call("move_deal_stage", {{"dealId", deals[0]}, {"newStage", "negotiation"}}).data();
  pass_time(system, 15 * 24h);
  await_runs(system, "completed", 2);
  CHECK(subjects_of_tasks(system) == json{"Stays has not moved for two weeks"});
}

TEST_CASE("the recipe for won deals posts the deal, signed, once") {
  const http_receiver receiver{http_receiver::status("200 OK")};
  crm::actors::system_options options;
  options.webhook_targets = crm::target_rules::loopback_too;
  test_system system{std::move(options)};
  json recipe = documented_example("Tell the billing system");
  // The receiver's port is no public one: a URL that is a template is checked when it is used.
  recipe["actions"][0]["config"]["url"] = "{{trigger.after.description}}";
  system.call("create_workflow", recipe).data();
  const json deal = system
                        .call("create_deal", {{"title", "Won"},
                                              {"stage", "proposal"},
                                              {"value", 250},
                                              {"description", receiver.url()}})
                        .data();
  system.call("move_deal_stage", {{"dealId", deal["id"]}, {"newStage", "won"}}).data();
  await_runs(system, "completed", 1);
  const auto requests = receiver.all();
  REQUIRE(requests.size() == 1);
  CHECK(json::parse(requests[0].body)
        == json{{"dealId", deal["id"]}, {"value", 250}, {"currency", deal["currency"]}});
  CHECK(requests[0].header("webhook-signature").starts_with("v1,"));
}
