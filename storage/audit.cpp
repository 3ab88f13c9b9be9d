// SPDX-License-Identifier: Apache-2.0
#include "storage/audit.hpp"

#include "storage/change_ranks.hpp"

#include <algorithm>
#include <array>

namespace crm::storage {

namespace {

// -- what a change says --------------------------------------------------------------------------

/// The columns of a change in the order in which every statement below selects them.
constexpr std::array<std::string_view, 11> members{"seq",       "at",    "actor",      "client",
                                                   "requestId", "tool",  "entityType", "entityId",
                                                   "action",    "cause", "reason"};

/// Writes a change as JSON, without the closing brace.
std::string open_change_json(row r) {
  std::string out;
  for (std::size_t i = 0; i < members.size(); ++i) {
    const int column = static_cast<int>(i);
    out += i == 0 ? "{\"" : ",\"";
    out += members.at(i);
    out += "\":";
    if (i < 2)
      out += std::to_string(r.integer(column));
    else
      append_json_string(out, r.text(column));
  }
  return out;
}

/// Every change moves these, and the first one sets them: they tell nothing.
bool tells_nothing(std::string_view member) {
  constexpr std::array<std::string_view, 5> silent{"id", "version", "createdAt", "createdBy",
                                                   "updatedAt"};
  return std::find(silent.begin(), silent.end(), member) != silent.end();
}

const json& member_or_null(const json& doc, const std::string& name) {
  static const json none;
  const auto found = doc.is_object() ? doc.find(name) : doc.end();
  return doc.is_object() && found != doc.end() ? *found : none;
}

/// Appends what differs between two objects; `prefix` stands before the names of their members.
void append_differences(json& out, const std::string& prefix, const json& before,
                        const json& after) {
  const auto compare = [&](const std::string& name) {
    const json& was = member_or_null(before, name);
    const json& is = member_or_null(after, name);
    if (was == is)
      return;
    if (prefix.empty() && name == "customFields")
      append_differences(out, name + ".", was, is);
    else
      out.push_back({{"field", prefix + name}, {"old", was}, {"new", is}});
  };
  const auto walk = [&](const json& doc, const json* skip) {
    if (!doc.is_object())
      return;
    for (const auto& [name, value] : doc.items()) {
      const bool seen = skip != nullptr && skip->is_object() && skip->contains(name);
      if (!seen && !(prefix.empty() && tells_nothing(name)))
        compare(name);
    }
  };
  walk(after, nullptr);
  walk(before, &after);
}

} // namespace

json differences(const json& before, const json& after) {
  json out = json::array();
  append_differences(out, "", before, after);
  return out;
}

// -- lists ---------------------------------------------------------------------------------------

namespace {

/// A stretch of the log, both ends included.
struct log_stretch {
  std::int64_t first;
  std::int64_t last;
};

/// The log has no gaps and its time never goes back, so a time is found by halving.
constexpr std::string_view first_since =
    "with recursive search (low, high) as ("
    " select 1, (select coalesce(max(seq), 0) + 1 from changes)"
    " union all"
    " select iif(c.at < ?1, c.seq + 1, low), iif(c.at < ?1, high, c.seq)"
    " from search join changes c on c.seq = (low + high) / 2 where low < high)"
    " select low from search where low = high";

/// Returns the place of the first change at `time_ms` or later; one behind the last if there is
/// none.
result<std::int64_t> place_of(shard& data, std::int64_t time_ms) {
  std::int64_t place = 0;
  const auto read = data.db().first(
      first_since, [&](row r) { place = r.integer(0); }, time_ms);
  if (!read)
    return read.error();
  return place;
}

/// Finds the changes of a period, which stand together.
result<log_stretch> stretch_of(shard& data, const period& when) {
  const auto first = place_of(data, when.since);
  const auto end = place_of(data, when.until);
  if (!first || !end)
    return (!first ? first : end).error();
  return log_stretch{*first, *end - 1};
}

constexpr std::string_view list_all =
    "select seq, at, actor, client, request, tool, entity_type, entity_id, action, cause, reason"
    " from changes where seq >= ?1 and seq <= ?2 order by seq desc limit ?3";

constexpr std::string_view list_by_type =
    "select seq, at, actor, client, request, tool, entity_type, entity_id, action, cause, reason"
    " from changes indexed by changes_by_type"
    " where seq >= ?1 and seq <= ?2 and entity_type = ?4 order by seq desc limit ?3";

constexpr std::string_view list_by_actor =
    "select seq, at, actor, client, request, tool, entity_type, entity_id, action, cause, reason"
    " from changes indexed by changes_by_actor"
    " where seq >= ?1 and seq <= ?2 and actor = ?4 order by seq desc limit ?3";

constexpr std::string_view list_by_both =
    "select seq, at, actor, client, request, tool, entity_type, entity_id, action, cause, reason"
    " from changes indexed by changes_by_type_and_actor"
    " where seq >= ?1 and seq <= ?2 and entity_type = ?4 and actor = ?5 order by seq desc limit ?3";

/// Reads a page with `list_sql`, and counts by the difference of two ranks.
template <class... Values>
result<page> read_stretch(shard& data, const log_stretch& stretch, const page_request& request,
                          const change_traits& traits, std::string_view list_sql,
                          const Values&... values) {
  const std::int64_t below =
      request.after ? std::min(request.after->seq - 1, stretch.last) : stretch.last;
  page_builder builder{request};
  CRM_TRY(data.db().each(
      list_sql,
      [&](row r) {
        return builder.add(open_change_json(r) + "}", {0, r.integer(0)});
      },
      stretch.first, below, request.limit + 1, values...));
  if (stretch.first > stretch.last)
    return builder.finish(0);
  const auto through_last = count_changes(data.db(), traits, stretch.last);
  if (!through_last)
    return through_last.error();
  const auto before_first = count_changes(data.db(), traits, stretch.first - 1);
  if (!before_first)
    return before_first.error();
  return builder.finish(*through_last - *before_first);
}

} // namespace

result<page> list_changes(shard& data, const change_filter& filter, const page_request& request) {
  const auto stretch = stretch_of(data, filter.when);
  if (!stretch)
    return stretch.error();
  const change_traits traits{filter.entity_type, filter.actor};
  if (filter.entity_type && filter.actor)
    return read_stretch(data, *stretch, request, traits, list_by_both, *filter.entity_type,
                        *filter.actor);
  if (filter.entity_type)
    return read_stretch(data, *stretch, request, traits, list_by_type, *filter.entity_type);
  if (filter.actor)
    return read_stretch(data, *stretch, request, traits, list_by_actor, *filter.actor);
  return read_stretch(data, *stretch, request, traits, list_all);
}

constexpr std::string_view list_by_entity =
    "select c.seq, c.at, c.actor, c.client, c.request, c.tool, c.entity_type, c.entity_id,"
    " c.action, c.cause, c.reason, i.before, i.after,"
    " (c.before_digest is not null and i.before is null)"
    " or (c.after_digest is not null and i.after is null)"
    " from changes c indexed by changes_by_entity left join images i on i.seq = c.seq"
    " where c.entity_id = ?1 and c.seq < ?2 order by c.seq desc limit ?3";

constexpr std::string_view count_by_entity =
    "select count(*) from changes indexed by changes_by_entity where entity_id = ?1";

result<page> list_entity_changes(shard& data, std::string_view entity_id,
                                 const page_request& request) {
  const auto image = [](row r, int column) {
    return r.is_null(column) ? json(nullptr) : json::parse(r.text(column), nullptr, false);
  };
  page_builder builder{request};
  CRM_TRY(data.db().each(
      list_by_entity,
      [&](row r) {
        std::string text = open_change_json(r);
        text += r.integer(13) != 0 ? ",\"erased\":true" : ",\"erased\":false";
        text += ",\"changes\":" + dump_json(differences(image(r, 11), image(r, 12))) + "}";
        return builder.add(text, {0, r.integer(0)});
      },
      entity_id, request.after ? request.after->seq : std::numeric_limits<std::int64_t>::max(),
      request.limit + 1));
  std::int64_t total = 0;
  const auto counted = data.db().first(
      count_by_entity, [&](row r) { total = r.integer(0); }, entity_id);
  if (!counted)
    return counted.error();
  return builder.finish(total);
}

// -- what the log knows
// ----------------------------------------------------------------------------

constexpr std::string_view select_logged_type =
    "select entity_type from changes indexed by changes_by_entity where entity_id = ?1"
    " order by seq limit 1";

result<std::optional<std::string>> logged_type_of(shard& data, std::string_view entity_id) {
  std::optional<std::string> type;
  const auto read = data.db().first(
      select_logged_type, [&](row r) { type = r.text(0); }, entity_id);
  if (!read)
    return read.error();
  return type;
}

// Steps from one type to the next in the index instead of reading every change.
constexpr std::string_view select_logged_types =
    "with recursive type (name) as ("
    " select min(entity_type) from changes union all"
    " select (select min(entity_type) from changes where entity_type > name) from type"
    " where name is not null)"
    " select name from type where name is not null";

result<std::vector<std::string>> logged_types(shard& data) {
  std::vector<std::string> types;
  CRM_TRY(data.db().each(select_logged_types, [&](row r) {
    types.emplace_back(r.text(0));
    return true;
  }));
  return types;
}

} // namespace crm::storage
