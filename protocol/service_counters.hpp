// SPDX-License-Identifier: Apache-2.0
// What the rest of the program tells a transport about its work, for the operator: plain numbers,
// taken at one moment. Nothing here knows who counts them or how they are shown.
#pragma once

#include <cstdint>

namespace crm {

/// Numbers of the actors. The last three go up and down, the rest only up.
struct service_counters {
  /// Calls that came to the router.
  std::uint64_t calls = 0;
  /// Calls that admission turned away: too many in flight, or the server is stopping.
  std::uint64_t shed_calls = 0;
  std::uint64_t commits = 0;
  /// Calls whose answer waited for a commit; divided by `commits`: calls per commit.
  std::uint64_t committed_calls = 0;
  /// Group commits that were undone and run again call by call.
  std::uint64_t replayed_batches = 0;
  /// Times that a workspace went to the background, because it had had more than its share.
  std::uint64_t held_back = 0;
  /// Calls between admission and answer: the depth of all queues.
  std::uint64_t calls_in_flight = 0;
  std::uint64_t open_workspaces = 0;
  /// Workspaces with calls that wait for room to be opened.
  std::uint64_t waiting_workspaces = 0;
};

} // namespace crm
