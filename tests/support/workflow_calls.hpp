// SPDX-License-Identifier: Apache-2.0
// Workflows as tests define them and wait for their runs: by asking, never by sleeping.
#pragma once

#include "tests/support/test_system.hpp"

#include <chrono>
#include <stdexcept>
#include <string>

namespace crm::test {

/// Adds a workflow and returns its document.
inline json define(test_system& system, json trigger, json actions,
                   const std::string& name = "test") {
  return system
      .call("create_workflow",
            {{"name", name}, {"trigger", std::move(trigger)}, {"actions", std::move(actions)}})
      .data();
}

/// An action that adds a task with this subject.
inline json add_task(int order, const std::string& subject) {
  return {{"type", "call_tool"},
          {"order", order},
          {"config",
           {{"tool", "create_activity"}, {"args", {{"type", "task"}, {"subject", subject}}}}}};
}

/// A trigger that waits for new contacts.
inline json on_contact_created() {
  return {{"type", "record.created"}, {"config", {{"entityType", "contact"}}}};
}

inline json add_contact(test_system& system, const std::string& name = "Ada") {
  return system.call("create_contact", {{"firstName", name}, {"lastName", "L"}}).data();
}

/// Asks until `count` runs have the status, and returns them; ends the test when they never do.
inline json await_runs(test_system& system, const std::string& status, int count = 1,
                       const std::string& workflow = "") {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{60};
  json args{{"status", status}, {"limit", 100}};
  if (!workflow.empty())
    args["workflowId"] = workflow;
  for (;;) {
    const auto answer = system.call("list_executions", args);
    answer.data();
    if (answer.page().at("total") == count)
      return answer.data();
    if (std::chrono::steady_clock::now() > deadline)
      throw std::runtime_error{"no " + std::to_string(count) + " runs became " + status + ": "
                               + system.call("list_executions", json::object()).envelope.dump()};
  }
}

/// Asks until the newest run's step number `step`, from 0, is in the state; ends the test when it
/// never is.
inline json await_step(test_system& system, std::size_t step, const std::string& state,
                       int attempts = 1) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{60};
  for (;;) {
    const json runs = system.call("list_executions", json::object()).data();
    const bool there = !runs.empty() && runs[0]["steps"].size() > step
                       && runs[0]["steps"][step]["state"] == state
                       && runs[0]["steps"][step]["attempts"] == attempts;
    if (there)
      return runs[0];
    if (std::chrono::steady_clock::now() > deadline)
      throw std::runtime_error{"no step became " + state + ": " + runs.dump()};
  }
}

/// Moves the clock and has everyone look at it.
inline void pass_time(test_system& system, std::chrono::milliseconds by) {
  system.surroundings().advance(by);
  system.get().look_at_clock();
}

inline std::int64_t count_tasks(test_system& system) {
  return system.call("list_activities_by_type", {{"type", "task"}}).page().at("total");
}

} // namespace crm::test
