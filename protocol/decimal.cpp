// SPDX-License-Identifier: Apache-2.0
#include "protocol/decimal.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

namespace crm {

namespace {

__extension__ using wide = __int128;

constexpr int places = 12;
constexpr wide one = 1'000'000'000'000;

wide divide_half_even(wide numerator, wide denominator) {
  wide quotient = numerator / denominator;
  const wide rest = numerator % denominator;
  const wide doubled = (rest < 0 ? -rest : rest) * 2;
  if (doubled > denominator || (doubled == denominator && quotient % 2 != 0))
    quotient += numerator < 0 ? -1 : 1;
  return quotient;
}

} // namespace

decimal decimal::of_units(wide units) {
  decimal out;
  out.units_ = units;
  return out;
}

decimal decimal::from(double value) {
  // At most 17 significant digits and, in fixed notation below 10^15, some 340 characters.
  std::array<char, 400> text{};
  const auto [end, failed] =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  std::string_view digits(text.data(), static_cast<std::size_t>(end - text.data()));
  const bool negative = digits.starts_with('-');
  if (negative)
    digits.remove_prefix(1);
  wide units = 0;
  int after_point = -1;
  for (const char c : digits) {
    if (c == '.') {
      after_point = 0;
      continue;
    }
    if (after_point == places) {
      units += c >= '5' ? 1 : 0;
      break;
    }
    units = units * 10 + (c - '0');
    after_point += after_point >= 0 ? 1 : 0;
  }
  for (int place = std::max(after_point, 0); place < places; ++place)
    units *= 10;
  return of_units(negative ? -units : units);
}

decimal& decimal::operator+=(const decimal& other) {
  units_ += other.units_;
  return *this;
}

decimal decimal::percent(const decimal& percent) const {
  // 10^27 units times 10^14 would not fit; a percentage needs no more than six places.
  constexpr wide percent_places = 1'000'000;
  const wide scaled = divide_half_even(percent.units_, one / percent_places);
  return of_units(divide_half_even(units_ * scaled, 100 * percent_places));
}

decimal decimal::divided_by(long long count) const {
  return of_units(divide_half_even(units_, count));
}

std::string decimal::to_string() const {
  wide rest = units_ < 0 ? -units_ : units_;
  std::string text;
  for (int place = 0; rest > 0 || place <= places; ++place) {
    if (place == places)
      text += '.';
    text += static_cast<char>('0' + static_cast<int>(rest % 10));
    rest /= 10;
  }
  std::reverse(text.begin(), text.end());
  while (text.ends_with('0'))
    text.pop_back();
  if (text.ends_with('.'))
    text.pop_back();
  return units_ < 0 ? "-" + text : text;
}

} // namespace crm
