// SPDX-License-Identifier: Apache-2.0
#include "storage/executions.hpp"

#include "storage/journal.hpp"

#include <algorithm>
#include <array>

namespace crm::storage {

namespace {

constexpr std::array<std::string_view, 5> status_names{"pending", "running", "completed", "failed",
                                                       "cancelled"};

run_status status_named(std::string_view name) {
  for (std::size_t i = 0; i < status_names.size(); ++i) {
    if (status_names.at(i) == name)
      return static_cast<run_status>(i);
  }
  return run_status::failed;
}

execution read_execution(row r) {
  execution read;
  read.seq = r.integer(0);
  read.id = r.text(1);
  read.workflow = r.text(2);
  read.version = r.integer(3);
  read.status = status_named(r.text(4));
  read.event = r.text(5);
  read.change_seq = r.optional_integer(6);
  read.input = r.text(7);
  read.depth = r.integer(8);
  read.root = r.text(9);
  read.chain = r.text(10);
  read.parked = r.integer(11) != 0;
  read.due_at = r.optional_integer(12);
  read.created_at = r.integer(13);
  read.started_at = r.optional_integer(14);
  read.ended_at = r.optional_integer(15);
  read.error = r.optional_text(16);
  read.replay_of = r.optional_text(17);
  return read;
}

constexpr std::string_view insert_execution =
    "insert or ignore into executions (id, workflow, version, status, event, change_seq, input,"
    " depth, root, chain, parked, due_at, created_at, started_at, ended_at, error, replay_of)"
    " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

constexpr std::string_view select_by_id =
    "select seq, id, workflow, version, status, event, change_seq, input, depth, root, chain,"
    " parked, due_at, created_at, started_at, ended_at, error, replay_of from executions"
    " where id = ?";

constexpr std::string_view select_by_seq =
    "select seq, id, workflow, version, status, event, change_seq, input, depth, root, chain,"
    " parked, due_at, created_at, started_at, ended_at, error, replay_of from executions"
    " where seq = ?";

constexpr std::string_view update_execution =
    "update executions set status = ?2, due_at = ?3, started_at = ?4, ended_at = ?5, error = ?6"
    " where seq = ?1";

template <class Key>
result<execution> find_by(shard& data, std::string_view sql, const Key& key) {
  execution found;
  const auto read = data.db().first(
      sql, [&](row r) { found = read_execution(r); }, key);
  if (!read)
    return read.error();
  if (!*read)
    return argument_error(error_code::not_found, "no run has the id in executionId",
                          {"executionId", "an unknown id", "the id of a run of this workspace"});
  return found;
}

} // namespace

std::string_view name_of(run_status status) {
  return status_names.at(static_cast<std::size_t>(status));
}

result<bool> add_execution(shard& data, execution& added) {
  added.id = data.ids().next("exe_", added.created_at);
  const std::int64_t changed = data.db().rows_changed();
  CRM_TRY(data.db().run(
      insert_execution, added.id, added.workflow, added.version, name_of(added.status), added.event,
      added.change_seq, added.input, added.depth, added.root, added.chain,
      added.parked ? std::int64_t{1} : std::int64_t{0}, added.due_at, added.created_at,
      added.started_at, added.ended_at, added.error, added.replay_of));
  added.seq = data.db().last_row_id();
  return data.db().rows_changed() != changed;
}

constexpr std::string_view insert_triggered =
    "insert into triggered_runs (id, workflow, version, change_seq, chain, created_at)"
    " values (?, ?, ?, ?, ?, ?)";

result<void> note_triggered(shard& data, execution& added) {
  added.id = data.ids().next("exe_", added.created_at);
  return data.db().run(insert_triggered, added.id, added.workflow, added.version, added.change_seq,
                       added.chain, added.created_at);
}

constexpr std::string_view select_triggered = "select created_at from triggered_runs limit 1";
constexpr std::string_view settle_some =
    "insert into executions (id, workflow, version, status, event, change_seq, input, depth, root,"
    " chain, due_at, created_at)"
    " select id, workflow, version, 'pending', 'change:' || change_seq, change_seq, '{}', 0, '',"
    " chain, created_at, created_at from triggered_runs order by seq limit ?1";
constexpr std::string_view remove_settled = "delete from triggered_runs where seq in (select seq "
                                            "from triggered_runs order by seq limit ?1)";

namespace {

result<bool> any_noted(shard& data) {
  return data.db().first(select_triggered, [](row) {});
}

/// Looks runs up with `read` once the noted ones, `limit` at most, are among them.
template <class Read>
auto with_settled(shard& data, std::int64_t limit, Read read) -> decltype(read()) {
  const auto noted = any_noted(data);
  if (!noted)
    return noted.error();
  if (!*noted)
    return read();
  return data.do_restorable([&]() -> decltype(read()) {
    CRM_TRY(data.db().run(settle_some, limit));
    CRM_TRY(data.db().run(remove_settled, limit));
    return read();
  });
}

} // namespace

result<void> settle_triggered(shard& data, std::int64_t limit) {
  return with_settled(data, limit, [] { return result<void>{}; });
}

result<execution> find_execution(shard& data, std::string_view id) {
  return find_by(data, select_by_id, id);
}

result<execution> find_execution(shard& data, std::int64_t seq) {
  return find_by(data, select_by_seq, seq);
}

result<void> save_execution(shard& data, const execution& changed) {
  return data.db().run(update_execution, changed.seq, name_of(changed.status), changed.due_at,
                       changed.started_at, changed.ended_at, changed.error);
}

constexpr std::string_view select_due =
    "select seq from executions indexed by executions_due"
    " where due_at is not null and parked = 0 and due_at <= ? order by due_at, seq limit ?";

result<std::vector<std::int64_t>> due_executions(shard& data, std::int64_t now_ms,
                                                 std::int64_t limit) {
  std::vector<std::int64_t> due;
  const auto read_due = [&] {
    due.clear();
    return data.db().each(
        select_due,
        [&](row r) {
          due.push_back(r.integer(0));
          return true;
        },
        now_ms, limit);
  };
  CRM_TRY(read_due());
  const auto missing = limit - static_cast<std::int64_t>(due.size());
  if (missing <= 0)
    return due;
  const auto noted = any_noted(data);
  if (!noted)
    return noted.error();
  if (*noted) {
    CRM_TRY(settle_triggered(data, missing));
    CRM_TRY(read_due());
  }
  return due;
}

constexpr std::string_view select_next =
    "select due_at from executions indexed by executions_due"
    " where due_at is not null and parked = 0 order by due_at limit 1";

result<std::optional<std::int64_t>> next_execution(shard& data) {
  std::optional<std::int64_t> at;
  for (const std::string_view sql : {select_next, select_triggered}) {
    const auto read = data.db().first(
        sql, [&](row r) { at = std::min(r.integer(0), at.value_or(r.integer(0))); });
    if (!read)
      return read.error();
  }
  return at;
}

constexpr std::string_view update_running =
    "update executions indexed by executions_by_status set status = 'pending'"
    " where status = 'running'";

result<void> requeue_running(shard& data) {
  return data.db().run(update_running);
}

constexpr std::string_view park = "update executions indexed by executions_due set parked = 1"
                                  " where workflow = ? and due_at is not null and parked = 0";

constexpr std::string_view unpark = "update executions indexed by executions_parked set parked = 0"
                                    " where workflow = ? and parked = 1";

result<void> park_executions(shard& data, std::string_view workflow, parking how) {
  CRM_TRY(settle_triggered(data));
  return data.db().run(how == parking::parked ? park : unpark, workflow);
}

constexpr std::string_view count_of_root =
    "select count(*) from executions indexed by executions_by_root where root = ? and root <> ''";

result<std::int64_t> runs_of_root(shard& data, std::string_view root) {
  std::int64_t count = 0;
  const auto read = data.db().first(
      count_of_root, [&](row r) { count = r.integer(0); }, root);
  if (!read)
    return read.error();
  return count;
}

constexpr std::string_view select_replay =
    "select id from executions indexed by executions_by_replay where replay_of = ?"
    " and status in ('pending', 'running', 'completed') order by seq desc limit 1";

result<std::optional<std::string>> standing_replay(shard& data, std::string_view id) {
  std::optional<std::string> replay;
  const auto read = data.db().first(
      select_replay, [&](row r) { replay = r.text(0); }, id);
  if (!read)
    return read.error();
  return replay;
}

constexpr std::string_view select_by_event =
    "select id from executions where workflow = ? and event = ?";

result<std::optional<std::string>> run_of_event(shard& data, std::string_view workflow,
                                                std::string_view event) {
  std::optional<std::string> run;
  const auto read = data.db().first(
      select_by_event, [&](row r) { run = r.text(0); }, workflow, event);
  if (!read)
    return read.error();
  return run;
}

constexpr std::string_view select_event =
    "select c.entity_type, c.entity_id, c.at, c.actor, c.cause, i.before, i.after"
    " from changes c left join images i on i.seq = c.seq where c.seq = ?";

result<json> event_of_change(shard& data, std::int64_t change_seq) {
  json event = json::object();
  const auto image = [](row r, int column) {
    return r.is_null(column) ? json(nullptr) : json::parse(r.text(column), nullptr, false);
  };
  const auto read = data.db().first(
      select_event,
      [&](row r) {
        event["entityType"] = r.text(0);
        event["entityId"] = r.text(1);
        event["at"] = r.integer(2);
        event["actor"] = r.text(3);
        event["cause"] = r.text(4);
        event["before"] = image(r, 5);
        event["after"] = image(r, 6);
      },
      change_seq);
  if (!read)
    return read.error();
  return event;
}

// -- as callers see them -------------------------------------------------------------------------

namespace {

void put(json& doc, const char* name, const std::optional<std::int64_t>& value) {
  if (value)
    doc[name] = *value;
}

/// A loose text of JSON that was written by this program.
json stored_json(const std::string& text) {
  return json::parse(text, nullptr, false);
}

json step_document(const std::vector<step_row>& attempts) {
  const step_row& last = attempts.back();
  json doc{{"step", last.step},
           {"action", last.action},
           {"state", name_of(last.state)},
           {"attempts", attempts.size()}};
  doc["startedAt"] = attempts.front().started_at;
  put(doc, "finishedAt", last.finished_at);
  put(doc, "nextAttemptAt", last.next_attempt_at);
  if (last.error)
    doc["error"] = stored_json(*last.error);
  if (last.output)
    doc["data"] = stored_json(*last.output);
  return doc;
}

/// The attempts of a step stand together, in the order in which the steps began.
json step_documents(const std::vector<step_row>& journal) {
  json steps = json::array();
  std::vector<std::string> order;
  for (const step_row& row : journal) {
    if (std::find(order.begin(), order.end(), row.step) == order.end())
      order.push_back(row.step);
  }
  for (const std::string& step : order) {
    std::vector<step_row> attempts;
    for (const step_row& row : journal) {
      if (row.step == step)
        attempts.push_back(row);
    }
    steps.push_back(step_document(attempts));
  }
  return steps;
}

json trigger_document(const execution& shown) {
  json trigger{{"event", shown.event}};
  if (shown.change_seq)
    trigger["changeSeq"] = *shown.change_seq;
  if (shown.depth > 0) {
    trigger["causedBy"] = shown.root;
    trigger["depth"] = shown.depth;
  }
  return trigger;
}

} // namespace

result<std::string> execution_document(shard& data, const execution& shown) {
  auto journal = journal_of(data, shown.seq);
  if (!journal)
    return std::move(journal).error();
  json doc{{"id", shown.id},
           {"workflowId", shown.workflow},
           {"workflowVersion", shown.version},
           {"status", name_of(shown.status)},
           {"trigger", trigger_document(shown)},
           {"createdAt", shown.created_at}};
  put(doc, "startedAt", shown.started_at);
  put(doc, "finishedAt", shown.ended_at);
  if (shown.due_at && !shown.parked)
    doc["nextAttemptAt"] = *shown.due_at;
  if (shown.parked && shown.due_at)
    doc["paused"] = true;
  if (shown.error)
    doc["error"] = stored_json(*shown.error);
  if (shown.replay_of)
    doc["replayOf"] = *shown.replay_of;
  doc["steps"] = step_documents(*journal);
  return dump_json(doc);
}

constexpr std::string_view list_all =
    "select seq from executions where seq < ?1 order by seq desc limit ?2";
constexpr std::string_view count_all = "select count(*) from executions";

constexpr std::string_view list_by_status =
    "select seq from executions indexed by executions_by_status where seq < ?1 and status = ?3"
    " order by seq desc limit ?2";
constexpr std::string_view count_by_status =
    "select count(*) from executions indexed by executions_by_status where status = ?1";

constexpr std::string_view list_by_workflow =
    "select seq from executions indexed by executions_by_workflow where seq < ?1 and workflow = ?3"
    " and (?4 is null or status = ?4) order by seq desc limit ?2";
constexpr std::string_view count_by_workflow =
    "select count(*) from executions indexed by executions_by_workflow where workflow = ?1 and (?2 "
    "is null or status = ?2)";

namespace {

template <class... Values>
result<page> read_runs(shard& data, const page_request& request, std::string_view sql,
                       std::string_view count_sql, const Values&... values) {
  const std::int64_t below =
      request.after ? request.after->seq : std::numeric_limits<std::int64_t>::max();
  std::vector<std::int64_t> found;
  CRM_TRY(data.db().each(
      sql,
      [&](row r) {
        found.push_back(r.integer(0));
        return true;
      },
      below, request.limit + 1, values...));
  page_builder builder{request};
  for (const std::int64_t seq : found) {
    const auto shown = find_execution(data, seq);
    if (!shown)
      return shown.error();
    const auto doc = execution_document(data, *shown);
    if (!doc)
      return doc.error();
    if (!builder.add(*doc, {0, seq}))
      break;
  }
  std::int64_t total = 0;
  const auto counted = data.db().first(
      count_sql, [&](row r) { total = r.integer(0); }, values...);
  if (!counted)
    return counted.error();
  return builder.finish(total);
}

result<page> list_settled(shard& data, const execution_filter& filter,
                          const page_request& request) {
  if (filter.workflow)
    return read_runs(data, request, list_by_workflow, count_by_workflow, *filter.workflow,
                     filter.status);
  if (filter.status)
    return read_runs(data, request, list_by_status, count_by_status, *filter.status);
  return read_runs(data, request, list_all, count_all);
}

} // namespace

result<page> list_executions(shard& data, const execution_filter& filter,
                             const page_request& request) {
  return with_settled(data, std::numeric_limits<std::int64_t>::max(),
                      [&] { return list_settled(data, filter, request); });
}

} // namespace crm::storage
