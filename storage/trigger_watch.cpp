// SPDX-License-Identifier: Apache-2.0
#include "storage/trigger_watch.hpp"

#include "protocol/limits.hpp"
#include "protocol/log.hpp"
#include "protocol/template_text.hpp"
#include "storage/custom_records.hpp"
#include "storage/timers.hpp"
#include "storage/workflows.hpp"

#include <algorithm>

namespace crm::storage {

namespace {

using workflow::trigger_kind;

/// The action of the log that a trigger waits for; empty for triggers that wait for no change.
std::string_view awaited_action(trigger_kind kind) {
  switch (kind) {
  case trigger_kind::record_created:
    return "created";
  case trigger_kind::record_updated:
  case trigger_kind::deal_stage_changed:
    return "updated";
  case trigger_kind::record_deleted:
    return "archived";
  case trigger_kind::record_restored:
    return "restored";
  default:
    return {};
  }
}

json read_image(const std::string* image) {
  return image == nullptr ? json(nullptr) : json::parse(*image, nullptr, false);
}

/// Records of custom objects are logged under one name; their documents say of which type.
bool is_of_type(const change& what, const std::string& entity_type) {
  if (what.entity_type != custom_record_kind.name)
    return what.entity_type == entity_type;
  const json doc = read_image(what.after != nullptr ? what.after : what.before);
  const json* type = value_at(doc, "objectType");
  return type != nullptr && *type == entity_type;
}

json value_or_null(const json& doc, std::string_view path) {
  const json* found = value_at(doc, path);
  return found == nullptr ? json(nullptr) : *found;
}

/// Members that move with every write and say nothing about what was changed.
bool fields_match(const workflow::trigger& when, const json& before, const json& after) {
  if (when.fields.empty())
    return true;
  return std::any_of(when.fields.begin(), when.fields.end(), [&](const std::string& field) {
    const json old_value = value_or_null(before, field);
    const json new_value = value_or_null(after, field);
    return old_value != new_value && (!when.from || *when.from == old_value)
           && (!when.to || *when.to == new_value);
  });
}

bool event_matches(const workflow::trigger& when, const change& what, const change_origin& origin) {
  const bool plain = when.fields.empty() && when.conditions.empty();
  if (plain)
    return true;
  const json before = read_image(what.before);
  const json after = read_image(what.after);
  const bool compares =
      when.kind == trigger_kind::record_updated || when.kind == trigger_kind::deal_stage_changed;
  if (compares && !fields_match(when, before, after))
    return false;
  if (when.conditions.empty())
    return true;
  const json event{
      {"before", before}, {"after", after}, {"actor", origin.actor}, {"cause", origin.cause}};
  return holds(when.conditions, event);
}

} // namespace

result<void> trigger_watch::refresh() {
  if (!stale_)
    return {};
  auto versions = active_versions(data_);
  if (!versions)
    return std::move(versions).error();
  watchers_.clear();
  for (const workflow_version& each : *versions) {
    auto when = workflow::parse_trigger(json::parse(each.trigger, nullptr, false), {});
    if (!when) {
      // Written by a program that knew more; the workflow rests until it is updated.
      log_line(log_level::error, "unreadable_trigger", {{"workflow", each.workflow}});
      continue;
    }
    watchers_.push_back({each.workflow, each.version, *std::move(when)});
  }
  stale_ = false;
  return {};
}

result<bool> trigger_watch::has_workflows() {
  CRM_TRY(refresh());
  return !watchers_.empty();
}

result<const workflow::trigger*> trigger_watch::trigger_of(std::string_view workflow) {
  CRM_TRY(refresh());
  for (const watcher& each : watchers_) {
    if (each.workflow == workflow)
      return &each.when;
  }
  return static_cast<const workflow::trigger*>(nullptr);
}

result<void> trigger_watch::changed(std::int64_t seq, const change& what,
                                    const change_origin& origin) {
  if (what.entity_type == "workflow") {
    stale_ = true;
    return {};
  }
  if (what.entity_type == "execution") { // a run that a tool added
    added_ = true;
    return {};
  }
  CRM_TRY(refresh());
  for (const watcher& each : watchers_)
    CRM_TRY(consider(each, seq, what, origin));
  return {};
}

result<void> trigger_watch::consider(const watcher& each, std::int64_t seq, const change& what,
                                     const change_origin& origin) {
  if (each.when.kind == trigger_kind::date_reached)
    return is_of_type(what, each.when.entity_type) ? move_date(each, what, origin) : result<void>{};
  const bool awaited = what.action == awaited_action(each.when.kind)
                       && is_of_type(what, each.when.entity_type)
                       && event_matches(each.when, what, origin);
  return awaited ? trigger_run(each, seq, what, origin) : result<void>{};
}

/// The date of a record moved, came or went: its timer follows. A date that did not move keeps its
/// timer, so that a reminder whose time has passed does not come back.
result<void> trigger_watch::move_date(const watcher& each, const change& what,
                                      const change_origin& origin) {
  const json before = read_image(what.before);
  const json after = read_image(what.after);
  const bool live = !after.is_null() && !after.contains("archivedAt");
  const bool was_live = !before.is_null() && !before.contains("archivedAt");
  auto due = live ? date_due(each.when, after) : std::nullopt;
  if (live && was_live && due == date_due(each.when, before))
    return {};
  if (due && *due <= origin.now_ms)
    due = std::nullopt; // it was over before anyone wrote it down
  return move_timer(data_, each.workflow, what.entity_id, due);
}

result<void> trigger_watch::trigger_run(const watcher& each, std::int64_t seq, const change& what,
                                        const change_origin& origin) {
  execution added;
  added.workflow = each.workflow;
  added.version = each.version;
  added.change_seq = seq;
  added.created_at = origin.now_ms;
  added.chain = each.workflow + "/" + std::string{what.entity_id} + "|";
  if (cause_ != nullptr)
    return cause_run(each, std::move(added));
  added_ = true;
  return note_triggered(data_, added);
}

result<void> trigger_watch::cause_run(const watcher& each, execution added) {
  const auto reason = reason_to_cut(each, added.chain);
  if (!reason)
    return reason.error();
  added.event = "change:" + std::to_string(*added.change_seq);
  added.depth = cause_->depth + 1;
  added.root = cause_->root;
  added.chain = cause_->chain + added.chain;
  if (!reason->empty()) {
    added.status = run_status::cancelled;
    added.ended_at = added.created_at;
    added.error = dump_json({{"code", "LOOP_DETECTED"}, {"message", *reason}});
  } else {
    added.due_at = when_allowed(each.workflow, added.created_at);
  }
  const auto is_new = add_execution(data_, added);
  if (!is_new)
    return is_new.error();
  added_ = added_ || *is_new;
  return {};
}

/// Why a run that other runs caused is not to be: an empty text when it may.
result<std::string> trigger_watch::reason_to_cut(const watcher& each, std::string_view link) const {
  if (cause_->depth + 1 > limits::causal_depth_max)
    return "more than " + std::to_string(limits::causal_depth_max)
           + " runs have caused one another in a row";
  if (!each.when.allow_reentry && cause_->chain.find(link) != std::string::npos)
    return std::string{"this workflow has already run for this record in the same chain of runs; "
                       "set allowReentry to let it"};
  const auto runs = runs_of_root(data_, cause_->root);
  if (!runs)
    return runs.error();
  if (*runs >= limits::runs_per_root_max)
    return "one event has caused " + std::to_string(limits::runs_per_root_max) + " runs";
  return std::string{};
}

/// Takes a token of the workflow's bucket; when there is none, the run waits until there is.
std::int64_t trigger_watch::when_allowed(const std::string& workflow, std::int64_t now_ms) {
  constexpr double per_ms = limits::caused_runs_per_minute_max / 60'000.0;
  constexpr double capacity = limits::caused_runs_per_minute_max;
  auto [found, is_new] = buckets_.try_emplace(workflow, bucket{capacity, now_ms});
  bucket& mine = found->second;
  const double grown = static_cast<double>(std::max<std::int64_t>(now_ms - mine.filled_at, 0));
  mine.tokens = std::min(capacity, mine.tokens + grown * per_ms);
  mine.filled_at = now_ms;
  mine.tokens -= 1;
  return mine.tokens >= 0 ? now_ms : now_ms + static_cast<std::int64_t>(-mine.tokens / per_ms);
}

result<void> trigger_watch::timer_fired(const std::string& workflow, const std::string& event,
                                        json input, std::int64_t now_ms) {
  CRM_TRY(refresh());
  const auto found = std::find_if(watchers_.begin(), watchers_.end(),
                                  [&](const watcher& each) { return each.workflow == workflow; });
  if (found == watchers_.end() || !holds(found->when.conditions, input))
    return {};
  execution added;
  added.workflow = workflow;
  added.version = found->version;
  added.event = event;
  added.input = dump_json(input);
  added.chain = workflow + "/" + input.value("entityId", std::string{}) + "|";
  added.created_at = now_ms;
  added.due_at = now_ms;
  const auto is_new = add_execution(data_, added);
  if (!is_new)
    return is_new.error();
  added_ = added_ || *is_new;
  return {};
}

} // namespace crm::storage
