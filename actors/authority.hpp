// SPDX-License-Identifier: Apache-2.0
// The authority actor: owns control.db, and keeps the router's copy of it current.
#pragma once

#include "actors/interfaces.hpp"
#include "protocol/environment.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <filesystem>
#include <optional>

namespace crm::actors {

/// State and behaviour of the actor that owns workspaces and tokens.
class authority_state {
public:
  static inline const char* name = "crm.authority";

  explicit authority_state(authority_actor::pointer self) : self_(self) {}
  authority_actor::behavior_type make_behavior(std::filesystem::path file, router_actor router,
                                               environment surroundings);

private:
  result<std::string> on(const open_control& message);
  result<workspace_info> on(const create_workspace& message);
  result<bool> on(const ensure_workspace& message);
  result<std::vector<workspace_info>> on(const list_workspaces& message);
  result<issued_token> on(const create_token& message);
  result<std::string> on(const revoke_token& message);
  void on(const note_due& message);
  void on(const close_control& message);

  result<void> add_workspace(const storage::workspace_entry& entry);
  result<void> make_sure_of(const std::string& workspace);

  authority_actor::pointer self_;
  std::filesystem::path file_;
  router_actor router_;
  environment surroundings_;
  std::optional<storage::control_store> store_;
};

/// Spawn with this.
authority_actor::behavior_type authority(authority_actor::stateful_pointer<authority_state> self,
                                         std::filesystem::path file, router_actor router,
                                         environment surroundings);

} // namespace crm::actors
