// SPDX-License-Identifier: Apache-2.0
#include "actors/tools/catalogue.hpp"
#include "protocol/decimal.hpp"
#include "storage/deals.hpp"

#include <chrono>
#include <map>

namespace crm::tools {

namespace {

/// Deals counted and summed: design §4.5.
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

void append_sum(std::string& out, const deal_sum& sum) {
  out += "\"count\":" + std::to_string(sum.count) + ",\"totalValue\":" + sum.total.to_string()
         + ",\"weightedValue\":" + sum.weighted.to_string()
         + ",\"withoutValue\":" + std::to_string(sum.without_value);
}

/// The month of a time in UTC, as `2026-11`.
std::string month_of(std::int64_t ms) {
  const std::chrono::sys_time<std::chrono::milliseconds> at{std::chrono::milliseconds{ms}};
  const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(at)};
  std::string text = std::to_string(static_cast<int>(day.year())) + "-";
  const auto month = static_cast<unsigned>(day.month());
  return text + (month < 10 ? "0" : "") + std::to_string(month);
}

struct forecast_args {
  static constexpr auto input = fields();
};

/// One currency's open deals, in all and by the month in which they are expected to close.
struct currency_forecast {
  deal_sum all;
  std::map<std::string, deal_sum> months;
};

std::string forecast_json(const std::map<std::string, currency_forecast>& currencies) {
  std::string out = "{\"currencies\":[";
  for (const auto& [currency, forecast] : currencies) {
    out += out.ends_with('[') ? "{\"currency\":" : ",{\"currency\":";
    append_json_string(out, currency);
    out += ',';
    append_sum(out, forecast.all);
    out += ",\"months\":[";
    for (const auto& [month, sum] : forecast.months) {
      out += out.ends_with('[') ? "{\"month\":" : ",{\"month\":";
      append_json_string(out, month);
      out += ',';
      append_sum(out, sum);
      out += '}';
    }
    out += "]}";
  }
  return out + "]}";
}

result<tool_reply> run_forecast(tool_context& context, const forecast_args&) {
  std::map<std::string, currency_forecast> currencies;
  CRM_TRY(storage::each_open_deal(context.data, [&](const storage::open_deal& deal) {
    currency_forecast& forecast = currencies[std::string{deal.currency}];
    forecast.all.add(deal);
    const std::string month =
        deal.expected_close_at ? month_of(*deal.expected_close_at) : "unscheduled";
    forecast.months[month].add(deal);
  }));
  return tool_reply{forecast_json(currencies)};
}

} // namespace

tool forecast_pipeline() {
  return declare<forecast_args>(
      {"forecast_pipeline", "Forecast pipeline", "Deals", scope::read, effect::read,
       "Sums value x probability of the open deals by month of expectedCloseDate and currency; "
       "deals without a date stand under unscheduled.",
       true},
      run_forecast);
}

} // namespace crm::tools
