// SPDX-License-Identifier: Apache-2.0
#include "protocol/mcp/uri_template.hpp"

#include <algorithm>

namespace crm::mcp {

namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size())
      return std::nullopt;
    const int high = hex_digit(text[i + 1]);
    const int low = hex_digit(text[i + 2]);
    if (high < 0 || low < 0)
      return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

} // namespace

uri_template::uri_template(std::string_view pattern) {
  while (!pattern.empty()) {
    const std::size_t open = std::min(pattern.find('{'), pattern.size());
    piece next{std::string{pattern.substr(0, open)}, {}};
    pattern.remove_prefix(open);
    if (!pattern.empty()) {
      const std::size_t close = pattern.find('}');
      next.variable = pattern.substr(1, close - 1);
      pattern.remove_prefix(close + 1);
    }
    pieces_.push_back(std::move(next));
  }
}

std::optional<json> uri_template::match(std::string_view uri) const {
  json variables = json::object();
  for (const piece& next : pieces_) {
    if (!uri.starts_with(next.literal))
      return std::nullopt;
    uri.remove_prefix(next.literal.size());
    if (next.variable.empty())
      continue;
    const std::string_view value = uri.substr(0, std::min(uri.find_first_of("/?#"), uri.size()));
    const auto decoded = percent_decoded(value);
    if (value.empty() || !decoded)
      return std::nullopt;
    variables[next.variable] = *decoded;
    uri.remove_prefix(value.size());
  }
  if (!uri.empty())
    return std::nullopt;
  return variables;
}

bool is_uri(std::string_view uri) {
  const std::size_t colon = uri.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == uri.size()
      || !is_letter(uri.front()))
    return false;
  const std::string_view scheme = uri.substr(0, colon);
  const bool good_scheme = std::ranges::all_of(scheme, [](char c) {
    return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
  });
  static constexpr std::string_view others = "-._~:/?#[]@!$&'()*+,;=%";
  return good_scheme && std::ranges::all_of(uri.substr(colon + 1), [](char c) {
           return is_letter(c) || is_digit(c) || others.find(c) != std::string_view::npos;
         });
}

} // namespace crm::mcp
