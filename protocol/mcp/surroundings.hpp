// SPDX-License-Identifier: Apache-2.0
// What the protocol core needs of the world and never reaches for by itself: time, chance and the
// server's secret key. Tests hand in their own.
#pragma once

#include "protocol/environment.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace crm::mcp {

/// The outside world of the protocol core. Every function may be called from any thread.
struct surroundings : environment {
  /// HMAC-SHA-256 of a text under the server's 32-byte key, as 32 raw bytes. The key outlives
  /// restarts, or the sessions of every client end with each of them.
  std::function<std::string(std::string_view)> mac;
};

} // namespace crm::mcp
