// SPDX-License-Identifier: Apache-2.0
#include "actors/router.hpp"

#include "actors/guard.hpp"
#include "actors/tools/catalogue.hpp"
#include "actors/tools/operator.hpp"
#include "actors/tools/receiving.hpp"
#include "actors/worker_pool.hpp"
#include "protocol/limits.hpp"
#include "storage/digest.hpp"

#include <algorithm>
#include <utility>

namespace crm::actors {

namespace {

using clock = std::chrono::steady_clock;

/// How soon a router that waits for room looks for it again.
constexpr std::chrono::milliseconds retry_ms{5};

/// How soon a workspace that died with runs under way is opened again.
constexpr std::int64_t revive_ms = 1'000;

/// Under which name the operator's own calls run.
constexpr const char* operator_name = "operator";

crm::error unknown_tool(std::string_view name) {
  error_detail detail{"tool", brief_json(json(name)), "the name of a tool, see tools/list"};
  detail.did_you_mean = nearest_tool(tools::tool_specs(), name);
  std::string message = "there is no such tool";
  if (!detail.did_you_mean.empty())
    message += "; did you mean " + detail.did_you_mean + "?";
  return argument_error(error_code::tool_not_found, std::move(message), std::move(detail));
}

/// Refuses a call that names another workspace than the caller's, before anything is read. Whether
/// the argument names a workspace at all is for the validation to say.
result<void> check_workspace(const principal& caller, const json& args) {
  const auto named = args.is_object() ? args.find("workspaceId") : args.end();
  if (!args.is_object() || named == args.end() || !named->is_string())
    return {};
  const auto& workspace = named->get_ref<const std::string&>();
  if (workspace == caller.workspace)
    return {};
  // The schema does not say it: sixty times the same bound would fill the list of tools.
  if (workspace.empty())
    return arguments_error({{"workspaceId", "\"\"", "left out, or " + caller.workspace}});
  return argument_error(error_code::cross_workspace,
                        "workspaceId names another workspace than the token's: leave it out",
                        {"workspaceId", brief_json(*named), "left out, or " + caller.workspace});
}

} // namespace

router_actor::behavior_type router_state::make_behavior(router_setup setup) {
  guard_against_exceptions(self_, name);
  setup_ = std::move(setup);
  in_flight_ = ticket::counter{setup_.count, &setup_.count->calls_in_flight};
  self_->set_down_handler([this](caf::down_msg& message) { on_workspace_ended(message.source); });
  return {
      [this](const submit_call& message) { on(message); },
      [this](const submit_message& message) { on(message); },
      [this](const identify_caller& message) { on(message); },
      [this](const set_tier& message) { on(message); },
      [this](const control_snapshot& message) { on(message); },
      [this](const workspace_added& message) { on(message); },
      [this](const token_added& message) { on(message); },
      [this](const token_revoked& message) { on(message); },
      [this](const close_idle& message) { on(message); },
      [this](const make_room& message) { on(message); },
      [this](const meet_keeper& message) { on(message); },
      [this](const hold_wake& message) { on(message); },
      [this](const release_wake& message) { on(message); },
      [this](const wake_noted& message) { on(message); },
      [this](const look_at_clock& message) { on(message); },
      [this](const stop_routing& message) { on(message); },
  };
}

// -- calls ---------------------------------------------------------------------------------------

void router_state::on(const submit_call& message) {
  ++setup_.count->calls;
  pass_on(admit(*message.work), *message.work);
}

/// A message becomes a call of a tool that is in no catalogue, so that it shares the group commit,
/// the admission and the bounds of all calls.
void router_state::on(const submit_message& message) {
  ++setup_.count->calls;
  call work = tools::call_for(std::move(*message.message));
  const auto& from = std::get<local_user>(work.from);
  if (!slots_.contains(from.workspace))
    return work.done(tools::no_receiver());
  principal stranger{from.workspace, from.actor, {}, voucher::transport};
  pass_on(let_in(std::move(stranger), tools::receive_webhook(), work), work);
}

void router_state::pass_on(result<handed<admitted_call>> admitted, call& work) {
  if (!admitted) {
    if (face_of(admitted.error().code).retryable)
      ++setup_.count->shed_calls;
    return work.done(std::move(admitted).error());
  }
  const std::string id = (*admitted)->caller.workspace;
  hand_over(id, slots_.find(id)->second, run_call{*std::move(admitted)});
}

result<handed<admitted_call>> router_state::admit(call& work) {
  auto caller = authenticate(work.from);
  if (!caller)
    return std::move(caller).error();
  if (work.trace)
    work.trace->workspace = caller->workspace;
  const tools::tool* what = tools::find_tool(work.kind, work.tool);
  if (what == nullptr)
    return unknown_tool(work.tool);
  CRM_TRY(authorize(*caller, what->spec));
  CRM_TRY(check_workspace(*caller, work.args));
  return let_in(*std::move(caller), *what, work);
}

result<handed<admitted_call>> router_state::let_in(principal caller, const tools::tool& what,
                                                   call& work) {
  const auto found = slots_.find(caller.workspace);
  if (found == slots_.end())
    return crm::error{error_code::not_found, "the workspace " + caller.workspace + " is gone"};
  CRM_TRY(check_room(found->second));
  return give_ticket(found->second, std::move(caller), what, work);
}

handed<admitted_call> router_state::give_ticket(slot& target, principal caller,
                                                const tools::tool& what, call& work) {
  const std::uint64_t of_others = admitted_++ - target.admitted++;
  return std::make_shared<admitted_call>(target.in_flight, in_flight_, of_others, std::move(caller),
                                         &what, std::move(work));
}

result<principal> router_state::authenticate(const credential& from) const {
  if (const auto* user = std::get_if<local_user>(&from))
    return principal{user->workspace, user->actor, all_scopes(), voucher::transport};
  const auto& presented = std::get<bearer_token>(from);
  if (presented.text.empty())
    return crm::error{error_code::unauthenticated,
                      "send a token in the header Authorization: Bearer <token>"};
  const auto found = tokens_.find(storage::sha256(presented.text));
  const bool valid =
      found != tokens_.end()
      && (!found->second.expires_at || *found->second.expires_at > setup_.surroundings.now_ms());
  if (!valid)
    return crm::error{error_code::unauthenticated,
                      "the token is unknown, expired or revoked: ask for a new one"};
  const storage::token_entry& token = found->second;
  return principal{token.workspace, token.actor, token.scopes};
}

result<void> router_state::check_room(const slot& target) const {
  if (stopped_)
    return crm::error{error_code::overloaded, "the server is stopping", {}, 1'000};
  if (*in_flight_ >= setup_.limits.in_flight_calls_max)
    return crm::error{error_code::overloaded, "the server has too many calls in flight", {}, 1'000};
  if (*target.in_flight >= setup_.limits.workspace_in_flight_calls_max)
    return crm::error{
        error_code::rate_limited, "the workspace has too many calls in flight", {}, 1'000};
  return {};
}

void router_state::on(const identify_caller& message) {
  (*message.done)(authenticate(message.from));
}

// -- the operator --------------------------------------------------------------------------------

void router_state::on(const set_tier& message) {
  const auto found = slots_.find(message.workspace);
  if (found == slots_.end())
    return (*message.done)(
        crm::error{error_code::not_found, "there is no workspace " + message.workspace});
  if (auto room = check_room(found->second); !room)
    return (*message.done)(std::move(room).error());
  completion<tool_reply> done{[message](result<tool_reply> outcome) {
    (*message.done)(outcome ? result<std::string>{message.tier}
                            : result<std::string>{std::move(outcome).error()});
  }};
  call work{
      local_user{message.workspace, operator_name}, "set_tier",     {{"tier", message.tier}}, {},
      clock::now() + limits::call_timeout_ms,       std::move(done)};
  const principal caller{message.workspace, operator_name, all_scopes(), voucher::transport};
  hand_over(message.workspace, found->second,
            run_call{give_ticket(found->second, caller, tools::set_tier_tool(), work)});
}

// -- what control.db holds -----------------------------------------------------------------------

void router_state::on(const control_snapshot& message) {
  for (const storage::workspace_entry& entry : message.workspaces)
    slots_.try_emplace(entry.id);
  for (const storage::token_entry& token : message.tokens)
    tokens_.insert_or_assign(token.digest, token);
  for (const storage::due_entry& entry : message.due)
    due_.emplace(entry.due_at, entry.workspace);
  watch_clock();
}

void router_state::on(const workspace_added& message) {
  slots_.try_emplace(message.id);
}

void router_state::on(const token_added& message) {
  tokens_.insert_or_assign(message.token.digest, message.token);
}

void router_state::on(const token_revoked& message) {
  tokens_.erase(message.digest);
}

// -- opening and closing -------------------------------------------------------------------------

void router_state::hand_over(const std::string& id, slot& target, run_call message) {
  if (target.state == slot_state::closed) {
    target.state = slot_state::waiting;
    waiting_.push_back(id);
    target.waiting.push_back(std::move(message));
    return open_waiting();
  }
  if (target.state != slot_state::open) {
    target.waiting.push_back(std::move(message));
    return;
  }
  use(target);
  const soon_done here;
  self_->send(target.actor, std::move(message));
}

void router_state::use(slot& target) {
  target.last_used = clock::now();
  if (target.recency != recently_used_.begin())
    recently_used_.splice(recently_used_.begin(), recently_used_, target.recency);
}

void router_state::open_waiting() {
  open_those_with_room();
  setup_.count->waiting_workspaces = static_cast<std::uint32_t>(waiting_.size());
}

void router_state::open_those_with_room() {
  while (!waiting_.empty()) {
    // A closing workspace still holds its file, so it counts until it has ended.
    if (actors_.size() >= setup_.limits.open_workspaces_max) {
      close_least_recently_used();
      if (!std::exchange(making_room_, true))
        self_->delayed_send(self_, retry_ms, make_room{});
      return;
    }
    const std::string id = std::move(waiting_.front());
    waiting_.pop_front();
    open(id, slots_.find(id)->second);
  }
}

void router_state::open(const std::string& id, slot& target) {
  const auto& syncers = setup_.syncers;
  const auto& checkpoint_syncers = setup_.checkpoint_syncers;
  ++opened_;
  target.actor = self_->spawn<caf::monitored>(
      workspace,
      workspace_setup{id, setup_.workspace_file(id), setup_.surroundings, setup_.count,
                      setup_.limits.commit_calls_max, setup_.limits.processors, router_actor{self_},
                      setup_.services, syncers[opened_ % syncers.size()],
                      checkpoint_syncers[opened_ % checkpoint_syncers.size()], target.in_flight,
                      in_flight_, setup_.changes});
  target.state = slot_state::open;
  actors_.emplace(target.actor.address(), id);
  setup_.count->open_workspaces = static_cast<std::uint32_t>(actors_.size());
  recently_used_.push_front(id);
  target.recency = recently_used_.begin();
  target.last_used = clock::now();
  for (run_call& message : std::exchange(target.waiting, {}))
    self_->send(target.actor, std::move(message));
  if (target.due_at) {
    due_.erase({*std::exchange(target.due_at, std::nullopt), id});
    self_->send(target.actor, look_at_clock{});
  }
  watch_for_idle();
  if (stopped_)
    close(target);
}

void router_state::close(slot& target) {
  target.state = slot_state::closing;
  recently_used_.erase(target.recency);
  self_->send(target.actor, close_workspace{});
}

bool router_state::close_least_recently_used() {
  for (auto id = recently_used_.rbegin(); id != recently_used_.rend(); ++id) {
    slot& candidate = slots_.find(*id)->second;
    if (*candidate.in_flight > 0)
      continue;
    close(candidate);
    return true;
  }
  return false;
}

void router_state::on(const make_room&) {
  making_room_ = false;
  open_waiting();
}

void router_state::on(const close_idle&) {
  watching_for_idle_ = false;
  const auto idle_since = clock::now() - setup_.limits.workspace_idle_ms_max;
  while (!recently_used_.empty()) {
    slot& oldest = slots_.find(recently_used_.back())->second;
    if (oldest.last_used > idle_since || *oldest.in_flight > 0)
      break;
    close(oldest);
  }
  if (!actors_.empty())
    watch_for_idle();
}

void router_state::watch_for_idle() {
  if (!std::exchange(watching_for_idle_, true))
    self_->delayed_send(self_, setup_.limits.workspace_idle_ms_max, close_idle{});
}

void router_state::on_workspace_ended(const caf::actor_addr& ended) {
  const auto known = actors_.find(ended);
  if (known == actors_.end())
    return;
  const std::string id = std::move(known->second);
  actors_.erase(known);
  setup_.count->open_workspaces = static_cast<std::uint32_t>(actors_.size());
  slot& target = slots_.find(id)->second;
  if (target.state == slot_state::open) // it died; its callers have been answered
    recently_used_.erase(target.recency);
  target.actor = nullptr;
  target.state = slot_state::closed;
  if (std::exchange(target.holds_wake, false) && !stopped_) {
    // It died, and its runs with it: it is opened again, but not in a storm.
    target.due_at = setup_.surroundings.now_ms() + revive_ms;
    due_.emplace(*target.due_at, id);
    watch_clock();
  }
  if (!target.waiting.empty() || (target.due_at && *target.due_at == 0 && !stopped_)) {
    target.state = slot_state::waiting;
    waiting_.push_back(id);
  }
  open_waiting();
  end_if_stopped();
}

// -- workspaces that are due ----------------------------------------------------------------------

void router_state::on(const meet_keeper& message) {
  keeper_ = message.keeper;
}

void router_state::on(const hold_wake& message) {
  slots_.find(message.workspace)->second.holds_wake = true;
  self_->send(keeper_, note_due{message.workspace, 0});
}

void router_state::on(const release_wake& message) {
  self_->send(keeper_, note_due{message.workspace, message.due_at});
  slot& target = slots_.find(message.workspace)->second;
  target.holds_wake = false;
  if (!message.due_at || stopped_)
    return;
  target.due_at = message.due_at;
  due_.emplace(*message.due_at, message.workspace);
  watch_clock();
}

void router_state::on(const wake_noted& message) {
  const auto found = slots_.find(message.workspace);
  const bool is_held = message.due_at == std::optional<std::int64_t>{0};
  if (is_held && found != slots_.end() && found->second.state == slot_state::open)
    self_->send(found->second.actor, wake_held{});
}

/// Opens the workspaces whose time has come, and has those that are open look for themselves.
void router_state::on(const look_at_clock&) {
  if (stopped_)
    return;
  for (const std::string& id : recently_used_)
    self_->send(slots_.find(id)->second.actor, look_at_clock{});
  const std::int64_t now_ms = setup_.surroundings.now_ms();
  while (!due_.empty() && due_.begin()->first <= now_ms) {
    const auto [due_at, id] = *due_.begin();
    due_.erase(due_.begin());
    if (const auto found = slots_.find(id); found != slots_.end())
      wake(id, found->second);
  }
  watch_clock();
}

void router_state::wake(const std::string& id, slot& target) {
  if (target.state == slot_state::open)
    return;
  target.due_at = 0;
  if (target.state != slot_state::closed)
    return;
  target.state = slot_state::waiting;
  waiting_.push_back(id);
  open_waiting();
}

void router_state::watch_clock() {
  if (due_.empty())
    return;
  if (const auto wait = alarm_.set(due_.begin()->first - setup_.surroundings.now_ms(), 1))
    self_->delayed_send(self_, *wait, look_at_clock{});
}

// -- the end -------------------------------------------------------------------------------------

void router_state::on(const stop_routing& message) {
  stopped_ = message.done;
  while (!recently_used_.empty())
    close(slots_.find(recently_used_.back())->second);
  end_if_stopped();
}

void router_state::end_if_stopped() {
  if (!stopped_ || !actors_.empty() || !waiting_.empty())
    return;
  (*stopped_)(true);
  self_->quit();
}

router_actor::behavior_type router(router_actor::stateful_pointer<router_state> self,
                                   router_setup setup) {
  return self->state.make_behavior(std::move(setup));
}

} // namespace crm::actors
