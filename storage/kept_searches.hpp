// SPDX-License-Identifier: Apache-2.0
// The matches of searches that found much, kept in their order. Ranking every match is what makes a
// search slow in a large workspace; an agent that asks again, or turns the page, finds them ranked.
// What was changed since is looked at again, so that a kept search answers exactly what a new one
// would. Bounded by limits::kept_matches_max.
#pragma once

#include "storage/database.hpp"

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crm::storage {

/// What a search finds a record by: its names, and everything else.
struct search_text {
  std::string title;
  std::string body;
  bool operator==(const search_text&) const = default;
};

/// A record that a search finds. Ordered as the search answers: the best match has the smallest
/// rank, and of equal ones the older record stands first.
struct match {
  double rank = 0;
  std::int64_t seq = 0;
  auto operator<=>(const match&) const = default;
};

/// What becomes of a kept search when a record of its kind changes.
enum class upkeep : std::uint8_t { mended, dropped };

/// The kept searches of one workspace.
class kept_searches {
public:
  /// Returns the matches of a search that is kept, brought up to date; null when it is not kept.
  /// The pointer lives until the next call of this object. @errors storage.
  result<const std::vector<match>*> find(std::string_view kind, const std::string& expression);

  /// Keeps the matches of a search, in order, if they are worth it; the least used one makes room.
  void keep(std::string_view kind, const std::string& expression, upkeep wanted,
            std::vector<match> matches);

  /// Tells that the record `seq` of a kind now has this text; none when it is no longer found.
  void changed(std::string_view kind, std::int64_t seq, const std::optional<search_text>& text);

  /// Drops everything: what was kept may rest on changes that were undone.
  void forget();

private:
  using changed_texts = std::map<std::int64_t, std::shared_ptr<const std::optional<search_text>>>;

  struct search {
    std::string kind;
    std::string expression;
    upkeep wanted = upkeep::dropped;
    std::vector<match> matches;
    /// What changed since `matches` was brought up to date, by seq.
    changed_texts changes;
  };

  void drop(std::list<search>::iterator which);
  void make_room();
  result<void> mend(search& stale);
  /// Returns those of the changed records that the expression finds. @errors storage.
  result<std::vector<match>> judge(const changed_texts& changes, const std::string& expression);

  /// The last used one first.
  std::list<search> searches_;
  std::size_t matches_kept_ = 0;
  /// A text index in memory with nothing but changed records in it; opened at the first need.
  std::optional<database> judge_;
};

} // namespace crm::storage
