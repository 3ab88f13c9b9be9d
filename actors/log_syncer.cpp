// SPDX-License-Identifier: Apache-2.0
#include "actors/log_syncer.hpp"

#include "actors/guard.hpp"
#include "protocol/log.hpp"

#include <exception>
#include <utility>

namespace crm::actors {

crm::error unknown_outcome() {
  return {error_code::storage,
          "the commit failed and its outcome is unknown: read before you repeat"};
}

log_syncer_actor::behavior_type log_syncer_state::make_behavior() {
  guard_against_exceptions(self_, name);
  return {[this](const answer_group& message) { on(message); }};
}

void log_syncer_state::on(const answer_group& message) {
  const bool is_durable = !message.sync || message.sync.wait();
  // Each gives its place back as it is answered, not when all are.
  for (finished_call& call : std::exchange(*message.calls, {})) {
    const auto admitted = std::exchange(call.admitted, nullptr);
    try {
      admitted->work.done(is_durable ? std::move(call.outcome) : unknown_outcome());
    } catch (const std::exception& thrown) {
      // Left alone it would end the actor, on which other groups and workspaces rely.
      log_line(log_level::error, "answer_threw", {{"text", thrown.what()}});
    }
  }
  self_->send(message.from, group_answered{message.sync, is_durable});
}

log_syncer_actor::behavior_type
log_syncer(log_syncer_actor::stateful_pointer<log_syncer_state> self) {
  return self->state.make_behavior();
}

checkpoint_syncer_actor::behavior_type checkpoint_syncer_state::make_behavior() {
  guard_against_exceptions(self_, name);
  return {[](const finish_checkpoint& message) { on(message); }};
}

/// A failure is logged there, and met again by the file's owner when its log begins anew.
void checkpoint_syncer_state::on(const finish_checkpoint& message) {
  message.sync->finish();
}

checkpoint_syncer_actor::behavior_type
checkpoint_syncer(checkpoint_syncer_actor::stateful_pointer<checkpoint_syncer_state> self) {
  return self->state.make_behavior();
}

} // namespace crm::actors
