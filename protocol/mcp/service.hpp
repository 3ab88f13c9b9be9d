// SPDX-License-Identifier: Apache-2.0
// One MCP server, whatever its transports: what it offers, who is subscribed, and the world it
// lives in. Both eras work on it.
#pragma once

#include "protocol/changes.hpp"
#include "protocol/mcp/registry.hpp"
#include "protocol/mcp/subscriptions.hpp"
#include "protocol/mcp/surroundings.hpp"

#include <memory>
#include <utility>

namespace crm::mcp {

/// A server. Shared with every request under way, so that it outlives them.
class service {
public:
  service(registry offered, surroundings around)
      : offer(std::move(offered)), world(std::make_shared<const surroundings>(std::move(around))) {}

  const registry offer;
  const std::shared_ptr<const surroundings> world;
  subscription_hub subscriptions;
  /// Keeps the subscriptions fed, where the server has anything to hear from.
  change_watch feed;
};

} // namespace crm::mcp
