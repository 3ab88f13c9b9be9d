// SPDX-License-Identifier: Apache-2.0
// Whose word about the client we take: X-Forwarded-For and X-Forwarded-Proto count only when the
// connection comes from a proxy that the operator named.
#pragma once

#include "protocol/result.hpp"
#include "transport/http/http_message.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace crm::transport {

/// A set of IP networks.
class trusted_proxies {
public:
  /// Reads addresses and networks such as `10.0.0.0/8`, `127.0.0.1` or `fd00::/8`.
  /// @errors invalid_request, naming the entry that is none.
  static result<trusted_proxies> parse(const std::vector<std::string>& entries);

  bool empty() const { return networks_.empty(); }

  /// Returns whether the IP address `address` is in one of the networks.
  bool contains(std::string_view address) const;

  /// Corrects `peer` and `via` of a request that a trusted proxy passed on: the client is the last
  /// address of X-Forwarded-For that is not itself a trusted proxy.
  void apply(http_request& request) const;

private:
  /// IPv4 stands as ::ffff:a.b.c.d, so that one comparison does for both.
  using address_bytes = std::array<std::uint8_t, 16>;
  struct network {
    address_bytes base;
    unsigned prefix_bits;
  };
  static bool parse_address(std::string_view text, address_bytes& into);

  std::vector<network> networks_;
};

} // namespace crm::transport
