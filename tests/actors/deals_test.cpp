// SPDX-License-Identifier: Apache-2.0
#include "tests/support/sales_records.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <string_view>

using crm::json;
using crm::test::test_system;

namespace {

json deal(test_system& system, json args) {
  if (!args.contains("title"))
    args["title"] = "A deal";
  if (!args.contains("stage"))
    args["stage"] = "lead";
  return system.call("create_deal", std::move(args)).data();
}

json move(test_system& system, const json& of, json args) {
  args["dealId"] = of["id"];
  return system.call("move_deal_stage", std::move(args)).data();
}

struct stage_row {
  const char* sent;
  const char* stage;
  double probability;
};

/// The sums of one currency and month of the forecast.
json forecast(test_system& system, std::string_view currency, std::string_view month) {
  const json data = system.call("forecast_pipeline", json::object()).data();
  for (const json& each : data["currencies"]) {
    if (each["currency"] != currency)
      continue;
    if (month.empty())
      return each;
    for (const json& sums : each["months"]) {
      if (sums["month"] == month)
        return sums;
    }
  }
  return json::object();
}

} // namespace

TEST_CASE("a stage is known by any usual spelling, and gives the deal its probability") {
  test_system system;
  const stage_row rows[] = {
      {"lead", "lead", 10},
      {"Lead", "lead", 10},
      {"QUALIFIED", "qualified", 25},
      {"Qualification", "qualified", 25},
      {"proposal", "proposal", 50},
      {"Proposal Sent", "proposal", 50},
      {"negotiation", "negotiation", 75},
      {"won", "won", 100},
      {"Closed Won", "won", 100},
      {"closed_won", "won", 100},
      {"closed-won", "won", 100},
      {"lost", "lost", 0},
      {"Closed Lost", "lost", 0},
  };
  const json moved = deal(system, json::object());
  for (const stage_row& row : rows) {
    CAPTURE(row.sent);
    const json made = deal(system, {{"stage", row.sent}});
    CHECK(made["stage"] == row.stage);
    CHECK(made["probability"] == row.probability);
    CHECK(move(system, moved, {{"newStage", row.sent}})["stage"] == row.stage);
    CHECK(system.call("list_deals", {{"stage", row.sent}}).page()["applied"]["stage"] == row.stage);
  }
}

TEST_CASE("an unknown stage is refused with the valid ones") {
  test_system system;
  const json made = deal(system, json::object());
  const std::vector<crm::test::answer> answers = {
      system.call("create_deal", {{"title", "x"}, {"stage", "propsal"}}),
      system.call("update_deal", {{"dealId", made["id"]}, {"stage", "propsal"}}),
      system.call("move_deal_stage", {{"dealId", made["id"]}, {"newStage", "propsal"}}),
      system.call("list_deals", {{"stage", "propsal"}}),
  };
  for (const crm::test::answer& each : answers) {
    CHECK(each.code() == "ZOD_VALIDATION_ERROR");
    const json& detail = each.error()["details"][0];
    CHECK(detail["didYouMean"] == "proposal");
    CHECK(detail["validOptions"]
          == json{"lead", "qualified", "proposal", "negotiation", "won", "lost"});
  }
}

TEST_CASE("a probability that is given overrides the stage's, until the deal moves on") {
  test_system system;
  const json made = deal(system, {{"stage", "proposal"}, {"probability", 33.3}});
  CHECK(made["probability"] == 33.3);
  CHECK(move(system, made, {{"newStage", "negotiation"}, {"probability", 0}})["probability"] == 0);
  CHECK(move(system, made, {{"newStage", "qualified"}})["probability"] == 25);
  // Staying where it is moves nothing.
  CHECK(move(system, made, {{"newStage", "Qualified"}, {"probability", 30}})["probability"] == 30);
  CHECK(move(system, made, {{"newStage", "qualified"}})["probability"] == 30);
  const auto set = system.call("update_deal", {{"dealId", made["id"]}, {"probability", 40}});
  CHECK(set.data()["probability"] == 40);
  CHECK(set.data()["stage"] == "qualified");
  for (const json& wrong : {json(-1), json(100.5), json("50"), json(nullptr)})
    CHECK(system
              .call("move_deal_stage",
                    {{"dealId", made["id"]}, {"newStage", "won"}, {"probability", wrong}})
              .code()
          == "ZOD_VALIDATION_ERROR");
}

TEST_CASE("a deal that is won or lost is closed at that moment, and opened again by moving back") {
  test_system system;
  const json made = deal(system, json::object());
  CHECK(!made.contains("closedAt"));
  system.surroundings().advance(std::chrono::hours{1});
  const auto won_at = system.surroundings().now_ms();
  CHECK(move(system, made, {{"newStage", "won"}})["closedAt"] == won_at);
  system.surroundings().advance(std::chrono::hours{1});
  CHECK(move(system, made, {{"newStage", "won"}})["closedAt"] == won_at);
  const json reopened = move(system, made, {{"newStage", "negotiation"}});
  CHECK(!reopened.contains("closedAt"));
  CHECK(reopened["probability"] == 75);
  system.surroundings().advance(std::chrono::hours{1});
  const json lost =
      system.call("update_deal", {{"dealId", made["id"]}, {"stage", "closed lost"}}).data();
  CHECK(lost["closedAt"] == system.surroundings().now_ms());
  CHECK(lost["probability"] == 0);
  CHECK(deal(system, {{"stage", "won"}})["closedAt"] == system.surroundings().now_ms());
}

TEST_CASE("a currency is three letters, upper-case, and US dollars when none is given") {
  test_system system;
  CHECK(deal(system, json::object())["currency"] == "USD");
  CHECK(deal(system, {{"currency", "eur"}})["currency"] == "EUR");
  for (const char* wrong : {"", "EU", "EURO", "E1R", "€"})
    CHECK(
        system.call("create_deal", {{"title", "x"}, {"stage", "lead"}, {"currency", wrong}}).code()
        == "ZOD_VALIDATION_ERROR");
}

TEST_CASE("a forecast sums exactly, by currency and month, over the open deals alone") {
  test_system system;
  constexpr std::int64_t november = 1'795'305'600'000; // 2026-11-22
  constexpr std::int64_t day = 86'400'000;
  for (int i = 0; i < 10; ++i)
    deal(system, {{"value", 0.1}, {"stage", "lead"}, {"expectedCloseDate", november}});
  deal(system, {{"value", 19.99}, {"probability", 33}, {"expectedCloseDate", november + 8 * day}});
  deal(system, {{"value", 0.01}, {"probability", 33}, {"expectedCloseDate", november + 9 * day}});
  deal(system, {{"expectedCloseDate", november}});
  deal(system, {{"value", 7}, {"currency", "eur"}});
  deal(system, {{"value", 1e15}, {"stage", "won"}});
  deal(system, {{"value", 1e15}, {"stage", "lost"}});
  const json gone = deal(system, {{"value", 1e15}});
  CHECK(system.call("delete_deal", {{"dealId", gone["id"]}}).ok());

  const json all = forecast(system, "USD", "");
  CHECK(all["count"] == 13);
  CHECK(all["withoutValue"] == 1);
  CHECK(all["totalValue"].dump() == "21");
  CHECK(all["weightedValue"].dump() == "6.7"); // 1 x 10 % + 19.99 x 33 % + 0.01 x 33 %
  CHECK(forecast(system, "USD", "2026-11")["totalValue"].dump() == "20.99");
  CHECK(forecast(system, "USD", "2026-12")["weightedValue"].dump() == "0.0033");
  CHECK(forecast(system, "EUR", "unscheduled")["totalValue"] == 7);
  CHECK(forecast(system, "EUR", "")["weightedValue"].dump() == "0.7");
  CHECK(forecast(system, "GBP", "").empty());
}

TEST_CASE("a forecast of many cents equals their sum in whole numbers") {
  test_system system;
  std::mt19937 random{11};
  long long cents = 0;
  long long weighted = 0; // of 10^-4
  for (int i = 0; i < 200; ++i) {
    const auto value = static_cast<long long>(random() % 10'000'000);
    const auto percent = static_cast<long long>(random() % 101);
    deal(system, {{"value", static_cast<double>(value) / 100}, {"probability", percent}});
    cents += value;
    weighted += value * percent;
  }
  const json all = forecast(system, "USD", "");
  CHECK(all["totalValue"] == static_cast<double>(cents) / 100);
  CHECK(all["weightedValue"] == static_cast<double>(weighted) / 10'000);
}

TEST_CASE("a month of the forecast is named by its year, and what lies beyond 9999 by that") {
  test_system system;
  deal(system, {{"value", 1}, {"expectedCloseDate", 8'640'000'000'000'000}});
  deal(system, {{"value", 1}, {"expectedCloseDate", -62'135'596'800'000}});
  deal(system, {{"value", 1}, {"expectedCloseDate", 0}});
  CHECK(forecast(system, "USD", "9999-12, after")["count"] == 1);
  CHECK(forecast(system, "USD", "0001-01")["count"] == 1);
  CHECK(forecast(system, "USD", "1970-01")["count"] == 1);
}
