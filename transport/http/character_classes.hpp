// SPDX-License-Identifier: Apache-2.0
// The character classes of RFC 9110 and RFC 9112 that a head is checked against.
#pragma once

#include <array>
#include <string_view>

namespace crm::transport {

/// A set of bytes.
class byte_set {
public:
  /// Holds the bytes of `members`.
  constexpr explicit byte_set(std::string_view members) {
    for (const char c : members)
      has_[static_cast<unsigned char>(c)] = true;
  }

  /// Returns the set with every byte from `first` to `last` added.
  constexpr byte_set with_range(unsigned first, unsigned last) const {
    byte_set more = *this;
    for (unsigned byte = first; byte <= last; ++byte)
      more.has_[byte] = true;
    return more;
  }

  constexpr bool has(char c) const { return has_[static_cast<unsigned char>(c)]; }

  /// Returns whether every byte of `text` is in the set.
  constexpr bool has_all(std::string_view text) const {
    for (const char c : text)
      if (!has(c))
        return false;
    return true;
  }

private:
  std::array<bool, 256> has_{};
};

inline constexpr byte_set digit_bytes = byte_set{""}.with_range('0', '9');
inline constexpr byte_set letter_bytes = byte_set{""}.with_range('a', 'z').with_range('A', 'Z');
inline constexpr byte_set hex_bytes = digit_bytes.with_range('a', 'f').with_range('A', 'F');
/// tchar of RFC 9110, section 5.6.2.
inline constexpr byte_set token_bytes =
    byte_set{"!#$%&'*+-.^_`|~"}.with_range('0', '9').with_range('a', 'z').with_range('A', 'Z');
/// field-vchar, SP and HTAB of RFC 9110, section 5.5.
inline constexpr byte_set value_bytes =
    byte_set{"\t"}.with_range(0x20, 0x7E).with_range(0x80, 0xFF);
/// What may stand in a request target; a fragment never reaches a server.
inline constexpr byte_set target_bytes =
    byte_set{""}.with_range(0x21, '#' - 1).with_range('#' + 1, 0x7E);
/// What may stand in a registered name or an address of RFC 3986, section 3.2.2.
inline constexpr byte_set host_bytes =
    byte_set{"-._~%!$&'()*+,;=:"}.with_range('0', '9').with_range('a', 'z').with_range('A', 'Z');

} // namespace crm::transport
