// SPDX-License-Identifier: Apache-2.0
// The live runs of one workspace: starts their actors, watches them, and says what is to become of
// a run whose actor died or fell silent. Monitors and never links: a child takes nobody along.
#pragma once

#include "actors/interfaces.hpp"
#include "protocol/environment.hpp"

#include <functional>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

namespace crm::actors {

/// What a workspace needs to run workflows.
struct run_services {
  /// Threads that send webhooks, shared by all workspaces.
  std::vector<webhook_actor> senders;
  /// Asked by a run's actor before each step whether it may ask for it; tests make it throw, or
  /// return false so that the actor never answers again. None in production.
  std::function<bool()> may_ask;
};

/// A run whose actor is gone.
struct ended_actor {
  std::int64_t run = 0;
  /// It died; how often by now, without a step in between. 0 when it ended as it should.
  int deaths = 0;
};

/// Keeps the actors of one workspace's runs.
class run_supervisor {
public:
  run_supervisor(workspace_actor::pointer self, run_services services, environment surroundings)
      : self_(self), services_(std::move(services)), surroundings_(std::move(surroundings)) {}

  /// Starts the actor of a run that has none.
  void start(std::int64_t run);

  bool is_live(std::int64_t run) const { return live_.contains(run); }
  std::size_t live_count() const { return live_.size(); }

  /// Returns whether a run may be started: not within the pause after its last death.
  bool may_start(std::int64_t run) const;

  /// A run's actor has spoken. Returns false for one that was given up: its word counts no more.
  bool heard(std::int64_t run, const execution_actor& from);

  /// A run's actor has its answer, and it is for the actor to speak again: after a webhook, which
  /// takes longer than a step, if `next` is to send one. Earlier deaths do not count any more.
  void answered(std::int64_t run, after_step next);

  /// Forgets that the actor of a run has died.
  void forgive(std::int64_t run) { deaths_.erase(run); }

  /// Notes that an actor is gone; none when it was no run's.
  std::optional<ended_actor> gone(const caf::down_msg& message);

  /// Sets when a run that died may be started again.
  void pause(std::int64_t run, std::int64_t until_ms) { deaths_[run].until_ms = until_ms; }

  /// Returns when the first of those pauses ends.
  std::optional<std::int64_t> next_restart() const;

  /// Ends the actors that have been silent for too long; their deaths follow.
  void end_silent();

  /// Ends all actors at once, without their deaths being counted.
  void stop_all();

private:
  struct child {
    execution_actor actor;
    std::int64_t silent_since_ms = 0;
    std::int64_t patience_ms = 0;
    /// The workspace has yet to answer it: its silence is no fault of its own.
    bool waits_for_answer = false;
  };
  struct death_record {
    int count = 0;
    std::int64_t until_ms = 0;
  };

  workspace_actor::pointer self_;
  run_services services_;
  environment surroundings_;
  std::unordered_map<std::int64_t, child> live_;
  std::unordered_map<caf::actor_addr, std::int64_t> by_actor_;
  std::map<std::int64_t, death_record> deaths_;
  std::size_t next_sender_ = 0;
};

} // namespace crm::actors
