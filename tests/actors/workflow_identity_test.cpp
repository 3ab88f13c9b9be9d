// SPDX-License-Identifier: Apache-2.0
#include "tests/support/http_receiver.hpp"
#include "tests/support/workflow_calls.hpp"

#include <doctest/doctest.h>

using crm::bearer_token;
using crm::json;
using namespace crm::test;

namespace {

/// A workspace with one member, who writes workflows.
struct one_author {
  explicit one_author(crm::actors::system_options options = {}) : system{std::move(options)} {
    system.call("add_workspace_member", {{"userId", "edda"}, {"role", "editor"}}).data();
    token = system.token("write", "default", "edda");
  }

  json define(json trigger, json actions) {
    return system
        .call_as(
            bearer_token{token}, "create_workflow",
            {{"name", "hers"}, {"trigger", std::move(trigger)}, {"actions", std::move(actions)}})
        .data();
  }
  void make(const std::string& role) {
    system.call("update_member_role", {{"userId", "edda"}, {"newRole", role}}).data();
  }
  void remove() { system.call("remove_workspace_member", {{"userId", "edda"}}).data(); }

  test_system system;
  std::string token;
};

} // namespace

TEST_CASE("a run may do what its author may do at that moment, and no more") {
  one_author given;
  test_system& system = given.system;
  const json workflow = given.define(on_contact_created(), {add_task(1, "x")});
  add_contact(system);
  await_runs(system, "completed", 1);
  const json task = system.call("list_activities_by_type", {{"type", "task"}}).data()[0];
  const json history =
      system.call("get_entity_history", {{"entityType", "activity"}, {"entityId", task["id"]}})
          .data();
  CHECK(history[0]["actor"] == "edda");
  CHECK(history[0]["cause"].get<std::string>().starts_with(
      "workflow " + workflow["id"].get<std::string>() + " run "));

  given.make("viewer");
  add_contact(system);
  const json refused = await_runs(system, "failed", 1)[0];
  CHECK(refused["error"]["code"] == "SCOPE_ERROR");
  CHECK(refused["steps"][0]["attempts"] == 1);

  given.make("editor");
  system.call("replay_execution", {{"executionId", refused["id"]}}).data();
  await_runs(system, "completed", 2);

  given.remove();
  system.restart();
  add_contact(system);
  const json orphan = await_runs(system, "failed", 2)[0];
  CHECK(orphan["error"]["message"].get<std::string>().find("removed") != std::string::npos);

  // Whoever sends the definition anew answers for it.
  const json adopted = system
                           .call("update_workflow", {{"workflowId", workflow["id"]},
                                                     {"actions", json::array({add_task(1, "x")})}})
                           .data();
  CHECK(adopted["definitionVersion"] == 2);
  add_contact(system);
  await_runs(system, "completed", 3);
  CHECK(count_tasks(system) == 3);
}

TEST_CASE("a workflow sends nothing for an author who could not write it today") {
  const http_receiver receiver{http_receiver::status("200 OK")};
  crm::actors::system_options options;
  options.webhook_targets = crm::target_rules::loopback_too;
  one_author given{std::move(options)};
  given.define(
      on_contact_created(),
      {{{"type", "webhook"}, {"order", 1}, {"config", {{"url", "{{trigger.after.notes}}"}}}}});
  const json contact{{"firstName", "A"}, {"lastName", "B"}, {"notes", receiver.url()}};
  given.system.call("create_contact", contact).data();
  await_runs(given.system, "completed", 1);
  given.make("viewer");
  given.system.call("create_contact", contact).data();
  CHECK(await_runs(given.system, "failed", 1)[0]["error"]["code"] == "SCOPE_ERROR");
  CHECK(receiver.all().size() == 1);
}

TEST_CASE("a workflow shows no value that is hidden from its author") {
  one_author given;
  given.system
      .call("add_custom_field", {{"entityType", "contact"},
                                 {"key", "salary"},
                                 {"label", "Salary"},
                                 {"fieldType", "text"},
                                 {"visibility", "admin"}})
      .data();
  given.define(on_contact_created(), {add_task(1, "earns {{trigger.after.customFields.salary}}")});
  const json contact{{"firstName", "A"}, {"lastName", "B"}, {"customFields", {{"salary", "lots"}}}};
  given.system.call("create_contact", contact).data();
  const json failed = await_runs(given.system, "failed", 1)[0];
  CHECK(failed["error"]["details"][0]["path"] == "trigger.after.customFields.salary");
  CHECK(count_tasks(given.system) == 0);
  // Nor does it tell by running.
  const json watching{
      {"type", "record.updated"},
      {"config",
       {{"entityType", "contact"},
        {"conditions", {{{"field", "after.customFields.salary"}, {"value", "lots"}}}}}}};
  const json definition{
      {"name", "spy"}, {"trigger", watching}, {"actions", json::array({add_task(1, "x")})}};
  CHECK(given.system.call_as(bearer_token{given.token}, "create_workflow", definition).code()
        == "SCOPE_ERROR");
  CHECK(given.system.call("create_workflow", definition).ok());
}

TEST_CASE("triggers watch the records of custom objects by their type, and their dates") {
  test_system system;
  system
      .call("add_custom_object",
            {{"objectType", "contract"},
             {"label", "Contract"},
             {"labelPlural", "Contracts"},
             {"fields", {{{"key", "ends"}, {"label", "Ends"}, {"fieldType", "date"}}}}})
      .data();
  const std::int64_t ends = system.surroundings().now_ms() + 10LL * 24 * 3'600'000;
  const json early =
      system.call("create_record", {{"objectType", "contract"}, {"fields", {{"ends", ends}}}})
          .data();
  define(system, {{"type", "record.created"}, {"config", {{"entityType", "contract"}}}},
         {add_task(1, "new")});
  define(system,
         {{"type", "date.reached"},
          {"config", {{"entityType", "contract"}, {"field", "fields.ends"}, {"offsetDays", -1}}}},
         {add_task(1, "{{trigger.entityId}} ends")}, "reminder");
  system.call("create_record", {{"objectType", "contract"}, {"fields", {{"ends", ends}}}}).data();
  add_contact(system);
  await_runs(system, "completed", 1);
  pass_time(system, std::chrono::hours{24 * 9 + 1});
  await_runs(system, "completed", 3);
  const json tasks = system.call("list_activities_by_type", {{"type", "task"}}).data();
  REQUIRE(tasks.size() == 3);
  bool reminded = false;
  for (const json& task : tasks)
    reminded = reminded || task["subject"] == early["id"].get<std::string>() + " ends";
  CHECK(reminded);
  const auto unknown = system.call(
      "create_workflow",
      {{"name", "x"},
       {"trigger", {{"type", "record.created"}, {"config", {{"entityType", "contracts"}}}}},
       {"actions", json::array({add_task(1, "x")})}});
  CHECK(unknown.error()["details"][0]["didYouMean"] == "contract");
}

TEST_CASE("a plan bounds the number of workflows, and its limits count them") {
  test_system system;
  REQUIRE(system.set_tier("free"));
  for (int i = 0; i < 3; ++i)
    define(system, on_contact_created(), {add_task(1, "x")});
  const auto fourth =
      system.call("create_workflow", {{"name", "x"},
                                      {"trigger", on_contact_created()},
                                      {"actions", json::array({add_task(1, "x")})}});
  CHECK(fourth.code() == "LIMIT_EXCEEDED");
  CHECK(system.call("list_workspace_limits", json::object()).data()["usage"]["workflows"] == 3);
}
