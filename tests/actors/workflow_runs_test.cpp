// SPDX-License-Identifier: Apache-2.0
#include "tests/support/many_calls.hpp"
#include "tests/support/workflow_calls.hpp"

#include <doctest/doctest.h>

#include <atomic>

using crm::json;
using namespace crm::test;
using namespace std::chrono_literals;

TEST_CASE("a change that matches runs the workflow once, and its steps name the run as cause") {
  test_system system;
  const json workflow = define(
      system, on_contact_created(),
      {{{"type", "call_tool"},
        {"order", 1},
        {"config",
         {{"tool", "create_activity"},
          {"args",
           {{"type", "task"},
            {"subject", "Welcome {{trigger.after.firstName}}"},
            {"contactId", "{{trigger.after.id}}"},
            {"dueAt", "{{now}}"}}}}}},
       {{"type", "call_tool"},
        {"order", 2},
        {"config",
         {{"tool", "update_activity"},
          {"args",
           {{"activityId", "{{steps.1.data.id}}"}, {"description", "by {{execution.id}}"}}}}}}});
  const json contact = add_contact(system);
  const json runs = await_runs(system, "completed");
  CHECK(runs[0]["workflowId"] == workflow["id"]);
  CHECK(runs[0]["steps"].size() == 2);
  CHECK(runs[0]["steps"][0]["state"] == "succeeded");
  CHECK(runs[0]["steps"][1]["attempts"] == 1);
  const json tasks = system.call("list_activities_by_type", {{"type", "task"}}).data();
  REQUIRE(tasks.size() == 1);
  CHECK(tasks[0]["subject"] == "Welcome Ada");
  CHECK(tasks[0]["contactId"] == contact["id"]);
  CHECK(tasks[0]["description"] == "by " + runs[0]["id"].get<std::string>());
}

TEST_CASE("only changes that meet the trigger and its conditions run it") {
  test_system system;
  define(system,
         {{"type", "record.updated"},
          {"config",
           {{"entityType", "contact"},
            {"fields", {"type"}},
            {"to", "client"},
            {"conditions", {{{"field", "before.type"}, {"op", "eq"}, {"value", "lead"}}}}}}},
         {add_task(1, "Onboard")});
  const std::string id = add_contact(system)["id"];
  system.call("update_contact", {{"contactId", id}, {"notes", "x"}}).data();
  system.call("update_contact", {{"contactId", id}, {"type", "lead"}}).data(); // changes nothing
  system.call("update_contact", {{"contactId", id}, {"type", "client"}}).data();
  system.call("update_contact", {{"contactId", id}, {"type", "client"}}).data();
  await_runs(system, "completed");
  CHECK(system.call("list_executions", json::object()).page()["total"] == 1);
  CHECK(count_tasks(system) == 1);
}

TEST_CASE("three steps of which the second fails: after the repair a replay repeats nothing") {
  test_system system;
  const json steps{
      add_task(1, "one"),
      {{"type", "call_tool"},
       {"order", 2},
       {"config",
        {{"tool", "update_contact"}, {"args", {{"contactId", "con_missing"}, {"notes", "x"}}}}}},
      add_task(3, "three")};
  const json workflow = define(system, on_contact_created(), steps);
  add_contact(system);
  const json failed = await_runs(system, "failed")[0];
  CHECK(failed["error"]["code"] == "NOT_FOUND");
  CHECK(failed["error"]["step"] == "2");
  CHECK(count_tasks(system) == 1);

  json repaired = steps;
  repaired[1]["config"]["args"]["contactId"] = "{{trigger.after.id}}";
  system.call("update_workflow", {{"workflowId", workflow["id"]}, {"actions", repaired}}).data();
  const json replay =
      system.call("replay_execution", {{"executionId", failed["id"]}, {"version", "latest"}})
          .data();
  CHECK(replay["replayOf"] == failed["id"]);
  CHECK(system.call("replay_execution", {{"executionId", failed["id"]}}).code() == "CONFLICT");
  const json done = await_runs(system, "completed")[0];
  CHECK(done["id"] == replay["id"]);
  CHECK(done["steps"].size() == 3);
  CHECK(count_tasks(system) == 2);
  CHECK(system.call("replay_execution", {{"executionId", done["id"]}}).code() == "CONFLICT");
  CHECK(system.call("replay_execution", {{"executionId", "exe_x"}}).code() == "NOT_FOUND");
}

TEST_CASE("branch, for_each, stop and continueOnError do what they say") {
  test_system system;
  const auto in_loop = [](int order, const char* subject) { return add_task(order, subject); };
  define(system, on_contact_created(),
         {{{"type", "call_tool"},
           {"order", 1},
           {"config",
            {{"tool", "delete_contact"},
             {"args", {{"contactId", "con_missing"}}},
             {"continueOnError", true}}}},
          {{"type", "branch"},
           {"order", 2},
           {"config",
            {{"conditions", {{{"field", "trigger.after.firstName"}, {"value", "Ada"}}}},
             {"then",
              {{{"type", "for_each"},
                {"order", 3},
                {"config",
                 {{"items", {"a", "b", "c"}},
                  {"actions", json::array({in_loop(4, "{{item}}-{{index}}")})}}}}}},
             {"else", json::array({add_task(5, "other")})}}}},
          {{"type", "stop"}, {"order", 6}, {"config", json::object()}},
          add_task(7, "never")});
  add_contact(system, "Ada");
  const json run = await_runs(system, "completed")[0];
  CHECK(run["steps"][0]["state"] == "continued");
  CHECK(count_tasks(system) == 3);
  add_contact(system, "Bob");
  await_runs(system, "completed", 2);
  CHECK(count_tasks(system) == 4);
  const json tasks = system.call("list_activities_by_type", {{"type", "task"}}).data();
  CHECK(tasks[0]["subject"] == "other");
  CHECK(tasks[1]["subject"] == "c-2");
}

TEST_CASE("a missing value fails the step and says which") {
  test_system system;
  define(system, on_contact_created(), {add_task(1, "Mail {{trigger.after.email}}")});
  add_contact(system);
  const json run = await_runs(system, "failed")[0];
  CHECK(run["error"]["details"][0]["path"] == "trigger.after.email");
  CHECK(count_tasks(system) == 0);
}

TEST_CASE(
    "a workflow that triggers itself, and two that trigger each other, are cut with a reason") {
  test_system system;
  const auto note = [](const char* text) {
    return json::array({{{"type", "call_tool"},
                         {"order", 1},
                         {"config",
                          {{"tool", "update_contact"},
                           {"args",
                            {{"contactId", "{{trigger.after.id}}"},
                             {"notes", std::string{text} + "{{trigger.after.version}}"}}}}}}});
  };
  const json on_update{{"type", "record.updated"}, {"config", {{"entityType", "contact"}}}};
  define(system, on_update, note("a"), "A");
  define(system, on_update, note("b"), "B");
  const std::string id = add_contact(system)["id"];
  system.call("update_contact", {{"contactId", id}, {"notes", "start"}}).data();
  const json cut = await_runs(system, "cancelled", 6);
  CHECK(cut[0]["error"]["code"] == "LOOP_DETECTED");
  CHECK(!cut[0]["error"]["message"].get<std::string>().empty());
  await_runs(system, "completed", 4);
  await_runs(system, "pending", 0);
  await_runs(system, "running", 0);
}

TEST_CASE("runs that allow re-entry end at the causal depth") {
  test_system system;
  define(system, {{"type", "record.created"}, {"config", {{"entityType", "contact"}}}},
         {{{"type", "call_tool"},
           {"order", 1},
           {"config",
            {{"tool", "create_contact"}, {"args", {{"firstName", "N"}, {"lastName", "N"}}}}}}});
  add_contact(system);
  const json cut = await_runs(system, "cancelled", 1);
  CHECK(cut[0]["trigger"]["depth"] == 9);
  await_runs(system, "completed", 9);
}

TEST_CASE("a paused workflow holds its runs at the next step until it is resumed") {
  test_system system;
  const json workflow = define(system, on_contact_created(),
                               {add_task(1, "now"),
                                {{"type", "wait"}, {"order", 2}, {"config", {{"duration", "1h"}}}},
                                add_task(3, "later")});
  add_contact(system);
  await_runs(system, "pending", 1);
  await_step(system, 1, "waiting");
  system.call("pause_workflow", {{"workflowId", workflow["id"]}}).data();
  add_contact(system, "Unseen");
  pass_time(system, 2h);
  CHECK(count_tasks(system) == 1);
  CHECK(await_runs(system, "pending", 1)[0]["paused"] == true);
  system.call("resume_workflow", {{"workflowId", workflow["id"]}}).data();
  system.get().look_at_clock();
  await_runs(system, "completed", 1);
  CHECK(count_tasks(system) == 2);
}

TEST_CASE("runs under way go on after a restart, without a step being repeated") {
  test_system system;
  define(system, on_contact_created(),
         {add_task(1, "first"),
          {{"type", "wait"}, {"order", 2}, {"config", {{"duration", "3d"}}}},
          add_task(3, "second")});
  add_contact(system);
  await_step(system, 1, "waiting");
  system.stop();
  system.surroundings().advance(96h);
  system.restart();
  system.get().look_at_clock(); // nobody calls the workspace: it is woken
  await_runs(system, "completed", 1);
  CHECK(count_tasks(system) == 2);
}

TEST_CASE("a run whose actor dies is taken up again, and fails when it dies again and again") {
  std::atomic<int> deaths_left{3};
  crm::actors::system_options options;
  options.run_may_ask = [&]() -> bool {
    if (deaths_left-- > 0)
      throw std::runtime_error{"a planted failure"};
    return true;
  };
  test_system system{std::move(options)};
  define(system, on_contact_created(), {add_task(1, "x")});
  add_contact(system);
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  while (count_tasks(system) != 1 && std::chrono::steady_clock::now() < deadline)
    pass_time(system, 1s);
  await_runs(system, "completed", 1);
  deaths_left = 1'000;
  add_contact(system, "Eve");
  while (system.call("list_executions", {{"status", "failed"}}).page()["total"] != 1
         && std::chrono::steady_clock::now() < deadline)
    pass_time(system, 1s);
  const json failed = await_runs(system, "failed", 1)[0];
  CHECK(failed["error"]["message"].get<std::string>().find("died") != std::string::npos);
  CHECK(count_tasks(system) == 1);
}

TEST_CASE("a run whose actor falls silent is taken up by another") {
  std::atomic<int> silences_left{1};
  crm::actors::system_options options;
  options.run_may_ask = [&] { return silences_left-- <= 0; };
  test_system system{std::move(options)};
  define(system, on_contact_created(), {add_task(1, "x")});
  add_contact(system);
  await_runs(system, "pending", 1);
  pass_time(system, 61s);
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  while (count_tasks(system) != 1 && std::chrono::steady_clock::now() < deadline)
    pass_time(system, 1s);
  await_runs(system, "completed", 1);
}

TEST_CASE("a manual workflow is started by its id, with input") {
  test_system system;
  const json workflow = define(system, {{"type", "manual"}, {"config", json::object()}},
                               {add_task(1, "{{trigger.input.subject}}")});
  system
      .call("replay_execution",
            {{"executionId", workflow["id"]}, {"input", {{"subject", "by hand"}}}})
      .data();
  await_runs(system, "completed", 1);
  CHECK(system.call("list_activities_by_type", {{"type", "task"}}).data()[0]["subject"]
        == "by hand");
}

TEST_CASE("5,000 triggering writes make 5,000 runs, each exactly once") {
  test_system system;
  define(system, on_contact_created(), {add_task(1, "x")});
  constexpr int writes = 5'000;
  {
    many_calls calls{system.get()};
    for (int i = 0; i < writes; ++i)
      calls.send("create_contact", {{"firstName", "N" + std::to_string(i)}, {"lastName", "L"}});
    calls.wait();
    REQUIRE(calls.succeeded() == writes);
  }
  await_runs(system, "completed", writes);
  CHECK(system.call("list_executions", json::object()).page()["total"] == writes);
  CHECK(count_tasks(system) == writes);
}
