// SPDX-License-Identifier: Apache-2.0
// What the actors count for the operator. Written by the actors, read by anyone.
#pragma once

#include "protocol/service_counters.hpp"

#include <atomic>
#include <cstdint>

namespace crm::actors {

/// Counters of a running system; service_counters.hpp says what each means.
struct counters {
  std::atomic<std::uint64_t> calls{0};
  std::atomic<std::uint64_t> shed_calls{0};
  std::atomic<std::uint64_t> commits{0};
  std::atomic<std::uint64_t> committed_calls{0};
  std::atomic<std::uint64_t> replayed_batches{0};
  std::atomic<std::uint64_t> held_back{0};
  std::atomic<std::uint32_t> calls_in_flight{0};
  std::atomic<std::uint32_t> open_workspaces{0};
  std::atomic<std::uint32_t> waiting_workspaces{0};

  /// Returns the numbers of this moment.
  service_counters snapshot() const {
    return {calls,     shed_calls,      commits,         committed_calls,   replayed_batches,
            held_back, calls_in_flight, open_workspaces, waiting_workspaces};
  }
};

} // namespace crm::actors
