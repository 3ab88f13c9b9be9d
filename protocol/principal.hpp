// SPDX-License-Identifier: Apache-2.0
// Who calls, and the only place that decides what a caller may do.
#pragma once

#include "protocol/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crm {

struct tool_spec;

/// A scope tier (design §4.4). A tool needs exactly one; a token holds a set.
enum class scope : std::uint8_t { read, write, admin, workflow_trigger, cloud_admin };

/// A set of scope tiers.
class scope_set {
public:
  scope_set() = default;
  scope_set(std::initializer_list<scope> scopes);

  void insert(scope tier) { bits_ |= bit(tier); }
  bool contains(scope tier) const { return (bits_ & bit(tier)) != 0; }
  bool empty() const { return bits_ == 0; }

  /// Returns whether the set reaches a tool that needs `needed`: cloud-admin reaches everything,
  /// admin reaches write and read, write reaches read, workflow-trigger stands alone.
  bool reaches(scope needed) const;

  /// Returns the comma-separated names, in the order of the tiers.
  std::string to_string() const;

  bool operator==(const scope_set&) const = default;

private:
  static std::uint8_t bit(scope tier) {
    return static_cast<std::uint8_t>(1U << static_cast<unsigned>(tier));
  }
  std::uint8_t bits_ = 0;
};

/// Returns the name of a tier as tokens and errors spell it, such as `workflow-trigger`.
std::string_view name_of(scope tier);

/// Reads a comma-separated list such as `read,write`. @errors validation, naming the valid tiers.
result<scope_set> parse_scopes(std::string_view list);

/// Every scope tier: what the trusted local user of stdio holds.
scope_set all_scopes();

/// Who answers for a caller's name.
enum class voucher : std::uint8_t {
  /// Whoever issued the token.
  token,
  /// The transport itself: the one local user of stdio, or anyone under `--no-auth`.
  transport,
};

/// An authenticated caller.
struct principal {
  /// The workspace that every call of this caller acts in.
  std::string workspace;
  /// The name under which changes are logged.
  std::string actor;
  scope_set scopes;
  voucher vouched_by = voucher::token;
};

/// Decides whether `caller` may run `tool`. @errors scope, naming the scope that is needed.
result<void> authorize(const principal& caller, const tool_spec& tool);

} // namespace crm
