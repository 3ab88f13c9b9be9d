// SPDX-License-Identifier: Apache-2.0
// The revisions of MCP that this server speaks, and to which era a message belongs. The era is
// decided for each message by itself: nothing is remembered of the connection.
#pragma once

#include "protocol/mcp/json_rpc.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace crm::mcp {

/// A revision of MCP, oldest first.
enum class revision : std::uint8_t {
  v2024_11_05,
  v2025_03_26,
  v2025_06_18,
  v2025_11_25,
  v2026_07_28,
};

/// Returns the date that names the revision on the wire.
std::string_view name_of(revision version);

/// The newest revision with a handshake: what `initialize` answers to a version it does not know.
inline constexpr revision newest_legacy = revision::v2025_11_25;

/// Returns the legacy revision of that name, if this server speaks it.
std::optional<revision> find_legacy(std::string_view name);

/// The modern revisions that this server speaks: what `server/discover` lists.
std::span<const std::string_view> modern_revisions();

/// Returns whether this server speaks the modern revision of that name.
bool speaks_modern(std::string_view name);

/// Member of `params._meta` that names the revision of a modern message.
inline constexpr std::string_view meta_version = "io.modelcontextprotocol/protocolVersion";
inline constexpr std::string_view meta_capabilities = "io.modelcontextprotocol/clientCapabilities";
inline constexpr std::string_view meta_client = "io.modelcontextprotocol/clientInfo";
inline constexpr std::string_view meta_log_level = "io.modelcontextprotocol/logLevel";
inline constexpr std::string_view meta_server = "io.modelcontextprotocol/serverInfo";
inline constexpr std::string_view meta_subscription = "io.modelcontextprotocol/subscriptionId";

/// The two ways of speaking MCP.
enum class era : std::uint8_t {
  /// With the `initialize` handshake: 2025-11-25 and before.
  legacy,
  /// Each request describes itself in `_meta`: 2026-07-28 and after.
  modern,
};

/// Returns whether a `MCP-Protocol-Version` header names a revision of the modern era, known or
/// not: a date of 2026-07-28 or later.
bool names_modern_revision(std::string_view header);

/// Returns whether these params claim to be modern, whatever version they name.
bool claims_modern(const json& params);

/// Decides the era of a message (reference §1.6). `header` is the trimmed `MCP-Protocol-Version`,
/// nothing on stdio. A legacy `initialize` under a modern header is `header_mismatch`.
std::variant<era, rpc_error> era_of(const rpc_message& message,
                                    std::optional<std::string_view> header);

} // namespace crm::mcp
