// SPDX-License-Identifier: Apache-2.0
#include "tests/support/workflow_calls.hpp"

#include <doctest/doctest.h>

using crm::json;
using namespace crm::test;
using namespace std::chrono_literals;

namespace {

json every_day_at_nine(const char* catch_up) {
  return {
      {"type", "schedule"},
      {"config", {{"cron", "0 9 * * *"}, {"timeZone", "Europe/Berlin"}, {"catchUp", catch_up}}}};
}

} // namespace

TEST_CASE("a schedule runs at its times, and never twice for one time") {
  test_system system; // 2026-11-22 00:00 UTC
  define(system, every_day_at_nine("one"), {add_task(1, "at {{trigger.scheduledAt}}")});
  pass_time(system, 7h + 59min);
  await_runs(system, "completed", 0);
  pass_time(system, 1min);
  await_runs(system, "completed", 1);
  system.get().look_at_clock();
  pass_time(system, 24h);
  await_runs(system, "completed", 2);
  CHECK(count_tasks(system) == 2);
}

TEST_CASE("times that were missed are made up for as catchUp says, also by a sleeping workspace") {
  struct row {
    const char* catch_up;
    int runs;
  };
  for (const row each : {row{"skip", 0}, row{"one", 1}, row{"all", 5}}) {
    CAPTURE(std::string{each.catch_up});
    test_system system;
    define(system, every_day_at_nine(each.catch_up), {add_task(1, "x")});
    system.stop();
    system.surroundings().advance(24h * 4 + 10h);
    system.restart();
    system.get().look_at_clock();
    await_runs(system, "completed", each.runs);
    pass_time(system, 22h); // 09:00 in Berlin
    await_runs(system, "completed", each.runs + 1);
  }
}

TEST_CASE("a date in a record triggers as many days before it as asked, and moves with the date") {
  test_system system;
  const std::int64_t day = 24LL * 3'600'000;
  const std::int64_t now = system.surroundings().now_ms();
  const auto deal = [&](const char* title, std::int64_t close) {
    return system
        .call("create_deal", {{"title", title}, {"stage", "lead"}, {"expectedCloseDate", close}})
        .data()["id"]
        .get<std::string>();
  };
  deal("before", now + 5 * day);
  define(system,
         {{"type", "date.reached"},
          {"config", {{"entityType", "deal"}, {"field", "expectedCloseDate"}, {"offsetDays", -3}}}},
         {add_task(1, "{{trigger.after.title}}")});
  const std::string moved = deal("moved", now + 5 * day);
  deal("past", now - day);
  system.call("update_deal", {{"dealId", moved}, {"expectedCloseDate", now + 10 * day}}).data();
  pass_time(system, 48h);
  await_runs(system, "completed", 1);
  CHECK(system.call("list_activities_by_type", {{"type", "task"}}).data()[0]["subject"]
        == "before");
  pass_time(system, 24h * 5);
  await_runs(system, "completed", 2);
  CHECK(system.call("list_activities_by_type", {{"type", "task"}}).data()[0]["subject"] == "moved");
  pass_time(system, 24h * 30);
  await_runs(system, "completed", 2);
}

TEST_CASE("a failed step is tried again as its policy says, and gives up after the last attempt") {
  test_system system;
  define(system, on_contact_created(),
         {{{"type", "call_tool"},
           {"order", 1},
           {"config",
            {{"tool", "update_contact"},
             {"args", {{"contactId", "con_missing"}, {"notes", "x"}}},
             {"retry", {{"maxAttempts", 3}, {"baseMs", 1'000}}}}}}});
  add_contact(system);
  for (int attempt = 1; attempt < 3; ++attempt) {
    const json run = await_step(system, 0, "waiting", attempt);
    CHECK(run["status"] == "pending");
    CHECK(run["nextAttemptAt"].get<std::int64_t>() > system.surroundings().now_ms());
    pass_time(system, 10s);
  }
  const json failed = await_runs(system, "failed", 1)[0];
  CHECK(failed["steps"][0]["attempts"] == 3);
}
