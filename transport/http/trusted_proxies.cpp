// SPDX-License-Identifier: Apache-2.0
#include "transport/http/trusted_proxies.hpp"

#include "transport/http/character_classes.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <optional>

namespace crm::transport {

namespace {

constexpr unsigned v4_prefix_bits = 96;

std::optional<unsigned> parse_prefix(std::string_view text, unsigned bits_max) {
  unsigned bits = 0;
  if (text.empty() || !digit_bytes.has_all(text))
    return std::nullopt;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), bits);
  if (problem != std::errc{} || bits > bits_max)
    return std::nullopt;
  return bits;
}

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

} // namespace

bool trusted_proxies::parse_address(std::string_view text, address_bytes& into) {
  const std::string copy{text};
  into = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  if (::inet_pton(AF_INET, copy.c_str(), &into[v4_prefix_bits / 8]) == 1)
    return true;
  return ::inet_pton(AF_INET6, copy.c_str(), into.data()) == 1;
}

result<trusted_proxies> trusted_proxies::parse(const std::vector<std::string>& entries) {
  trusted_proxies set;
  for (const std::string& entry : entries) {
    const std::string_view text = entry;
    const std::size_t slash = text.find('/');
    network parsed{{}, 128};
    bool valid = parse_address(text.substr(0, slash), parsed.base);
    if (slash != std::string_view::npos && valid) {
      const bool is_v4 = text.find(':') == std::string_view::npos;
      const auto bits = parse_prefix(text.substr(slash + 1), is_v4 ? 32 : 128);
      valid = bits.has_value();
      parsed.prefix_bits = bits.value_or(0) + (is_v4 ? v4_prefix_bits : 0);
    }
    if (!valid)
      return error{error_code::invalid_request,
                   "trusted proxy " + entry + " is not an IP address or network"};
    set.networks_.push_back(parsed);
  }
  return set;
}

bool trusted_proxies::contains(std::string_view address) const {
  address_bytes bytes;
  if (!parse_address(address, bytes))
    return false;
  return std::any_of(networks_.begin(), networks_.end(), [&](const network& n) {
    const unsigned whole = n.prefix_bits / 8;
    const unsigned rest = n.prefix_bits % 8;
    if (!std::equal(bytes.begin(), bytes.begin() + whole, n.base.begin()))
      return false;
    return rest == 0 || ((bytes[whole] ^ n.base[whole]) >> (8 - rest)) == 0;
  });
}

void trusted_proxies::apply(http_request& request) const {
  if (!contains(request.peer))
    return;
  if (const auto proto = request.headers.find("X-Forwarded-Proto"))
    request.via = same_ignoring_case(*proto, "https") ? scheme::https : scheme::http;
  // Several lines of the header are one list (RFC 9110, section 5.3), nearest hop last.
  for (std::size_t i = request.headers.size(); i-- > 0;) {
    const auto [name, value] = request.headers[i];
    if (!same_ignoring_case(name, "X-Forwarded-For"))
      continue;
    for (std::string_view left = value; !left.empty();) {
      const std::size_t comma = left.rfind(',');
      const std::string_view hop =
          trim(comma == std::string_view::npos ? left : left.substr(comma + 1));
      left = comma == std::string_view::npos ? std::string_view{} : left.substr(0, comma);
      address_bytes bytes;
      if (!parse_address(hop, bytes))
        return;
      request.peer = hop;
      if (!contains(hop))
        return;
    }
  }
}

} // namespace crm::transport
