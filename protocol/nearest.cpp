// SPDX-License-Identifier: Apache-2.0
#include "protocol/nearest.hpp"

#include <algorithm>

namespace crm {

namespace {

/// Optimal string alignment distance: insertions, deletions, changes, swaps of neighbours.
std::size_t slips_between(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j)
    last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

/// Shorter ones are part of too much.
constexpr std::size_t part_bytes_min = 4;

/// Returns the candidate that has the folded text as a part, if there is exactly one.
std::string_view only_one_with(const std::string& part,
                               std::span<const std::string_view> candidates) {
  std::string_view found;
  if (part.size() < part_bytes_min)
    return found;
  for (const std::string_view candidate : candidates) {
    if (fold_name(candidate).find(part) == std::string::npos)
      continue;
    if (!found.empty())
      return {};
    found = candidate;
  }
  return found;
}

/// Longer names are not names; comparing them would only cost time.
constexpr std::size_t name_bytes_max = 64;

} // namespace

std::string fold_name(std::string_view name) {
  std::string folded;
  folded.reserve(name.size());
  for (const char c : name) {
    if (c == '_' || c == '-' || c == ' ')
      continue;
    folded.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  }
  return folded;
}

std::string_view nearest(std::string_view name, std::span<const std::string_view> candidates) {
  if (name.size() > name_bytes_max)
    return {};
  const std::string wanted = fold_name(name);
  std::string_view best;
  std::size_t best_slips = std::max<std::size_t>(wanted.size() / 3, 1) + 1;
  for (const std::string_view candidate : candidates) {
    const std::size_t slips = slips_between(wanted, fold_name(candidate));
    if (slips >= best_slips)
      continue;
    best = candidate;
    best_slips = slips;
  }
  return best.empty() ? only_one_with(wanted, candidates) : best;
}

std::size_t count_code_points(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

} // namespace crm
