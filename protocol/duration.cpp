// SPDX-License-Identifier: Apache-2.0
#include "protocol/duration.hpp"

#include <array>
#include <charconv>
#include <utility>

namespace crm {

namespace {

constexpr std::int64_t day_ms = 24LL * 60 * 60 * 1000;
constexpr std::int64_t duration_ms_max = 3'660 * day_ms;
constexpr std::array<std::pair<std::string_view, std::int64_t>, 5> units{
    {{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}, {"d", day_ms}}};

} // namespace

std::optional<std::int64_t> parse_duration(std::string_view text) {
  std::int64_t count = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (failure != std::errc{} || count < 0)
    return std::nullopt;
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  for (const auto& [name, ms] : units) {
    if (unit == name)
      return count <= duration_ms_max / ms ? std::optional{count * ms} : std::nullopt;
  }
  return std::nullopt;
}

} // namespace crm
