// SPDX-License-Identifier: Apache-2.0
#include "actors/execution.hpp"

#include "actors/guard.hpp"

namespace crm::actors {

execution_actor::behavior_type execution_state::make_behavior(execution_setup setup) {
  guard_against_exceptions(self_, name);
  setup_ = std::move(setup);
  // A run without its workspace has nobody to ask; it is taken up again when the workspace opens.
  self_->monitor(setup_.workspace);
  self_->set_down_handler([this](caf::down_msg&) { self_->quit(); });
  ask();
  return {
      [this](const step_taken& message) { on(message); },
      [this](const webhook_answered& message) { on(message); },
  };
}

void execution_state::ask() {
  if (!setup_.may_ask || setup_.may_ask())
    self_->send(setup_.workspace, want_step{setup_.run, self_});
}

void execution_state::on(const step_taken& message) {
  switch (message.outcome.next) {
  case after_step::go_on:
    return ask();
  case after_step::deliver:
    return self_->send(setup_.sender, send_webhook{*message.outcome.message, self_});
  case after_step::rest:
  case after_step::ended:
  case after_step::undo:
    return self_->quit();
  }
}

void execution_state::on(const webhook_answered& message) {
  self_->send(setup_.workspace, report_answer{setup_.run, message.answer, self_});
}

execution_actor::behavior_type execution(execution_actor::stateful_pointer<execution_state> self,
                                         execution_setup setup) {
  return self->state.make_behavior(std::move(setup));
}

} // namespace crm::actors
