// SPDX-License-Identifier: Apache-2.0
// Exact sums of money. A JSON number arrives as a double, but the shortest decimal text of that
// double is what the caller wrote; from there on nothing is binary.
#pragma once

#include <string>

namespace crm {

/// A decimal number with twelve places, exact up to 10^26.
class decimal {
public:
  decimal() = default;

  /// Returns the number that the caller of a double wrote; further places than twelve are rounded.
  /// @pre the magnitude is at most 10^15.
  static decimal from(double value);

  decimal& operator+=(const decimal& other);

  /// Returns this times `percent` / 100, rounded half to even in the last place.
  decimal percent(const decimal& percent) const;

  /// Returns this divided by a count, rounded half to even in the last place. @pre count > 0.
  decimal divided_by(long long count) const;

  /// Returns the number as JSON: no exponent, no zeros at the end.
  std::string to_string() const;

  bool operator==(const decimal&) const = default;

private:
  __extension__ using wide = __int128;

  static decimal of_units(wide units);

  wide units_ = 0; // of 10^-12
};

} // namespace crm
