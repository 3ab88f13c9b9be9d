// SPDX-License-Identifier: Apache-2.0
#include "actors/run_supervisor.hpp"

#include "actors/execution.hpp"
#include "protocol/limits.hpp"

#include <caf/exit_reason.hpp>

#include <algorithm>

namespace crm::actors {

namespace {

/// A webhook waits its turn behind others, each of which may take ten seconds.
constexpr std::int64_t sending_ms_max = 10 * limits::run_silence_ms_max;

} // namespace

void run_supervisor::start(std::int64_t run) {
  const webhook_actor& sender = services_.senders[next_sender_++ % services_.senders.size()];
  child started;
  started.actor = self_->spawn<caf::monitored>(
      execution, execution_setup{run, workspace_actor{self_}, sender, services_.may_ask});
  started.silent_since_ms = surroundings_.now_ms();
  started.patience_ms = limits::run_silence_ms_max;
  by_actor_.emplace(started.actor.address(), run);
  live_.emplace(run, std::move(started));
}

bool run_supervisor::may_start(std::int64_t run) const {
  const auto died = deaths_.find(run);
  return died == deaths_.end() || died->second.until_ms <= surroundings_.now_ms();
}

bool run_supervisor::heard(std::int64_t run, const execution_actor& from) {
  const auto found = live_.find(run);
  if (found == live_.end() || found->second.actor != from)
    return false;
  found->second.waits_for_answer = true;
  return true;
}

void run_supervisor::answered(std::int64_t run, after_step next) {
  forgive(run);
  const auto found = live_.find(run);
  if (found == live_.end())
    return;
  found->second.waits_for_answer = false;
  found->second.silent_since_ms = surroundings_.now_ms();
  found->second.patience_ms =
      next == after_step::deliver ? sending_ms_max : limits::run_silence_ms_max;
}

std::optional<ended_actor> run_supervisor::gone(const caf::down_msg& message) {
  const auto known = by_actor_.find(caf::actor_cast<caf::actor_addr>(message.source));
  if (known == by_actor_.end())
    return std::nullopt;
  const std::int64_t run = known->second;
  by_actor_.erase(known);
  live_.erase(run);
  const bool as_it_should = !message.reason || message.reason == caf::exit_reason::normal;
  if (as_it_should)
    return ended_actor{run, 0};
  return ended_actor{run, ++deaths_[run].count};
}

std::optional<std::int64_t> run_supervisor::next_restart() const {
  std::optional<std::int64_t> next;
  for (const auto& [run, died] : deaths_) {
    if (!live_.contains(run) && (!next || died.until_ms < *next))
      next = died.until_ms;
  }
  return next;
}

void run_supervisor::end_silent() {
  const std::int64_t now_ms = surroundings_.now_ms();
  for (const auto& [run, each] : live_) {
    if (!each.waits_for_answer && now_ms - each.silent_since_ms > each.patience_ms)
      self_->send_exit(each.actor, caf::exit_reason::kill);
  }
}

void run_supervisor::stop_all() {
  for (const auto& [run, each] : live_)
    self_->send_exit(each.actor, caf::exit_reason::user_shutdown);
  live_.clear();
  by_actor_.clear();
}

} // namespace crm::actors
