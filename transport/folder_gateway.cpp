// SPDX-License-Identifier: Apache-2.0
#include "transport/folder_gateway.hpp"

#include <chrono>
#include <thread>

namespace crm::transport {

namespace {

/// An owner that is just starting holds the lock before it listens, one that is ending after it has
/// stopped to: for so long we look again.
constexpr std::chrono::seconds open_timeout{5};
constexpr std::chrono::milliseconds retry_ms{20};

} // namespace

void folder_gateway::submit(call work) {
  const auto target = opened();
  if (!target)
    return work.done(target.error());
  (*target)->submit(std::move(work));
}

void folder_gateway::identify(credential from, completion<principal> done) {
  // Who the local user is needs no folder, which is not opened before the first call.
  if (const auto* user = std::get_if<local_user>(&from))
    return done(principal{user->workspace, user->actor, all_scopes()});
  done(crm::error{error_code::unauthenticated, "tokens are for HTTP, not for stdio"});
}

result<std::shared_ptr<gateway>> folder_gateway::opened() {
  const std::lock_guard lock{guard_};
  const auto give_up_at = std::chrono::steady_clock::now() + open_timeout;
  for (;;) {
    if (owner_)
      return owner_;
    if (forwarder_ && forwarder_->connected())
      return std::shared_ptr<gateway>{forwarder_};
    forwarder_.reset();
    auto owned = open_();
    if (owned) {
      owner_ = owned->crm;
      hear_from(*owned->changes);
      return owner_;
    }
    if (owned.error().code != error_code::conflict)
      return std::move(owned).error();
    if (auto connected = local_client::connect(folder_, tools_)) {
      forwarder_ = *std::move(connected);
      hear_from(*forwarder_);
      continue;
    }
    if (std::chrono::steady_clock::now() > give_up_at)
      return std::move(owned).error();
    std::this_thread::sleep_for(retry_ms);
  }
}

void folder_gateway::hear_from(change_source& changes) {
  heard_ = changes.watch([board = board_](const std::string& workspace, const auto& changed) {
    board->tell(workspace, changed);
  });
}

} // namespace crm::transport
