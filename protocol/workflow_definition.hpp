// SPDX-License-Identifier: Apache-2.0
// A workflow's definition: JSON as callers send it, read into what the engine runs. All checks that
// do not need the workspace's data are made here, at definition time.
#pragma once

#include "protocol/backoff.hpp"
#include "protocol/condition.hpp"
#include "protocol/tool_spec.hpp"
#include "protocol/workflow_kinds.hpp"

#include <optional>
#include <string>
#include <vector>

namespace crm::workflow {

/// When a workflow runs.
struct trigger {
  trigger_kind kind = trigger_kind::manual;
  /// The kind of record, for the triggers that watch records.
  std::string entity_type = {};
  /// Fields of which one must change; empty for any.
  std::vector<std::string> fields = {};
  /// What the field, or the stage, changes from and to.
  std::optional<json> from = {};
  std::optional<json> to = {};
  std::vector<condition> conditions = {};
  /// Lets a run of this workflow trigger it again for the same record, within the causal depth.
  bool allow_reentry = false;
  /// date.reached: days after the date, or before it when negative.
  std::int64_t offset_days = 0;
  std::string cron = {};
  std::string time_zone = {};
  catch_up missed = catch_up::one;
};

/// What a step does when it fails.
enum class on_failure : std::uint8_t { fail_run, go_on };

/// One action of a workflow.
struct action {
  action_kind kind = action_kind::stop;
  /// Names the step within the workflow: unique, the nested actions included.
  std::int64_t order = 0;
  json config = {};
  /// What `branch` runs when its conditions hold, and the body of `for_each`.
  std::vector<action> inner = {};
  /// What `branch` runs otherwise.
  std::vector<action> otherwise = {};
  std::vector<condition> conditions = {};
  /// Set when the definition states a policy; otherwise the kind's own holds.
  std::optional<backoff> retry = {};
  std::optional<std::int64_t> timeout_ms = {};
  on_failure failure = on_failure::fail_run;
};

/// A workflow as it runs: the actions in the order in which they run.
struct definition {
  trigger when;
  std::vector<action> actions;
};

/// What a definition may refer to.
struct vocabulary {
  const std::vector<const tool_spec*>& tools;
  /// The kinds of records of the workspace.
  std::vector<std::string> entity_types;
};

/// Reads a definition and checks all of it: kinds, configs, tools and their arguments, templates,
/// conditions. @errors validation: each detail has a path such as `actions[2].config.tool`.
result<definition> parse(const json& trigger, const json& actions, const vocabulary& words);

/// Reads the trigger alone. @errors validation.
result<trigger> parse_trigger(const json& trigger, const std::vector<std::string>& entity_types);

/// Reads a stored definition, which was checked when it was stored: tools that are gone since then
/// fail at their step, not here. @errors validation.
result<definition> read_stored(const json& trigger, const json& actions);

} // namespace crm::workflow
