// SPDX-License-Identifier: Apache-2.0
// The model's analytics. Money is counted in hundredths, and value x probability in ten
// thousandths: whole numbers, which the calls' quarter units and whole percents never leave.
#include "tests/actors/oracle_model.hpp"

#include <chrono>
#include <cmath>
#include <cstdio>
#include <limits>
#include <set>

namespace crm::test::oracle {

namespace {

bool is_open(const json& deal) {
  return deal["stage"] != "won" && deal["stage"] != "lost";
}

json period_of(const json& args) {
  return {{"since", args.value("since", json())}, {"until", args.value("until", json())}};
}

bool within(const json& args, std::int64_t at) {
  return at >= args.value("since", std::numeric_limits<std::int64_t>::min())
         && at < args.value("until", std::numeric_limits<std::int64_t>::max());
}

json ratio(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? json() : json(static_cast<double>(part) / static_cast<double>(whole));
}

struct sum {
  std::int64_t count = 0;
  std::int64_t without_value = 0;
  std::int64_t hundredths = 0;
  std::int64_t ten_thousandths = 0;

  void add(const json& deal) {
    ++count;
    if (!deal.contains("value")) {
      ++without_value;
      return;
    }
    const std::int64_t value = std::llround(deal["value"].get<double>() * 100);
    hundredths += value;
    ten_thousandths += value * std::llround(deal["probability"].get<double>());
  }

  json counts() const { return {{"count", count}, {"withoutValue", without_value}}; }
  json shown() const {
    json out = counts();
    out["totalValue"] = static_cast<double>(hundredths) / 100;
    out["weightedValue"] = static_cast<double>(ten_thousandths) / 10'000;
    return out;
  }
};

struct currency_sums {
  sum all;
  std::map<std::string, sum> parts;
};

std::string month_of(std::int64_t ms) {
  const std::chrono::sys_time<std::chrono::milliseconds> at{std::chrono::milliseconds{ms}};
  const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(at)};
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u", static_cast<int>(day.year()),
                static_cast<unsigned>(day.month()));
  return text.data();
}

/// Shows the sums; the parts stand in the order of `names`.
json shown(const std::map<std::string, currency_sums>& sums, const std::string& list,
           const std::string& label, const std::vector<std::string>& names) {
  json rows = json::array();
  for (const auto& [currency, each] : sums) {
    json row = each.all.shown();
    row["currency"] = currency;
    row[list] = json::array();
    for (const std::string& name : names) {
      if (!each.parts.contains(name))
        continue;
      json part = each.parts.at(name).shown();
      part[label] = name;
      row[list].push_back(part);
    }
    rows.push_back(row);
  }
  return rows;
}

json pipeline(const std::vector<entity>& deals, const std::map<std::string, currency_sums>& sums,
              json rows, std::int64_t now_ms) {
  sum all;
  for (const auto& [currency, each] : sums) {
    all.count += each.all.count;
    all.without_value += each.all.without_value;
  }
  json data = sums.size() == 1 ? sums.begin()->second.all.shown()
              : sums.empty()   ? all.shown()
                               : all.counts();
  if (sums.size() == 1)
    data["currency"] = sums.begin()->first;
  std::int64_t archived = 0;
  for (const entity& each : deals)
    archived += !each.live() && is_open(each.doc) ? 1 : 0;
  data["asOf"] = now_ms;
  data["period"] = period_of(json::object());
  data["currencies"] = std::move(rows);
  data["leftOut"] = {{"archived", archived}, {"withoutValue", all.without_value}};
  return data;
}

} // namespace

answer model::pipeline_value(const call& made) {
  std::map<std::string, currency_sums> sums;
  for (const entity& each : all("deal")) {
    if (!each.live() || !is_open(each.doc))
      continue;
    currency_sums& currency = sums[each.doc["currency"]];
    currency.all.add(each.doc);
    currency.parts[each.doc["stage"]].add(each.doc);
  }
  json rows = shown(sums, "stages", "stage", stages());
  return {.data = pipeline(all("deal"), sums, std::move(rows), made.now_ms)};
}

answer model::forecast_pipeline(const call& made) {
  std::map<std::string, currency_sums> sums;
  std::set<std::string> months;
  for (const entity& each : all("deal")) {
    if (!each.live() || !is_open(each.doc))
      continue;
    const std::string month = each.doc.contains("expectedCloseDate")
                                  ? month_of(each.doc["expectedCloseDate"])
                                  : "unscheduled";
    months.insert(month);
    currency_sums& currency = sums[each.doc["currency"]];
    currency.all.add(each.doc);
    currency.parts[month].add(each.doc);
  }
  json rows = shown(sums, "months", "month", {months.begin(), months.end()});
  return {.data = pipeline(all("deal"), sums, std::move(rows), made.now_ms)};
}

answer model::win_rate(const call& made) {
  std::int64_t won = 0;
  std::int64_t lost = 0;
  std::int64_t archived = 0;
  for (const entity& each : all("deal")) {
    if (is_open(each.doc) || !within(made.args, each.doc["closedAt"]))
      continue;
    if (!each.live())
      ++archived;
    else
      ++(each.doc["stage"] == "won" ? won : lost);
  }
  return {.data = {{"period", period_of(made.args)},
                   {"won", won},
                   {"lost", lost},
                   {"closed", won + lost},
                   {"winRate", ratio(won, won + lost)},
                   {"leftOut", {{"archived", archived}}}}};
}

answer model::conversion_rate(const call& made) {
  json rows = json::array();
  const std::vector<std::string>& order = stages();
  std::set<std::int64_t> archived;
  for (std::size_t i = 0; i < 4; ++i) {
    std::int64_t entered = 0;
    std::int64_t converted = 0;
    for (const entity& deal : all("deal")) {
      for (std::size_t k = 0; k < deal.entered.size(); ++k) {
        if (deal.entered[k].stage != order[i] || !within(made.args, deal.entered[k].at))
          continue;
        if (!deal.live()) {
          archived.insert(deal.seq);
          break;
        }
        ++entered;
        bool went_on = false;
        for (std::size_t later = k + 1; later < deal.entered.size(); ++later) {
          for (std::size_t further = i + 1; further < 5; ++further)
            went_on = went_on || deal.entered[later].stage == order[further];
        }
        converted += went_on ? 1 : 0;
        break; // entering it again is the same deal
      }
    }
    rows.push_back({{"stage", order[i]},
                    {"entered", entered},
                    {"converted", converted},
                    {"conversionRate", ratio(converted, entered)}});
  }
  return {.data = {{"period", period_of(made.args)},
                   {"stages", rows},
                   {"leftOut", {{"archived", archived.size()}}}}};
}

answer model::activity_summary(const call& made) {
  json by_type{{"call", 0}, {"email", 0}, {"meeting", 0}, {"note", 0}, {"task", 0}};
  std::int64_t total = 0;
  std::int64_t open = 0;
  std::int64_t overdue = 0;
  for (const entity& each : all("activity")) {
    const json& doc = each.doc;
    const bool counts =
        within(made.args, doc["occurredAt"])
        && (!made.args.contains("ownerId") || doc["createdBy"] == made.args["ownerId"]);
    if (!counts)
      continue;
    ++total;
    const std::string type = doc["type"];
    by_type[type] = by_type[type].get<std::int64_t>() + 1;
    if (type != "task" || doc.contains("completedAt"))
      continue;
    ++open;
    overdue += doc.contains("dueAt") && doc["dueAt"] < made.now_ms ? 1 : 0;
  }
  return {.data = {{"asOf", made.now_ms},
                   {"period", period_of(made.args)},
                   {"ownerId", made.args.value("ownerId", json())},
                   {"total", total},
                   {"byType", by_type},
                   {"openTasks", open},
                   {"overdueTasks", overdue},
                   {"leftOut", {{"archived", 0}}}}};
}

} // namespace crm::test::oracle
