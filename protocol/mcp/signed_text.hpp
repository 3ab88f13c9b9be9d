// SPDX-License-Identifier: Apache-2.0
// Claims that leave the server and come back: signed, so that a client can carry what the server
// would otherwise have to remember. Not secret: anyone can read them.
#pragma once

#include "protocol/json.hpp"
#include "protocol/mcp/surroundings.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace crm::mcp {

/// Signs `claims` for one purpose; a text signed for another one does not verify. The text holds
/// letters, digits, `-`, `_` and `.` only.
std::string signed_text(const surroundings& world, std::string_view purpose, const json& claims);

/// Returns the claims of a text that this server signed for `purpose`, or nothing. Compares in
/// constant time. Whether they have expired is the caller's to check.
std::optional<json> verified_claims(const surroundings& world, std::string_view purpose,
                                    std::string_view text);

/// Returns 128 random bits as text, to tell one thing from all others.
std::string fresh_nonce(const surroundings& world);

/// Returns a short digest of `text` under the server's key: equal for equal texts, else not.
std::string keyed_digest(const surroundings& world, std::string_view purpose,
                         std::string_view text);

} // namespace crm::mcp
