// SPDX-License-Identifier: Apache-2.0
#include "protocol/outbound_target.hpp"

#include <algorithm>
#include <span>

namespace crm {

namespace {

/// A range of addresses: its first bytes, and how many bits of them count.
template <class Address>
struct range {
  Address start;
  unsigned bits;
};

/// IANA's IPv4 special-purpose registry, and multicast and the reserved rest.
constexpr std::array<range<ipv4_address>, 17> special_v4{{
    {{0, 0, 0, 0}, 8},       // this network
    {{10, 0, 0, 0}, 8},      // private
    {{100, 64, 0, 0}, 10},   // carrier-grade NAT
    {{127, 0, 0, 0}, 8},     // loopback
    {{169, 254, 0, 0}, 16},  // link-local, with the clouds' metadata services
    {{172, 16, 0, 0}, 12},   // private
    {{192, 0, 0, 0}, 24},    // protocol assignments
    {{192, 0, 2, 0}, 24},    // documentation
    {{192, 31, 196, 0}, 24}, // AS112
    {{192, 52, 193, 0}, 24}, // AMT
    {{192, 88, 99, 0}, 24},  // 6to4 relays
    {{192, 168, 0, 0}, 16},  // private
    {{192, 175, 48, 0}, 24}, // AS112
    {{198, 18, 0, 0}, 15},   // benchmarks
    {{198, 51, 100, 0}, 24}, // documentation
    {{203, 0, 113, 0}, 24},  // documentation
    {{224, 0, 0, 0}, 3},     // multicast and reserved, with broadcast
}};

/// Within 2000::/3, the only global unicast space, what is not public.
constexpr std::array<range<ipv6_address>, 7> special_v6{{
    {{0x20, 0x01, 0x00}, 23},                   // protocol assignments, with Teredo and ORCHID
    {{0x20, 0x01, 0x0D, 0xB8}, 32},             // documentation
    {{0x20, 0x01, 0x00, 0x02}, 48},             // benchmarks
    {{0x26, 0x20, 0x00, 0x4F, 0x80, 0x00}, 48}, // AS112
    {{0x3F, 0xFF, 0x00}, 20},                   // documentation
    {{0x3F, 0xFE}, 16},                         // 6bone, given back
    {{0x20, 0x02}, 16},                         // 6to4: carries an IPv4 address
}};

template <class Address>
bool within(const Address& address, const range<Address>& block) {
  for (unsigned bit = 0; bit < block.bits; ++bit) {
    const auto mask = static_cast<std::uint8_t>(0x80U >> (bit % 8));
    if ((address[bit / 8] & mask) != (block.start[bit / 8] & mask))
      return false;
  }
  return true;
}

template <class Address, std::size_t Size>
bool within_any(const Address& address, const std::array<range<Address>, Size>& blocks) {
  return std::any_of(blocks.begin(), blocks.end(),
                     [&](const range<Address>& block) { return within(address, block); });
}

bool is_mapped(const ipv6_address& address) {
  return within(address, range<ipv6_address>{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF}, 96});
}

ipv4_address last_four(const ipv6_address& address) {
  return {address[12], address[13], address[14], address[15]};
}

/// The authority of a URL: what stands between `//` and the path.
std::string_view authority_of(std::string_view rest) {
  return rest.substr(0, rest.find_first_of("/?#"));
}

/// Splits a port off an authority; the colons of a bracketed IPv6 address are not its own.
std::string_view port_of(std::string_view authority) {
  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.rfind(':');
  if (colon == std::string_view::npos || (bracket != std::string_view::npos && colon < bracket))
    return {};
  return authority.substr(colon + 1);
}

bool is_unprintable(char c) {
  return static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7F;
}

} // namespace

bool is_public(const ipv4_address& address) {
  return !within_any(address, special_v4);
}

bool is_public(const ipv6_address& address) {
  const range<ipv6_address> nat64{{0x00, 0x64, 0xFF, 0x9B}, 96};
  if (is_mapped(address) || within(address, nat64))
    return is_public(last_four(address));
  const range<ipv6_address> global_unicast{{0x20}, 3};
  return within(address, global_unicast) && !within_any(address, special_v6);
}

bool is_loopback(const ipv4_address& address) {
  return address[0] == 127;
}

bool is_loopback(const ipv6_address& address) {
  if (is_mapped(address))
    return is_loopback(last_four(address));
  ipv6_address one{};
  one[15] = 1;
  return address == one;
}

std::string check_target_url(std::string_view url, target_rules rules) {
  if (std::any_of(url.begin(), url.end(), is_unprintable) || url.find('\\') != url.npos)
    return "a URL of printable ASCII characters";
  const bool tls = url.starts_with("https://");
  if (!tls && !url.starts_with("http://"))
    return "a URL that begins with https:// or http://";
  const std::string_view authority = authority_of(url.substr(tls ? 8 : 7));
  if (authority.empty() || authority.front() == ':')
    return "a URL with a host";
  if (authority.find('@') != authority.npos)
    return "a URL without user name and password";
  const std::string_view port = port_of(authority);
  if (rules == target_rules::public_only && !port.empty() && port != (tls ? "443" : "80"))
    return "a URL with the port of its scheme: 443 for https, 80 for http";
  return {};
}

} // namespace crm
