// SPDX-License-Identifier: Apache-2.0
#include "storage/search.hpp"

#include "protocol/limits.hpp"
#include "protocol/text_format.hpp"

#include <algorithm>
#include <limits>

namespace crm::storage {

bool page_builder::add(std::string_view doc, const position& at) {
  const bool too_large = returned_ > 0 && data_.size() + doc.size() > limits::page_bytes_max;
  if (returned_ == limit_ || too_large) {
    more_ = true;
    return false;
  }
  if (returned_ > 0)
    data_ += ',';
  data_ += doc;
  ++returned_;
  last_ = at;
  return true;
}

page page_builder::finish(std::int64_t total) {
  data_ += ']';
  return {std::move(data_), returned_, total, false, more_ ? std::optional{last_} : std::nullopt};
}

std::string match_expression(std::string_view query, last_word meant) {
  const auto is_break = [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F; };
  std::string expression;
  for (std::size_t i = 0; i < query.size();) {
    if (is_break(query[i])) {
      ++i;
      continue;
    }
    expression += expression.empty() ? "\"" : " \"";
    for (; i < query.size() && !is_break(query[i]); ++i) {
      if (query[i] == '"')
        expression += '"'; // FTS5 writes a quote inside a string as two
      expression += query[i];
    }
    expression += '"';
  }
  if (!expression.empty() && meant == last_word::beginning)
    expression += '*';
  return expression;
}

namespace {

constexpr double behind_all_ranked = std::numeric_limits<double>::infinity();

/// What a search looks through: the records from `floor` on are ranked, those below follow by age.
struct search_window {
  std::string expression;
  std::int64_t floor = 0;
  last_word meant = last_word::beginning;

  /// As a cursor keeps it, so that every page sees the same window: the floor, negative when the
  /// last word is a whole one.
  std::int64_t spelled() const { return meant == last_word::whole ? -floor : floor; }
};

/// The newest matches, counted up to a bound.
struct newest_matches {
  std::int64_t count = 0;
  std::int64_t last_rowid = 0;
};

result<newest_matches> count_newest(shard& data, const search_sql& sql,
                                    const std::string& expression, std::int64_t max) {
  newest_matches found;
  CRM_TRY(data.db().each(
      sql.newest,
      [&](row r) {
        ++found.count;
        found.last_rowid = r.integer(0);
        return true;
      },
      expression, max));
  return found;
}

/// Chooses the window of a new search.
result<search_window> choose_window(shard& data, const search_sql& sql, std::string_view query) {
  for (const last_word meant : {last_word::whole, last_word::beginning}) {
    const std::string expression = match_expression(query, meant);
    const auto found = count_newest(data, sql, expression, limits::search_ranked_max);
    if (!found)
      return found.error();
    if (found->count == limits::search_ranked_max)
      return search_window{expression, found->last_rowid, meant};
  }
  return search_window{match_expression(query, last_word::beginning)};
}

search_window window_of(std::string_view query, const position& at) {
  const last_word meant = at.window < 0 ? last_word::whole : last_word::beginning;
  return {match_expression(query, meant), at.window < 0 ? -at.window : at.window, meant};
}

} // namespace

result<page> search(shard& data, const search_sql& sql, std::string_view query,
                    const page_request& request) {
  if (match_expression(query, last_word::whole).empty())
    return page{};
  const position after = request.after.value_or(position{});
  const auto window =
      request.after ? result{window_of(query, after)} : choose_window(data, sql, query);
  if (!window)
    return window.error();
  page_builder builder{request};
  bool room = true;
  if (after.rank != behind_all_ranked)
    CRM_TRY(data.db().each(
        sql.ranked,
        [&](row r) {
          return room = builder.add(r.text(1), {r.real(2), r.integer(0), window->spelled()});
        },
        window->expression, window->floor, after.rank, after.seq, request.limit + 1));
  if (room && window->floor > 0)
    CRM_TRY(data.db().each(
        sql.older,
        [&](row r) {
          return builder.add(r.text(1), {behind_all_ranked, r.integer(0), window->spelled()});
        },
        window->expression, after.rank == behind_all_ranked ? after.seq : window->floor,
        request.limit + 1));
  const auto counted = count_newest(data, sql, window->expression, limits::search_total_max + 1);
  if (!counted)
    return counted.error();
  page found = builder.finish(std::min(counted->count, limits::search_total_max));
  found.total_is_lower_bound = counted->count > limits::search_total_max;
  return found;
}

namespace {

void append_value(std::string& out, const json& value) {
  if (value.is_string()) {
    out += value.get_ref<const std::string&>();
    out += ' ';
  } else if (value.is_structured()) {
    for (const json& member : value)
      append_value(out, member);
  } else if (value.is_number()) {
    out += value.dump();
    out += ' ';
  }
}

} // namespace

void append_texts(std::string& out, const json& doc, std::string_view member) {
  if (const auto found = doc.find(member); found != doc.end())
    append_value(out, *found);
}

void append_phone(std::string& out, const json& doc) {
  const auto phone = doc.find("phone");
  if (phone == doc.end())
    return;
  out += phone_digits(phone->get_ref<const std::string&>());
  out += ' ';
}

} // namespace crm::storage
