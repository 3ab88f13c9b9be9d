// SPDX-License-Identifier: Apache-2.0
#include "protocol/mcp/base64.hpp"

#include <cstdint>

namespace crm::mcp {

namespace {

constexpr std::string_view standard_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view url_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::optional<std::string> decode(std::string_view text, std::string_view alphabet) {
  if (text.size() % 4 == 1)
    return std::nullopt;
  std::string out;
  out.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    const std::size_t digit = alphabet.find(c);
    if (digit == std::string_view::npos)
      return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    count += 6;
    if (count < 8)
      continue;
    count -= 8;
    out += static_cast<char>(bits >> count & 0xFF);
  }
  if ((bits & ((1U << count) - 1U)) != 0)
    return std::nullopt;
  return out;
}

} // namespace

std::optional<std::string> base64_decoded(std::string_view text) {
  if (text.size() % 4 != 0)
    return std::nullopt;
  if (text.ends_with("=="))
    text.remove_suffix(2);
  else if (text.ends_with('='))
    text.remove_suffix(1);
  return decode(text, standard_alphabet);
}

std::string base64url_encoded(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() * 4 + 2) / 3);
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char byte : bytes) {
    bits = bits << 8 | static_cast<unsigned char>(byte);
    count += 8;
    while (count >= 6) {
      count -= 6;
      out += url_alphabet[bits >> count & 0x3F];
    }
  }
  if (count > 0)
    out += url_alphabet[bits << (6 - count) & 0x3F];
  return out;
}

std::optional<std::string> base64url_decoded(std::string_view text) {
  return decode(text, url_alphabet);
}

} // namespace crm::mcp
