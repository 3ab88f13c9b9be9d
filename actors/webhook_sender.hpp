// SPDX-License-Identifier: Apache-2.0
// Sends webhooks over libcurl, each once: resolves, refuses what is not public, connects to just
// the address that was checked, follows no redirect, reads little and waits shortly.
#pragma once

#include "actors/interfaces.hpp"
#include "protocol/limits.hpp"
#include "protocol/outbound_target.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <atomic>
#include <chrono>
#include <memory>

namespace crm::actors {

/// Where webhooks may go, how long each may take, and until when they go out.
struct webhook_rules {
  target_rules targets = target_rules::public_only;
  std::chrono::milliseconds timeout_ms = limits::webhook_timeout_ms;
  /// Set when the program ends: what is under way is cut short.
  std::shared_ptr<std::atomic<bool>> ending;
};

/// Sends one webhook and waits for the answer, at most as long as the rules say.
webhook_answer deliver(const webhook_request& message, const webhook_rules& rules);

class webhook_state {
public:
  static inline const char* name = "crm.webhook";

  explicit webhook_state(webhook_actor::pointer self) : self_(self) {}
  webhook_actor::behavior_type make_behavior(webhook_rules rules);

private:
  webhook_actor::pointer self_;
};

/// Spawn with this, detached: it blocks.
webhook_actor::behavior_type webhook_sender(webhook_actor::stateful_pointer<webhook_state> self,
                                            webhook_rules rules);

} // namespace crm::actors
