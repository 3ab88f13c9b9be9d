// SPDX-License-Identifier: Apache-2.0
// "Did you mean": the nearest of the names that would have been right.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace crm {

/// Returns the candidate nearest to `name`, or an empty text when none is near: letter case,
/// `_`, `-` and spaces do not count, and one slip (a letter added, lost, changed or swapped with
/// its neighbour) per three letters is forgiven. Where none is near, the one candidate that has the
/// name as a part, as `newStage` has `stage`.
std::string_view nearest(std::string_view name, std::span<const std::string_view> candidates);

/// Folds a name for comparison: lower-case ASCII, without `_`, `-` and spaces.
std::string fold_name(std::string_view name);

/// Returns the number of Unicode code points in UTF-8 text.
std::size_t count_code_points(std::string_view text);

} // namespace crm
