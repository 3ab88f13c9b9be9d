// SPDX-License-Identifier: Apache-2.0
#include "storage/journal.hpp"

#include <array>

namespace crm::storage {

namespace {

constexpr std::array<std::string_view, 5> state_names{"running", "waiting", "succeeded", "failed",
                                                      "continued"};

step_state state_named(std::string_view name) {
  for (std::size_t i = 0; i < state_names.size(); ++i) {
    if (state_names.at(i) == name)
      return static_cast<step_state>(i);
  }
  return step_state::failed;
}

constexpr std::string_view select_steps =
    "select step, attempt, action, state, started_at, finished_at, next_attempt_at, output, error"
    " from steps where execution = ? order by seq";

constexpr std::string_view upsert_step =
    "insert into steps (execution, step, attempt, action, state, started_at, finished_at,"
    " next_attempt_at, output, error) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    " on conflict do update set state = excluded.state, finished_at = excluded.finished_at,"
    " next_attempt_at = excluded.next_attempt_at, output = excluded.output,"
    " error = excluded.error";

constexpr std::string_view copy_steps =
    "insert into steps (execution, step, attempt, action, state, started_at, finished_at,"
    " next_attempt_at, output, error)"
    " select ?2, step, attempt, action, state, started_at, finished_at, null, output, error"
    " from steps where execution = ?1 and state in ('succeeded', 'continued')"
    " and (?3 = '' or seq < (select min(s.seq) from steps s where s.execution = ?1"
    "  and (s.step = ?3 or s.step like ?3 || '[%')))"
    " order by seq";

constexpr std::string_view insert_delivery =
    "insert into deliveries (id, execution, step, url, body) values (?, ?, ?, ?, ?)";

constexpr std::string_view select_delivery = "select id, url, body from deliveries where id = ?";

} // namespace

std::string_view name_of(step_state state) {
  return state_names.at(static_cast<std::size_t>(state));
}

result<std::vector<step_row>> journal_of(shard& data, std::int64_t execution) {
  std::vector<step_row> rows;
  CRM_TRY(data.db().each(
      select_steps,
      [&](row r) {
        rows.push_back({std::string{r.text(0)}, r.integer(1), std::string{r.text(2)},
                        state_named(r.text(3)), r.integer(4), r.optional_integer(5),
                        r.optional_integer(6), r.optional_text(7), r.optional_text(8)});
        return true;
      },
      execution));
  return rows;
}

result<void> write_step(shard& data, std::int64_t execution, const step_row& row) {
  return data.db().run(upsert_step, execution, row.step, row.attempt, row.action,
                       name_of(row.state), row.started_at, row.finished_at, row.next_attempt_at,
                       row.output, row.error);
}

result<void> copy_finished(shard& data, std::int64_t from, std::int64_t to,
                           std::string_view until) {
  return data.db().run(copy_steps, from, to, until);
}

result<void> add_delivery(shard& data, std::int64_t execution, std::string_view step,
                          const delivery& added) {
  return data.db().run(insert_delivery, added.id, execution, step, added.url, added.body);
}

result<delivery> find_delivery(shard& data, std::string_view id) {
  delivery found;
  const auto read = data.db().first(
      select_delivery,
      [&](row r) {
        found = {std::string{r.text(0)}, std::string{r.text(1)}, std::string{r.text(2)}};
      },
      id);
  if (!read)
    return read.error();
  if (!*read)
    return error{error_code::not_found, "no webhook has the id " + std::string{id}};
  return found;
}

} // namespace crm::storage
