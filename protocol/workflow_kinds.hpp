// SPDX-License-Identifier: Apache-2.0
// The registry of triggers and actions (design §4.6): which kinds there are, under which names, and
// which members their config takes. Validation, errors and docs derive from these rows.
#pragma once

#include "protocol/input.hpp"

#include <span>
#include <string_view>

namespace crm::workflow {

enum class trigger_kind : std::uint8_t {
  record_created,
  record_updated,
  record_deleted,
  record_restored,
  deal_stage_changed,
  date_reached,
  schedule,
  webhook_received,
  manual,
};

enum class action_kind : std::uint8_t { call_tool, webhook, wait, branch, for_each, stop, fail };

/// What a schedule does about the times that passed while it could not run.
enum class catch_up : std::uint8_t { skip, one, all };

/// One kind of trigger or action: its name, and the members of its config.
template <class Kind>
struct kind_row {
  Kind kind;
  std::string_view name;
  input_schema config;
};

/// Returns all triggers, in the order of the enumeration.
std::span<const kind_row<trigger_kind>> trigger_kinds();

/// Returns all actions, in the order of the enumeration.
std::span<const kind_row<action_kind>> action_kinds();

/// Returns the name under which a kind is known to callers.
std::string_view name_of(trigger_kind kind);
std::string_view name_of(action_kind kind);

} // namespace crm::workflow
