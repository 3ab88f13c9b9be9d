// SPDX-License-Identifier: Apache-2.0
// The world of the MCP core in a test: a clock that stands still, chance that repeats, and a key.
#pragma once

#include "protocol/mcp/surroundings.hpp"
#include "storage/digest.hpp"
#include "tests/support/test_environment.hpp"

#include <string>
#include <utility>

namespace crm::test {

/// Returns surroundings whose clock and chance are those of `world`, with a fixed key.
inline mcp::surroundings surroundings_of(const test_environment& world,
                                         std::string key = std::string(32, 'k')) {
  return {world.get(), [key = std::move(key)](std::string_view text) {
            return storage::hmac_sha256(key, text);
          }};
}

} // namespace crm::test
