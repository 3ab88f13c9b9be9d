// SPDX-License-Identifier: Apache-2.0
// What a workspace's plan allows: tiers, their limits, and how much of them is used.
#pragma once

#include "storage/shard.hpp"

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace crm::storage {

/// A thing that a plan limits the number of.
enum class resource : std::uint8_t {
  contacts,
  companies,
  deals,
  activities,
  custom_fields,
  custom_objects,
  records,
  workflows,
  members,
};

/// The names of the resources, in the order of the enumeration.
inline constexpr std::array<std::string_view, 9> resource_names{
    "contacts",      "companies", "deals",     "activities", "customFields",
    "customObjects", "records",   "workflows", "members"};

/// A plan.
struct tier {
  std::string_view name;
  /// How many there may be, in the order of the resources; none where nothing bounds it.
  std::array<std::optional<std::int64_t>, resource_names.size()> limits;

  std::optional<std::int64_t> limit_of(resource what) const {
    return limits.at(static_cast<std::size_t>(what));
  }
};

/// All tiers, from the smallest to the unlimited one, which a workspace has unless told otherwise.
std::span<const tier> all_tiers();

/// Returns the tier of that name, or null.
const tier* tier_named(std::string_view name);

/// Returns whether there is a tier of that name. @errors validation, naming the valid tiers.
result<void> check_tier(std::string_view name);

/// Returns the workspace's tier. @errors conflict when this program does not know it; storage.
result<const tier*> tier_of(shard& data);

/// Sets the workspace's tier, for the operator: what exists already stays even if it is over a
/// limit. @errors validation, naming the valid tiers; storage.
result<void> set_tier(shard& data, std::string_view name);

/// Counts what there is of a resource; archived records do not count. @errors storage.
result<std::int64_t> usage_of(shard& data, resource what);

} // namespace crm::storage
