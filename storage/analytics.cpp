// SPDX-License-Identifier: Apache-2.0
#include "storage/analytics.hpp"

#include <array>

namespace crm::storage {

namespace {

/// Runs a query whose one row is one number.
template <class... Values>
result<std::int64_t> read_count(shard& data, std::string_view sql, const Values&... values) {
  std::int64_t n = 0;
  const auto read = data.db().first(
      sql, [&](row r) { n = r.integer(0); }, values...);
  if (!read)
    return read.error();
  return n;
}

} // namespace

// -- the pipeline
// ----------------------------------------------------------------------------------

constexpr std::string_view select_open_deals =
    "select d.stage, d.currency, d.value, d.probability, d.expected_close_at"
    " from stages s join deals d indexed by deals_pipeline on d.stage = s.name"
    " where s.outcome = 'open' and d.archived_at is null order by s.position, d.currency";

result<void> each_open_deal(shard& data, const std::function<void(const open_deal&)>& visit) {
  return data.db().each(select_open_deals, [&](row r) {
    visit({r.text(0), r.text(1), r.is_null(2) ? std::nullopt : std::optional{r.real(2)}, r.real(3),
           r.optional_integer(4)});
    return true;
  });
}

constexpr std::string_view count_archived_open =
    "select count(*) from deals indexed by deals_archived where archived_at is not null"
    " and stage in (select name from stages where outcome = 'open')";

result<std::int64_t> count_archived_open_deals(shard& data) {
  return read_count(data, count_archived_open);
}

constexpr std::string_view count_closed =
    "select s.outcome = 'won', (select count(*) from deals d indexed by deals_closed"
    "  where d.stage = s.name and d.archived_at is null"
    "  and d.closed_at >= ?1 and d.closed_at < ?2)"
    " from stages s where s.outcome <> 'open'";

constexpr std::string_view count_archived_closed =
    "select count(*) from deals indexed by deals_archived"
    " where archived_at is not null and closed_at >= ?1 and closed_at < ?2";

result<closed_deals> count_closed_deals(shard& data, const period& when) {
  closed_deals counted;
  CRM_TRY(data.db().each(
      count_closed,
      [&](row r) {
        (r.integer(0) != 0 ? counted.won : counted.lost) += r.integer(1);
        return true;
      },
      when.since, when.until));
  const auto archived = read_count(data, count_archived_closed, when.since, when.until);
  if (!archived)
    return archived.error();
  counted.archived = *archived;
  return counted;
}

// -- stage history
// ---------------------------------------------------------------------------------

constexpr std::string_view select_open_stages =
    "select name from stages where outcome = 'open' order by position";

// An entry that repeats one of the same period is the same deal again. What the first of them led
// to counts. One stage at a time: joined with the stages and grouped it takes 3.5 times as long.
constexpr std::string_view count_passages =
    "select count(*), coalesce(sum(advanced), 0)"
    " from stage_entries indexed by stage_entries_by_stage"
    " where stage = ?1 and live = 1 and entered_at >= ?2 and entered_at < ?3"
    " and (repeat_of is null or repeat_of < ?2)";

result<std::vector<stage_passage>> count_stage_passages(shard& data, const period& when) {
  std::vector<stage_passage> passages;
  CRM_TRY(data.db().each(select_open_stages, [&](row r) {
    passages.push_back({std::string{r.text(0)}});
    return true;
  }));
  for (stage_passage& each : passages) {
    const auto read = data.db().first(
        count_passages,
        [&](row r) {
          each.entered = r.integer(0);
          each.advanced = r.integer(1);
        },
        each.stage, when.since, when.until);
    if (!read)
      return read.error();
  }
  return passages;
}

constexpr std::string_view count_archived_entries =
    "select count(distinct deal) from stage_entries indexed by stage_entries_archived"
    " where live = 0 and entered_at >= ?1 and entered_at < ?2"
    " and stage in (select name from stages where outcome = 'open')";

result<std::int64_t> count_archived_passages(shard& data, const period& when) {
  return read_count(data, count_archived_entries, when.since, when.until);
}

// -- activities
// ------------------------------------------------------------------------------------

namespace {

/// Widths of the stretches that activities are counted by, the widest first: see migration 0003.
constexpr std::array<int, 3> widths{27, 18, 9};

constexpr std::string_view sum_stretches =
    "select coalesce(sum(n), 0) from activity_counts"
    " where owner = ?1 and type = ?2 and width = ?3 and stretch >= ?4 and stretch < ?5";

constexpr std::string_view count_ends =
    "select count(*) from activities indexed by activities_by_type"
    " where type = ?1 and occurred_at >= ?2 and occurred_at < ?3";

constexpr std::string_view count_owned_ends =
    "select count(*) from activities indexed by activities_by_owner"
    " where owner = ?1 and type = ?2 and occurred_at >= ?3 and occurred_at < ?4";

/// Whose activities of which type are counted.
struct activity_series {
  shard& data;
  std::string_view type;
  const std::optional<std::string>& owner;
  std::string name; // as activity_counts spells the owner

  result<std::int64_t> count_one_by_one(const period& when) const {
    if (owner)
      return read_count(data, count_owned_ends, *owner, type, when.since, when.until);
    return read_count(data, count_ends, type, when.since, when.until);
  }

  /// Counts whole stretches of the given width, then what sticks out at both ends by the next
  /// smaller one, and at last one by one.
  result<std::int64_t> count(const period& when, std::size_t level) const {
    if (when.since >= when.until)
      return std::int64_t{0};
    if (level == widths.size())
      return count_one_by_one(when);
    const int width = widths.at(level);
    const std::int64_t length = std::int64_t{1} << width;
    const bool starts_within = (when.since & (length - 1)) != 0;
    const std::int64_t first = (when.since >> width) + (starts_within ? 1 : 0);
    const std::int64_t end = when.until >> width;
    if (first >= end)
      return count(when, level + 1);
    const auto whole = read_count(data, sum_stretches, name, type, width, first, end);
    if (!whole)
      return whole;
    const auto before = count({when.since, first * length}, level + 1);
    if (!before)
      return before;
    const auto after = count({end * length, when.until}, level + 1);
    if (!after)
      return after;
    return *whole + *before + *after;
  }
};

} // namespace

result<std::int64_t> count_activities(shard& data, std::string_view type,
                                      const std::optional<std::string>& owner, const period& when) {
  return activity_series{data, type, owner, owner ? "@" + *owner : "*"}.count(when, 0);
}

constexpr std::string_view count_tasks =
    "select count(*), coalesce(sum(due_at < ?3), 0)"
    " from activities indexed by activities_open_tasks"
    " where type = 'task' and completed_at is null and occurred_at >= ?1 and occurred_at < ?2"
    " and (?4 is null or owner = ?4)";

result<open_tasks> count_open_tasks(shard& data, const std::optional<std::string>& owner,
                                    const period& when, std::int64_t now_ms) {
  open_tasks counted;
  const auto read = data.db().first(
      count_tasks,
      [&](row r) {
        counted.open = r.integer(0);
        counted.overdue = r.integer(1);
      },
      when.since, when.until, now_ms, owner);
  if (!read)
    return read.error();
  return counted;
}

} // namespace crm::storage
