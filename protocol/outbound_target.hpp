// SPDX-License-Identifier: Apache-2.0
// Which addresses a webhook may reach: public ones only. Without this, whoever may define a
// workflow could make the server speak to its own network (CWE-918).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace crm {

/// Where webhooks may go.
enum class target_rules : std::uint8_t {
  public_only,
  /// Loopback and any port as well: for tests.
  loopback_too,
};

using ipv4_address = std::array<std::uint8_t, 4>;
using ipv6_address = std::array<std::uint8_t, 16>;

/// Returns whether an address is one of the public internet. The special ranges of IANA's
/// registries (RFC 6890) are not; an IPv6 address that carries an IPv4 one (mapped, NAT64, 6to4,
/// Teredo) is what it carries, or refused.
bool is_public(const ipv4_address& address);
bool is_public(const ipv6_address& address);

/// Returns whether the address is the machine itself: 127.0.0.0/8 or ::1.
bool is_loopback(const ipv4_address& address);
bool is_loopback(const ipv6_address& address);

/// Returns what is wrong with a webhook's URL, or an empty text: https or http, a host, no user
/// info, no control characters, and the port of the scheme.
std::string check_target_url(std::string_view url, target_rules rules);

} // namespace crm
