// SPDX-License-Identifier: Apache-2.0
// The actor of one run. It decides nothing and remembers nothing: it asks its workspace for the
// next step until there is none, so that it can die at any moment and be replaced.
#pragma once

#include "actors/interfaces.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <functional>

namespace crm::actors {

/// What a run's actor is given when it is spawned.
struct execution_setup {
  std::int64_t run;
  workspace_actor workspace;
  webhook_actor sender;
  /// See run_services::may_ask.
  std::function<bool()> may_ask;
};

class execution_state {
public:
  static inline const char* name = "crm.execution";

  explicit execution_state(execution_actor::pointer self) : self_(self) {}
  execution_actor::behavior_type make_behavior(execution_setup setup);

private:
  void on(const step_taken& message);
  void on(const webhook_answered& message);
  void ask();

  execution_actor::pointer self_;
  execution_setup setup_;
};

/// Spawn with this: `spawn<caf::monitored>(execution, setup)`.
execution_actor::behavior_type execution(execution_actor::stateful_pointer<execution_state> self,
                                         execution_setup setup);

} // namespace crm::actors
