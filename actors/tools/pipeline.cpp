// SPDX-License-Identifier: Apache-2.0
// What the open deals are worth: pipeline_value and forecast_pipeline (design §4.5). Money is
// summed in decimal, per currency; two currencies are never added.
#include "actors/tools/catalogue.hpp"
#include "actors/tools/periods.hpp"
#include "protocol/decimal.hpp"
#include "storage/analytics.hpp"
#include "storage/deals.hpp"

#include <chrono>
#include <map>

namespace crm::tools {

namespace {

/// Deals counted and summed.
struct deal_sum {
  std::int64_t count = 0;
  std::int64_t without_value = 0;
  decimal total;
  decimal weighted;

  void add(const storage::open_deal& deal) {
    ++count;
    if (!deal.value) {
      ++without_value;
      return;
    }
    const decimal value = decimal::from(*deal.value);
    total += value;
    weighted += value.percent(decimal::from(deal.probability));
  }
};

/// One currency's open deals: all of them, and by stage or month.
struct currency_sums {
  deal_sum all;
  std::map<std::string, deal_sum, std::less<>> parts;
};

using sums_by_currency = std::map<std::string, currency_sums, std::less<>>;

template <class Map>
typename Map::mapped_type& entry(Map& map, std::string_view key) {
  const auto found = map.find(key);
  return found != map.end() ? found->second : map[std::string{key}];
}

void append_counts(std::string& out, const deal_sum& sum) {
  out += "\"count\":" + std::to_string(sum.count)
         + ",\"withoutValue\":" + std::to_string(sum.without_value);
}

void append_sum(std::string& out, const deal_sum& sum) {
  append_counts(out, sum);
  out +=
      ",\"totalValue\":" + sum.total.to_string() + ",\"weightedValue\":" + sum.weighted.to_string();
}

/// Appends the parts of one currency in the order of `names`, those without deals left out.
void append_parts(std::string& out, const currency_sums& sums, std::string_view list,
                  std::string_view label, const std::vector<std::string>& names) {
  out += ",\"" + std::string{list} + "\":[";
  for (const std::string& name : names) {
    const auto part = sums.parts.find(name);
    if (part == sums.parts.end())
      continue;
    out += out.ends_with('[') ? "{\"" : ",{\"";
    out += std::string{label} + "\":";
    append_json_string(out, name);
    out += ',';
    append_sum(out, part->second);
    out += '}';
  }
  out += ']';
}

/// Answers with the sums: the counts of all, totals when there is one currency at most, the rows
/// per currency with their parts, and what was left out.
result<tool_reply> answer_sums(tool_context& context, const sums_by_currency& sums,
                               std::string_view list, std::string_view label,
                               const std::vector<std::string>& names) {
  const auto archived = storage::count_archived_open_deals(context.data);
  if (!archived)
    return archived.error();
  deal_sum all;
  for (const auto& [currency, each] : sums) {
    all.count += each.all.count;
    all.without_value += each.all.without_value;
  }
  std::string out =
      "{\"asOf\":" + std::to_string(context.now_ms()) + ",\"period\":" + period_json({}) + ",";
  if (sums.size() > 1) {
    append_counts(out, all);
  } else {
    append_sum(out, sums.empty() ? all : sums.begin()->second.all);
    if (!sums.empty()) {
      out += ",\"currency\":";
      append_json_string(out, sums.begin()->first);
    }
  }
  out += ",\"currencies\":[";
  for (const auto& [currency, each] : sums) {
    out += out.ends_with('[') ? "{\"currency\":" : ",{\"currency\":";
    append_json_string(out, currency);
    out += ',';
    append_sum(out, each.all);
    append_parts(out, each, list, label, names);
    out += '}';
  }
  out += "],\"leftOut\":{\"archived\":" + std::to_string(*archived)
         + ",\"withoutValue\":" + std::to_string(all.without_value) + "}}";
  return tool_reply{std::move(out)};
}

struct no_arguments {
  static constexpr auto input = fields();
};

result<tool_reply> run_pipeline_value(tool_context& context, const no_arguments&) {
  const auto stages = storage::list_stages(context.data);
  if (!stages)
    return stages.error();
  std::vector<std::string> names;
  for (const storage::stage& each : *stages)
    names.push_back(each.name);
  sums_by_currency sums;
  CRM_TRY(storage::each_open_deal(context.data, [&](const storage::open_deal& deal) {
    currency_sums& currency = entry(sums, deal.currency);
    currency.all.add(deal);
    entry(currency.parts, deal.stage).add(deal);
  }));
  return answer_sums(context, sums, "stages", "stage", names);
}

constexpr std::string_view unscheduled = "unscheduled";

/// The month of a time in UTC, as `2026-11`. The calendar of <chrono> ends with the year 32767.
std::string month_of(std::int64_t ms) {
  constexpr std::int64_t year_0_ms = -62'167'219'200'000;
  constexpr std::int64_t year_10000_ms = 253'402'300'800'000;
  if (ms < year_0_ms)
    return "0000-00, before";
  if (ms >= year_10000_ms)
    return "9999-12, after";
  const std::chrono::sys_time<std::chrono::milliseconds> at{std::chrono::milliseconds{ms}};
  const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(at)};
  std::string year = std::to_string(static_cast<int>(day.year()));
  year.insert(0, 4 - year.size(), '0');
  const auto month = static_cast<unsigned>(day.month());
  return year + (month < 10 ? "-0" : "-") + std::to_string(month);
}

result<tool_reply> run_forecast(tool_context& context, const no_arguments&) {
  sums_by_currency sums;
  CRM_TRY(storage::each_open_deal(context.data, [&](const storage::open_deal& deal) {
    currency_sums& currency = entry(sums, deal.currency);
    currency.all.add(deal);
    if (deal.expected_close_at)
      entry(currency.parts, month_of(*deal.expected_close_at)).add(deal);
    else
      entry(currency.parts, unscheduled).add(deal);
  }));
  std::vector<std::string> months;
  for (const auto& [currency, each] : sums) {
    for (const auto& [month, sum] : each.parts)
      months.push_back(month);
  }
  std::sort(months.begin(), months.end());
  months.erase(std::unique(months.begin(), months.end()), months.end());
  return answer_sums(context, sums, "months", "month", months);
}

} // namespace

tool pipeline_value() {
  return declare<no_arguments>(
      {"pipeline_value", "Pipeline value", "Search / Analytics", scope::read, effect::read,
       "Counts the open deals and sums value and value x probability, per currency and stage; "
       "totals across all only when there is one currency. Archived deals are left out. By month: "
       "forecast_pipeline."},
      run_pipeline_value);
}

tool forecast_pipeline() {
  return declare<no_arguments>(
      {"forecast_pipeline", "Forecast pipeline", "Deals", scope::read, effect::read,
       "Sums value x probability of the open deals by month of expectedCloseDate and currency; "
       "deals without a date stand under unscheduled. By stage: pipeline_value.",
       true},
      run_forecast);
}

} // namespace crm::tools
