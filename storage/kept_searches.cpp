// SPDX-License-Identifier: Apache-2.0
#include "storage/kept_searches.hpp"

#include "protocol/limits.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace crm::storage {

namespace {

/// The same columns and words as the text indexes of the shard have.
constexpr const char* judge_schema =
    "create virtual table judged using fts5 (title, body, content = '',"
    " tokenize = 'unicode61 remove_diacritics 2')";
constexpr std::string_view judge_add = "insert into judged (rowid, title, body) values (?, ?, ?)";
constexpr std::string_view judge_clear = "insert into judged (judged) values ('delete-all')";
constexpr std::string_view judge_matches =
    "select rowid, steady_rank(judged) from judged where judged match ?1";

} // namespace

result<const std::vector<match>*> kept_searches::find(std::string_view kind,
                                                      const std::string& expression) {
  const auto kept = std::find_if(searches_.begin(), searches_.end(), [&](const search& each) {
    return each.kind == kind && each.expression == expression;
  });
  if (kept == searches_.end())
    return nullptr;
  searches_.splice(searches_.begin(), searches_, kept);
  if (const auto mended = mend(*kept); !mended) {
    forget();
    return mended.error();
  }
  if (kept->matches.size() > limits::kept_matches_max) {
    drop(kept);
    return nullptr;
  }
  make_room();
  return &kept->matches;
}

void kept_searches::keep(std::string_view kind, const std::string& expression, upkeep wanted,
                         std::vector<match> matches) {
  if (matches.size() < limits::kept_matches_min || matches.size() > limits::kept_matches_max)
    return;
  matches_kept_ += matches.size();
  searches_.push_front({std::string{kind}, expression, wanted, std::move(matches), {}});
  make_room();
}

void kept_searches::changed(std::string_view kind, std::int64_t seq,
                            const std::optional<search_text>& text) {
  if (searches_.empty())
    return;
  const auto shared = std::make_shared<const std::optional<search_text>>(text);
  for (auto each = searches_.begin(); each != searches_.end();) {
    const auto next = std::next(each);
    if (each->kind == kind) {
      each->changes[seq] = shared;
      if (each->wanted == upkeep::dropped || each->changes.size() > limits::kept_changes_max)
        drop(each);
    }
    each = next;
  }
}

void kept_searches::forget() {
  searches_.clear();
  matches_kept_ = 0;
}

void kept_searches::drop(std::list<search>::iterator which) {
  matches_kept_ -= which->matches.size();
  searches_.erase(which);
}

void kept_searches::make_room() {
  while (matches_kept_ > limits::kept_matches_max || searches_.size() > limits::kept_searches_max)
    drop(std::prev(searches_.end()));
}

result<void> kept_searches::mend(search& stale) {
  if (stale.changes.empty())
    return {};
  auto found = judge(stale.changes, stale.expression);
  if (!found)
    return std::move(found).error();
  matches_kept_ -= stale.matches.size();
  // Most records were not changed: a hundred thousand of them are passed by at a glance.
  const std::int64_t first = stale.changes.begin()->first;
  const std::int64_t last = stale.changes.rbegin()->first;
  std::erase_if(stale.matches, [&](const match& each) {
    return each.seq >= first && each.seq <= last && stale.changes.contains(each.seq);
  });
  for (const match& each : *found)
    stale.matches.insert(std::upper_bound(stale.matches.begin(), stale.matches.end(), each), each);
  matches_kept_ += stale.matches.size();
  stale.changes.clear();
  return {};
}

result<std::vector<match>> kept_searches::judge(const changed_texts& changes,
                                                const std::string& expression) {
  if (!judge_) {
    auto opened = database::open(":memory:");
    if (!opened)
      return std::move(opened).error();
    CRM_TRY(opened->script(judge_schema));
    judge_ = *std::move(opened);
  }
  CRM_TRY(judge_->run(judge_clear));
  for (const auto& [seq, text] : changes) {
    if (*text)
      CRM_TRY(judge_->run(judge_add, seq, (*text)->title, (*text)->body));
  }
  std::vector<match> found;
  CRM_TRY(judge_->each(
      judge_matches,
      [&](row r) {
        found.push_back({r.real(1), r.integer(0)});
        return true;
      },
      expression));
  return found;
}

} // namespace crm::storage
