// SPDX-License-Identifier: Apache-2.0
// The router actor: authenticates, authorises, admits and delegates; opens and closes workspaces.
#pragma once

#include "actors/clock_alarm.hpp"
#include "actors/counters.hpp"
#include "actors/interfaces.hpp"
#include "actors/workspace.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace crm::actors {

/// The bounds within which a router admits calls; limits.hpp holds the defaults.
struct router_limits {
  std::uint32_t workspace_in_flight_calls_max;
  std::uint32_t in_flight_calls_max;
  std::size_t open_workspaces_max;
  std::size_t commit_calls_max;
  std::chrono::milliseconds workspace_idle_ms_max;
  /// Processors that workspaces share; see fair_share.
  std::size_t processors;
};

/// What a router is given when it is spawned.
struct router_setup {
  /// Returns the data file of a workspace.
  std::function<std::filesystem::path(const std::string&)> workspace_file;
  environment surroundings;
  std::shared_ptr<counters> count;
  router_limits limits;
  run_services services;
  /// Shared by all workspaces.
  std::vector<log_syncer_actor> syncers;
  std::vector<checkpoint_syncer_actor> checkpoint_syncers;
  std::shared_ptr<change_board> changes;
};

/// State and behaviour of the router.
class router_state {
public:
  static inline const char* name = "crm.router";

  explicit router_state(router_actor::pointer self) : self_(self) {}
  router_actor::behavior_type make_behavior(router_setup setup);

private:
  /// Where a known workspace stands between closed and open.
  enum class slot_state : std::uint8_t { closed, waiting, open, closing };

  /// A workspace that exists, with its actor while it is open.
  struct slot {
    slot_state state = slot_state::closed;
    workspace_actor actor;
    ticket::counter in_flight = std::make_shared<std::atomic<std::uint32_t>>(0);
    std::uint64_t admitted = 0;
    /// Calls that wait for the workspace to be opened.
    std::vector<run_call> waiting;
    std::chrono::steady_clock::time_point last_used;
    /// Place in `recently_used_`; valid while open.
    std::list<std::string>::iterator recency;
    /// When it is to be opened although nobody calls.
    std::optional<std::int64_t> due_at;
    /// It may have runs under way, and did not yet say when it is due.
    bool holds_wake = false;
  };

  void on(const submit_call& message);
  void on(const submit_message& message);
  void on(const identify_caller& message);
  void on(const set_tier& message);
  void on(const control_snapshot& message);
  void on(const workspace_added& message);
  void on(const token_added& message);
  void on(const token_revoked& message);
  void on(const close_idle& message);
  void on(const make_room& message);
  void on(const meet_keeper& message);
  void on(const hold_wake& message);
  void on(const release_wake& message);
  void on(const wake_noted& message);
  void on(const look_at_clock& message);
  void on(const stop_routing& message);
  void on_workspace_ended(const caf::actor_addr& ended);

  result<principal> authenticate(const credential& from) const;
  result<handed<admitted_call>> admit(call& work);
  result<handed<admitted_call>> let_in(principal caller, const tools::tool& what, call& work);
  handed<admitted_call> give_ticket(slot& target, principal caller, const tools::tool& what,
                                    call& work);
  result<void> check_room(const slot& target) const;
  void pass_on(result<handed<admitted_call>> admitted, call& work);
  void hand_over(const std::string& id, slot& target, run_call message);
  void use(slot& target);
  void open(const std::string& id, slot& target);
  void close(slot& target);
  bool close_least_recently_used();
  void open_waiting();
  void open_those_with_room();
  void watch_for_idle();
  void wake(const std::string& id, slot& target);
  void watch_clock();
  void end_if_stopped();

  router_actor::pointer self_;
  router_setup setup_;
  std::unordered_map<std::string, storage::token_entry> tokens_;
  std::unordered_map<std::string, slot> slots_;
  std::unordered_map<caf::actor_addr, std::string> actors_;
  /// Open workspaces, the one used last in front.
  std::list<std::string> recently_used_;
  /// Workspaces that wait for room, in the order in which they asked.
  std::deque<std::string> waiting_;
  /// The counter of calls in flight, which everyone may read.
  ticket::counter in_flight_;
  due_keeper keeper_;
  /// Closed workspaces by the time at which they are to be opened.
  std::set<std::pair<std::int64_t, std::string>> due_;
  clock_alarm alarm_;
  bool watching_for_idle_ = false;
  bool making_room_ = false;
  std::uint64_t admitted_ = 0;
  std::size_t opened_ = 0;
  handed<completion<bool>> stopped_;
};

/// Spawn with this.
router_actor::behavior_type router(router_actor::stateful_pointer<router_state> self,
                                   router_setup setup);

} // namespace crm::actors
