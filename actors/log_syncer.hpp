// SPDX-License-Identifier: Apache-2.0
// Who waits for the disk while workspaces go on: log syncers answer groups of calls when their log
// is on the disk, checkpoint syncers see to the data files.
#pragma once

#include "actors/interfaces.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace crm::actors {

/// After a failed fsync nobody knows what the disk holds (PostgreSQL's lesson of 2018): the file is
/// closed and read anew, and the callers are told this.
crm::error unknown_outcome();

class log_syncer_state {
public:
  static inline const char* name = "crm.log_syncer";

  explicit log_syncer_state(log_syncer_actor::pointer self) : self_(self) {}
  log_syncer_actor::behavior_type make_behavior();

private:
  void on(const answer_group& message);

  log_syncer_actor::pointer self_;
};

/// Spawn with this, detached: it blocks.
log_syncer_actor::behavior_type
log_syncer(log_syncer_actor::stateful_pointer<log_syncer_state> self);

class checkpoint_syncer_state {
public:
  static inline const char* name = "crm.checkpoint_syncer";

  explicit checkpoint_syncer_state(checkpoint_syncer_actor::pointer self) : self_(self) {}
  checkpoint_syncer_actor::behavior_type make_behavior();

private:
  static void on(const finish_checkpoint& message);

  checkpoint_syncer_actor::pointer self_;
};

/// Spawn with this, detached: it blocks.
checkpoint_syncer_actor::behavior_type
checkpoint_syncer(checkpoint_syncer_actor::stateful_pointer<checkpoint_syncer_state> self);

} // namespace crm::actors
