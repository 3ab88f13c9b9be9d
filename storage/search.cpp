// SPDX-License-Identifier: Apache-2.0
#include "storage/search.hpp"

#include "protocol/limits.hpp"
#include "protocol/text_format.hpp"

#include <algorithm>
#include <vector>

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
  return {std::move(data_), returned_, total, more_ ? std::optional{last_} : std::nullopt};
}

std::string match_expression(std::string_view query) {
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
  if (!expression.empty())
    expression += '*';
  return expression;
}

result<page> search(shard& data, const search_sql& sql, std::string_view query,
                    const page_request& request) {
  const std::string expression = match_expression(query);
  if (expression.empty())
    return page{};
  return search_matching(data, sql, expression, request);
}

namespace {

result<std::vector<match>> rank_matches(shard& data, const search_sql& sql,
                                        const std::string& expression) {
  std::vector<match> found;
  CRM_TRY(data.db().each(
      sql.matches,
      [&](row r) {
        found.push_back({r.real(1), r.integer(0)});
        return true;
      },
      expression));
  std::sort(found.begin(), found.end());
  return found;
}

result<page> read_matches(shard& data, const search_sql& sql, const std::vector<match>& matches,
                          const page_request& request) {
  page_builder builder{request};
  auto next = matches.begin();
  if (request.after)
    next = std::upper_bound(next, matches.end(), match{request.after->rank, request.after->seq});
  bool room = true;
  while (room && next != matches.end()) {
    const auto read = data.db().first(
        sql.doc,
        [&](row r) {
          room = builder.add(r.text(0), {next->rank, next->seq});
        },
        next->seq);
    if (!read)
      return read.error();
    if (!*read)
      return error{error_code::storage, "the text index tells of a record that is gone"};
    ++next;
  }
  return builder.finish(static_cast<std::int64_t>(matches.size()));
}

result<page> search_indexed(shard& data, const search_sql& sql, const std::string& expression,
                            const page_request& request) {
  const auto kept = data.searches().find(sql.kind, expression);
  if (!kept)
    return kept.error();
  if (*kept != nullptr)
    return read_matches(data, sql, **kept, request);
  const auto matches = rank_matches(data, sql, expression);
  if (!matches)
    return matches.error();
  data.searches().keep(sql.kind, expression, sql.kept, *matches);
  return read_matches(data, sql, *matches, request);
}

} // namespace

result<page> search_matching(shard& data, const search_sql& sql, const std::string& expression,
                             const page_request& request) {
  return data.with_texts([&] { return search_indexed(data, sql, expression, request); });
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
