// SPDX-License-Identifier: Apache-2.0
// What the actors count for the operator. Written by the actors, read by anyone.
#pragma once

#include <atomic>
#include <cstdint>

namespace crm::actors {

/// Counters of a running system; all only grow, but for `open_workspaces`.
struct counters {
  std::atomic<std::uint64_t> calls{0};
  std::atomic<std::uint64_t> shed_calls{0};
  std::atomic<std::uint64_t> commits{0};
  std::atomic<std::uint64_t> committed_calls{0};
  std::atomic<std::uint64_t> replayed_batches{0};
  std::atomic<std::uint32_t> open_workspaces{0};
};

} // namespace crm::actors
