// SPDX-License-Identifier: Apache-2.0
// The times of the engine: schedules and dates that have come.
#include "actors/workflow_engine.hpp"
#include "protocol/cron.hpp"
#include "protocol/limits.hpp"
#include "protocol/template_text.hpp"

#include <algorithm>

namespace crm::actors {

namespace {

/// Times that are handled in one transaction; the rest follows in the next.
constexpr std::int64_t timers_per_turn = 100;

/// A time that is late by less was not missed: it is only being handled.
constexpr std::int64_t missed_after_ms = 60'000;

} // namespace

result<bool> workflow_engine::fire_timers() {
  const std::int64_t now_ms = surroundings_.now_ms();
  const auto due = storage::due_timers(data_, now_ms, timers_per_turn);
  if (!due)
    return due.error();
  for (const storage::timer& each : *due)
    CRM_TRY(fire(each, now_ms));
  return static_cast<std::int64_t>(due->size()) == timers_per_turn;
}

result<void> workflow_engine::fire(const storage::timer& due, std::int64_t now_ms) {
  const auto when = watch_.trigger_of(due.workflow);
  if (!when)
    return when.error();
  if (*when == nullptr)
    return storage::move_timer(data_, due.workflow, due.record, std::nullopt);
  if ((*when)->kind == workflow::trigger_kind::schedule)
    return fire_schedule(due, **when, now_ms);
  return fire_date(due, **when, now_ms);
}

/// Runs the time that was due and, as the workflow asks, those that passed since: all of them up to
/// the bound, only the latest, or none that is late.
result<void> workflow_engine::fire_schedule(const storage::timer& due,
                                            const workflow::trigger& when, std::int64_t now_ms) {
  const auto times = cron_schedule::parse(when.cron, when.time_zone);
  if (!times)
    return times.error();
  std::vector<std::int64_t> passed{due.due_at};
  std::optional<std::int64_t> next = times->next(due.due_at);
  while (next && *next <= now_ms && static_cast<int>(passed.size()) < limits::catch_up_runs_max) {
    passed.push_back(*next);
    next = times->next(*next);
  }
  // What is beyond the bound is given up: the schedule goes on from now.
  if (next && *next <= now_ms)
    next = times->next(now_ms);
  if (when.missed != workflow::catch_up::all)
    passed.erase(passed.begin(), passed.end() - 1);
  if (when.missed == workflow::catch_up::skip && now_ms - passed.back() > missed_after_ms)
    passed.clear();
  for (const std::int64_t at : passed)
    CRM_TRY(watch_.timer_fired(due.workflow, "schedule:" + std::to_string(at),
                               {{"scheduledAt", at}}, now_ms));
  return storage::move_timer(data_, due.workflow, due.record, next);
}

result<void> workflow_engine::fire_date(const storage::timer& due, const workflow::trigger& when,
                                        std::int64_t now_ms) {
  CRM_TRY(storage::move_timer(data_, due.workflow, due.record, std::nullopt));
  const auto doc = storage::live_document(data_, when.entity_type, due.record);
  if (!doc)
    return doc.error();
  if (!*doc)
    return {};
  json input{{"scheduledAt", due.due_at},
             {"entityType", when.entity_type},
             {"entityId", due.record},
             {"after", json::parse(**doc, nullptr, false)}};
  return watch_.timer_fired(due.workflow, "date:" + due.record + ":" + std::to_string(due.due_at),
                            std::move(input), now_ms);
}

result<std::optional<std::int64_t>> workflow_engine::next_due() {
  auto run = storage::next_execution(data_);
  if (!run)
    return run;
  auto timer = storage::next_timer(data_);
  if (!timer)
    return timer;
  if (!*run || !*timer)
    return *run ? *run : *timer;
  return std::optional{std::min(**run, **timer)};
}

} // namespace crm::actors
