// SPDX-License-Identifier: Apache-2.0
#include "tests/support/test_system.hpp"

#include <doctest/doctest.h>

#include <random>

using crm::json;
using crm::local_user;
using crm::test::test_system;

namespace {

constexpr std::int64_t day_ms = 24LL * 60 * 60 * 1000;
constexpr std::chrono::milliseconds one_day{day_ms};

std::string add_deal(test_system& system, json fields) {
  fields["title"] = "Offer";
  return system.call("create_deal", std::move(fields)).data()["id"];
}

void move(test_system& system, const std::string& id, const char* stage) {
  system.call("move_deal_stage", {{"dealId", id}, {"newStage", stage}}).data();
}

json find_row(const json& rows, const char* member, const char* value) {
  for (const json& row : rows) {
    if (row.at(member) == value)
      return row;
  }
  return nullptr;
}

} // namespace

TEST_CASE("the value of a pipeline is an exact sum: 0.1 and 0.2 make 0.3") {
  test_system system;
  add_deal(system, {{"stage", "lead"}, {"value", 1000.1}});
  add_deal(system, {{"stage", "proposal"}, {"value", 0.1}});
  add_deal(system, {{"stage", "proposal"}, {"value", 0.2}});
  add_deal(system, {{"stage", "negotiation"}});
  add_deal(system, {{"stage", "won"}, {"value", 5000}});
  const std::string gone = add_deal(system, {{"stage", "lead"}, {"value", 77}});
  system.call("delete_deal", {{"dealId", gone}}).data();

  const auto check = [&] {
    const json data = system.call("pipeline_value", json::object()).data();
    CHECK(data["count"] == 4);
    CHECK(data["currency"] == "USD");
    CHECK(data["totalValue"].dump() == "1000.4");
    CHECK(data["weightedValue"].dump() == "100.16"); // 100.01 + 0.05 + 0.1
    CHECK(data["leftOut"] == json{{"archived", 1}, {"withoutValue", 1}});
    const json stages = data["currencies"][0]["stages"];
    CHECK(stages.size() == 3);
    CHECK(stages[0]["stage"] == "lead");
    const json proposal = find_row(stages, "stage", "proposal");
    CHECK(proposal["count"] == 2);
    CHECK(proposal["totalValue"].dump() == "0.3");
    CHECK(find_row(stages, "stage", "negotiation")["withoutValue"] == 1);
  };
  check();
  system.restart();
  check();
}

TEST_CASE("two currencies are never added") {
  test_system system;
  add_deal(system, {{"stage", "proposal"}, {"value", 100}, {"currency", "EUR"}});
  add_deal(system, {{"stage", "proposal"}, {"value", 200}, {"currency", "usd"}});
  for (const char* tool : {"pipeline_value", "forecast_pipeline"}) {
    const json data = system.call(tool, json::object()).data();
    CHECK(data["count"] == 2);
    CHECK(!data.contains("totalValue"));
    CHECK(!data.contains("weightedValue"));
    CHECK(find_row(data["currencies"], "currency", "EUR")["weightedValue"] == 50);
    CHECK(find_row(data["currencies"], "currency", "USD")["weightedValue"] == 100);
  }
}

TEST_CASE("an empty pipeline is worth nothing") {
  test_system system;
  const json data = system.call("pipeline_value", json::object()).data();
  CHECK(data["count"] == 0);
  CHECK(data["totalValue"] == 0);
  CHECK(data["currencies"].empty());
}

TEST_CASE("the forecast sums by the month in which a deal is expected to close") {
  test_system system;
  const std::int64_t december = 1'796'083'200'000; // 2026-12-01T00:00Z
  add_deal(system, {{"stage", "lead"}, {"value", 10}, {"expectedCloseDate", december - 1}});
  add_deal(system, {{"stage", "lead"}, {"value", 20}, {"expectedCloseDate", december}});
  add_deal(system, {{"stage", "proposal"}, {"value", 30}, {"expectedCloseDate", december + 5}});
  add_deal(system, {{"stage", "lead"}, {"value", 40}});
  const json months =
      system.call("forecast_pipeline", json::object()).data()["currencies"][0]["months"];
  REQUIRE(months.size() == 3);
  CHECK(months[0]["month"] == "2026-11");
  CHECK(months[0]["weightedValue"] == 1);
  CHECK(months[1]["month"] == "2026-12");
  CHECK(months[1]["weightedValue"] == 17);
  CHECK(months[1]["count"] == 2);
  CHECK(months[2]["month"] == "unscheduled");
}

TEST_CASE("the win rate counts deals as they stand closed, by the time at which they closed") {
  test_system system;
  const std::int64_t start = system.surroundings().now_ms();
  std::vector<std::string> deals;
  for (int i = 0; i < 4; ++i)
    deals.push_back(add_deal(system, {{"stage", "qualified"}}));
  const auto next_day = [&](std::size_t deal, const char* stage) {
    system.surroundings().advance(one_day);
    move(system, deals[deal], stage);
  };
  next_day(0, "Closed Won"); // day 1
  next_day(1, "lost");       // day 2
  next_day(2, "won");        // day 3
  next_day(0, "proposal");   // day 4: opened again
  next_day(3, "won");        // day 5
  system.call("delete_deal", {{"dealId", deals[3]}}).data();
  system.restart();

  const json all = system.call("win_rate", json::object()).data();
  CHECK(all["won"] == 1);
  CHECK(all["lost"] == 1);
  CHECK(all["closed"] == 2);
  CHECK(all["winRate"] == 0.5);
  CHECK(all["leftOut"]["archived"] == 1);
  CHECK(all["period"] == json{{"since", nullptr}, {"until", nullptr}});

  const auto rate = [&](int from, int to) {
    return system
        .call("win_rate", {{"since", start + from * day_ms}, {"until", start + to * day_ms}})
        .data();
  };
  CHECK(rate(3, 4)["winRate"] == 1);
  CHECK(rate(3, 4)["period"]["until"] == start + 4 * day_ms);
  CHECK(rate(2, 3)["winRate"] == 0);
  CHECK(rate(1, 2)["closed"] == 0);
  CHECK(rate(1, 2)["winRate"].is_null());
}

TEST_CASE("conversion follows each deal's history: back, around, won and opened again") {
  test_system system;
  const std::int64_t start = system.surroundings().now_ms();
  const std::string through = add_deal(system, {{"stage", "lead"}, {"value", 1}});
  const std::string back = add_deal(system, {{"stage", "lead"}, {"value", 1}});
  const std::string lost = add_deal(system, {{"stage", "lead"}, {"value", 1}});
  add_deal(system, {{"stage", "qualified"}}); // stays
  const std::string again = add_deal(system, {{"stage", "lead"}, {"value", 1}});
  const std::string gone = add_deal(system, {{"stage", "lead"}, {"value", 1}});
  system.surroundings().advance(one_day); // day 1
  move(system, through, "qualified");
  move(system, back, "proposal");
  move(system, lost, "lost");
  move(system, again, "won");
  move(system, gone, "qualified");
  system.surroundings().advance(one_day); // day 2
  move(system, through, "proposal");
  move(system, back, "qualified");
  move(system, again, "negotiation");
  system.surroundings().advance(one_day); // day 3
  system.call("update_deal", {{"dealId", through}, {"stage", "won"}}).data();
  system.call("delete_deal", {{"dealId", gone}}).data();
  system.restart();

  const auto expect = [&](json args, const char* stage, int entered, int converted, json rate) {
    const json data = system.call("conversion_rate", std::move(args)).data();
    CHECK(data["leftOut"]["archived"] == 1);
    const json row = find_row(data["stages"], "stage", stage);
    CAPTURE(stage);
    CHECK(row["entered"] == entered);
    CHECK(row["converted"] == converted);
    CHECK(row["conversionRate"] == rate);
  };
  expect(json::object(), "lead", 4, 3, 0.75);
  expect(json::object(), "qualified", 3, 1, 1.0 / 3);
  expect(json::object(), "proposal", 2, 1, 0.5);
  expect(json::object(), "negotiation", 1, 0, 0);
  const json day_1{{"since", start + day_ms}, {"until", start + 2 * day_ms}};
  expect(day_1, "lead", 0, 0, nullptr);
  expect(day_1, "qualified", 1, 1, 1);
  expect(day_1, "proposal", 1, 0, 0);

  system.surroundings().advance(one_day); // day 4: forward once more; a deal counts once
  move(system, back, "proposal");
  expect(json::object(), "proposal", 2, 1, 0.5);
  expect(json::object(), "qualified", 3, 2, 2.0 / 3);
}

TEST_CASE("activities are counted right in any period, for all and for one owner") {
  test_system system;
  const std::int64_t now = system.surroundings().now_ms();
  const std::vector<std::string> types{"call", "email", "meeting", "note", "task"};
  struct activity {
    std::string type, owner;
    std::int64_t at;
  };
  std::mt19937_64 random{7};
  std::vector<activity> made;
  for (int i = 0; i < 300; ++i) {
    // Some years, some minutes and some milliseconds apart, on both sides of 1970.
    const std::int64_t spread = i % 3 == 0 ? 4'000 * day_ms : i % 3 == 1 ? 600'000 : 900;
    const auto offset = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(spread));
    activity each{types[random() % 5], random() % 2 == 0 ? "ann" : "bob",
                  (i % 10 == 0 ? 0 : now) - offset};
    system
        .call_as(local_user{"default", each.owner}, "create_activity",
                 {{"type", each.type}, {"subject", "s"}, {"occurredAt", each.at}})
        .data();
    made.push_back(each);
  }
  system.restart();
  for (int i = 0; i < 120; ++i) {
    std::int64_t since = made[random() % made.size()].at;
    std::int64_t until = made[random() % made.size()].at + static_cast<std::int64_t>(i % 2);
    if (since > until)
      std::swap(since, until);
    json args{{"since", since}, {"until", until}};
    const bool of_ann = i % 3 == 0;
    if (of_ann)
      args["ownerId"] = "ann";
    if (i % 7 == 0)
      args.erase(i % 2 == 0 ? "since" : "until");
    std::map<std::string, int> expected;
    for (const activity& each : made) {
      const bool inside = (!args.contains("since") || each.at >= since)
                          && (!args.contains("until") || each.at < until);
      expected[each.type] += inside && (!of_ann || each.owner == "ann") ? 1 : 0;
    }
    const json data = system.call("activity_summary", args).data();
    for (const std::string& type : types)
      CHECK(data["byType"][type] == expected[type]);
    if (of_ann)
      continue;
    args["type"] = "email";
    CHECK(system.call("list_activities_by_type", args).page()["total"] == expected["email"]);
  }
}

TEST_CASE("a task is open until it is completed, and overdue from its due time on") {
  test_system system;
  const std::int64_t now = system.surroundings().now_ms();
  const auto add = [&](json fields) {
    fields["type"] = "task";
    fields["subject"] = "Call back";
    return system.call("create_activity", std::move(fields)).data()["id"].get<std::string>();
  };
  add({{"dueAt", now - 1}});
  add({{"dueAt", now + day_ms}});
  add(json::object());
  const std::string done = add({{"dueAt", now - 1}});
  system.call("update_activity", {{"activityId", done}, {"completedAt", now}}).data();
  json data = system.call("activity_summary", json::object()).data();
  CHECK(data["openTasks"] == 3);
  CHECK(data["overdueTasks"] == 1);
  CHECK(data["byType"]["task"] == 4);
  system.surroundings().advance(one_day + std::chrono::milliseconds{1});
  CHECK(system.call("activity_summary", json::object()).data()["overdueTasks"] == 2);
  CHECK(system.call("activity_summary", {{"ownerId", "nobody"}}).data()["total"] == 0);
}

TEST_CASE("a period that ends before it starts is refused") {
  test_system system;
  for (const auto& [tool, args] :
       std::map<std::string, json>{{"win_rate", json::object()},
                                   {"conversion_rate", json::object()},
                                   {"activity_summary", json::object()},
                                   {"list_activities_by_type", {{"type", "call"}}},
                                   {"list_audit_log", json::object()},
                                   {"get_actor_history", {{"actorId", "tester"}}}}) {
    json asked = args;
    asked["since"] = 2;
    asked["until"] = 1;
    const auto refused = system.call(tool, asked);
    CAPTURE(tool);
    CHECK(refused.code() == "ZOD_VALIDATION_ERROR");
    CHECK(refused.error()["details"][0]["path"] == "since");
  }
}
