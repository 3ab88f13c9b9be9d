// SPDX-License-Identifier: Apache-2.0
#include "actors/router.hpp"

#include "actors/guard.hpp"
#include "actors/tools/catalogue.hpp"
#include "storage/digest.hpp"

#include <utility>

namespace crm::actors {

namespace {

using clock = std::chrono::steady_clock;

/// How soon a router that waits for room looks for it again.
constexpr std::chrono::milliseconds retry_ms{5};

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
  if (workspace.empty() || workspace == caller.workspace)
    return {};
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
      [this](const identify_caller& message) { on(message); },
      [this](const control_snapshot& message) { on(message); },
      [this](const workspace_added& message) { on(message); },
      [this](const token_added& message) { on(message); },
      [this](const token_revoked& message) { on(message); },
      [this](const close_idle& message) { on(message); },
      [this](const make_room& message) { on(message); },
      [this](const stop_routing& message) { on(message); },
  };
}

// -- calls ---------------------------------------------------------------------------------------

void router_state::on(const submit_call& message) {
  ++setup_.count->calls;
  call& work = *message.work;
  auto admitted = admit(work);
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
  const tools::tool* what = tools::find_tool(work.tool);
  if (what == nullptr)
    return unknown_tool(work.tool);
  CRM_TRY(authorize(*caller, what->spec));
  CRM_TRY(check_workspace(*caller, work.args));
  const auto found = slots_.find(caller->workspace);
  if (found == slots_.end())
    return crm::error{error_code::not_found, "the workspace " + caller->workspace + " is gone"};
  CRM_TRY(check_room(found->second));
  return handed<admitted_call>{new admitted_call{ticket{found->second.in_flight, in_flight_},
                                                 *std::move(caller), what, std::move(work)}};
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

// -- what control.db holds -----------------------------------------------------------------------

void router_state::on(const control_snapshot& message) {
  for (const storage::workspace_entry& entry : message.workspaces)
    slots_.try_emplace(entry.id);
  for (const storage::token_entry& token : message.tokens)
    tokens_.insert_or_assign(token.digest, token);
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
  target.actor = self_->spawn<caf::monitored>(
      workspace, workspace_setup{id, setup_.workspace_file(id), setup_.surroundings, setup_.count,
                                 setup_.limits.commit_calls_max});
  target.state = slot_state::open;
  actors_.emplace(target.actor.address(), id);
  setup_.count->open_workspaces = static_cast<std::uint32_t>(actors_.size());
  recently_used_.push_front(id);
  target.recency = recently_used_.begin();
  target.last_used = clock::now();
  for (run_call& message : std::exchange(target.waiting, {}))
    self_->send(target.actor, std::move(message));
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
  if (!target.waiting.empty()) {
    target.state = slot_state::waiting;
    waiting_.push_back(id);
  }
  open_waiting();
  end_if_stopped();
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
