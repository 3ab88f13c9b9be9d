// SPDX-License-Identifier: Apache-2.0
// Sees every change and adds the runs that it triggers, in the transaction of the change. Keeps the
// active triggers in memory: a workspace without workflows pays one comparison per change.
#pragma once

#include "protocol/workflow_definition.hpp"
#include "storage/executions.hpp"
#include "storage/shard.hpp"

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace crm::storage {

/// The run in whose name changes are made.
struct causing_run {
  std::string root;
  std::int64_t depth = 0;
  /// `workflow/record` of the run and of every run above it, each followed by `|`.
  std::string chain;
};

/// Watches one open shard. Lives as long as the shard, at one place in memory.
class trigger_watch : public change_watcher {
public:
  explicit trigger_watch(shard& data) : data_(data) { data.log().watch(this); }
  trigger_watch(const trigger_watch&) = delete;
  trigger_watch& operator=(const trigger_watch&) = delete;
  ~trigger_watch() override { data_.log().watch(nullptr); }

  result<void> changed(std::int64_t seq, const change& what, const change_origin& origin) override;

  /// Reads the definitions anew at the next change: after a rollback.
  void forget() { stale_ = true; }

  /// Changes are made by this run until it is taken back with null.
  void act_for(const causing_run* run) { cause_ = run; }

  /// Returns whether runs were added since the last time this was asked.
  bool take_added() { return std::exchange(added_, false); }

  /// Returns whether the workspace has an active workflow. @errors storage.
  result<bool> has_workflows();

  /// Adds the run of a time that has come. @errors storage.
  result<void> timer_fired(const std::string& workflow, const std::string& event, json input,
                           std::int64_t now_ms);

  /// Returns the trigger of an active workflow, or null. @errors storage.
  result<const workflow::trigger*> trigger_of(std::string_view workflow);

private:
  /// A workflow that waits for events.
  struct watcher {
    std::string workflow;
    std::int64_t version = 1;
    workflow::trigger when;
  };

  /// Starts that other runs caused of one workflow: a bucket that refills over a minute.
  struct bucket {
    double tokens = 0;
    std::int64_t filled_at = 0;
  };

  result<void> refresh();
  result<void> consider(const watcher& each, std::int64_t seq, const change& what,
                        const change_origin& origin);
  result<void> move_date(const watcher& each, const change& what, const change_origin& origin);
  result<void> trigger_run(const watcher& each, std::int64_t seq, const change& what,
                           const change_origin& origin);
  result<void> cause_run(const watcher& each, execution added);
  result<std::string> reason_to_cut(const watcher& each, std::string_view link) const;
  std::int64_t when_allowed(const std::string& workflow, std::int64_t now_ms);

  shard& data_;
  std::vector<watcher> watchers_;
  std::map<std::string, bucket, std::less<>> buckets_;
  const causing_run* cause_ = nullptr;
  bool stale_ = true;
  bool added_ = false;
};

} // namespace crm::storage
