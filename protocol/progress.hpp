// SPDX-License-Identifier: Apache-2.0
// How far a call is that takes long.
#pragma once

#include <cstdint>
#include <functional>

namespace crm {

/// Hears how much of the work is done, and of how much. Called on the thread that works, as often
/// as it likes; it must not block. An empty one wants to hear nothing.
using progress_listener = std::function<void(std::int64_t done, std::int64_t total)>;

} // namespace crm
