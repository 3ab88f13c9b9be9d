// SPDX-License-Identifier: Apache-2.0
// What the engine answers to a run's actor.
#pragma once

#include "actors/webhook.hpp"

#include <optional>

namespace crm::actors {

/// What a run does after a step.
enum class after_step : std::uint8_t {
  /// Asks for the next one.
  go_on,
  /// Ends its actor until a time comes or the workflow is resumed.
  rest,
  /// Sends a webhook and reports what became of it.
  deliver,
  /// Ends: the run has.
  ended,
  /// The step failed after it had written. The transaction must be undone and the step taken again,
  /// alone, with the failure as known.
  undo,
};

/// What became of a step.
struct step_outcome {
  after_step next = after_step::ended;
  /// What to send.
  std::optional<webhook_request> message = std::nullopt;
  /// Why the step must be undone.
  std::optional<crm::error> failure = std::nullopt;
};

} // namespace crm::actors
