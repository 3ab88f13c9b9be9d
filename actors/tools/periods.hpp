// SPDX-License-Identifier: Apache-2.0
// The arguments `since` and `until`, which many tools take, and the period that their answers
// state.
#pragma once

#include "actors/tools/tool.hpp"
#include "storage/period.hpp"

#include <optional>
#include <string>

namespace crm::tools {

/// Declares the argument `since`.
template <class Args>
constexpr auto since_field(std::optional<timestamp> Args::*member) {
  return field{"since", member, "Unix ms, included."};
}

/// Declares the argument `until`.
template <class Args>
constexpr auto until_field(std::optional<timestamp> Args::*member) {
  return field{"until", member, "Unix ms, not included."};
}

/// Reads a period, open at an end that is left out. @errors validation when it ends before it
/// starts.
result<storage::period> period_asked(std::optional<timestamp> since,
                                     std::optional<timestamp> until);

/// Returns the period as answers state it: `{"since":…,"until":…}`, null where it is open.
std::string period_json(const storage::period& when);

} // namespace crm::tools
