// SPDX-License-Identifier: Apache-2.0
#include "actors/webhook.hpp"

#include <array>

namespace crm::actors {

namespace {

constexpr std::int64_t minute_ms = 60'000;
constexpr std::int64_t hour_ms = 60 * minute_ms;
constexpr std::array<std::int64_t, 7> delays{
    5'000, 5 * minute_ms, 30 * minute_ms, 2 * hour_ms, 5 * hour_ms, 10 * hour_ms, 10 * hour_ms};

} // namespace

std::optional<crm::error> failure_of(const webhook_answer& answer) {
  if (answer.status >= 200 && answer.status < 300)
    return std::nullopt;
  if (answer.status == 0)
    return crm::error{error_code::overloaded, "the webhook was not answered: " + answer.failure};
  return crm::error{error_code::overloaded,
                    "the webhook was answered with status " + std::to_string(answer.status)};
}

bool may_be_repeated(const webhook_answer& answer) {
  if (answer.permanent)
    return false;
  return answer.status == 0 || answer.status == 408 || answer.status == 425 || answer.status == 429
         || answer.status >= 500;
}

std::optional<std::int64_t> webhook_delay_ms(int attempt, std::uint64_t random) {
  if (attempt < 1 || attempt > static_cast<int>(delays.size()))
    return std::nullopt;
  const std::int64_t delay = delays.at(static_cast<std::size_t>(attempt - 1));
  return delay + static_cast<std::int64_t>(random % static_cast<std::uint64_t>(delay / 10 + 1));
}

} // namespace crm::actors
