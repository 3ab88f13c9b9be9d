// SPDX-License-Identifier: Apache-2.0
// The state of a request that waits for its client's answer. It travels through the client, so it
// is signed, bound to the caller, the method, the name and the arguments, expires, and works once.
#pragma once

#include "protocol/mcp/call_context.hpp"

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

namespace crm::mcp {

/// Issues and redeems such states. May be used from any thread.
class request_seal {
public:
  explicit request_seal(surroundings world);

  /// Returns a state for this request; `note` comes back with it.
  std::string issue(const call_context& request, const json& note = nullptr);

  /// Returns the note of the state that came back with `request`, and uses it up.
  /// @errors validation: forged, expired, used before, or issued for another request or caller.
  result<json> redeem(const call_context& request);

private:
  bool use_up(const std::string& nonce, std::int64_t expires_ms);

  surroundings world_;
  /// States of an earlier run are refused: which of them were used is forgotten.
  const std::string run_;
  std::mutex mutex_;
  /// Nonces that were used, until they would have expired anyway.
  std::map<std::string, std::int64_t> used_;
};

/// Returns the text under which a caller's things are kept apart from everyone else's.
std::string principal_key(const principal& who);

} // namespace crm::mcp
