// SPDX-License-Identifier: Apache-2.0
// What the official conformance suite expects of a server: tools, resources and prompts under the
// names that its scenarios call. Never part of the product.
#pragma once

#include "protocol/mcp/change_feed.hpp"
#include "protocol/mcp/registry.hpp"
#include "protocol/mcp/request_seal.hpp"

#include <functional>
#include <memory>

namespace crm::conformance {

/// Runs `work` after a while, on another thread.
using delayed = std::function<void(int after_ms, std::function<void()> work)>;

/// Returns the server's change feed once it exists.
using feed_getter = std::function<mcp::change_feed&()>;

void add_content_tools(mcp::registry& offer, const delayed& later, const feed_getter& feed);
void add_asking_tools(mcp::registry& offer, const std::shared_ptr<mcp::request_seal>& seal);
void add_resources(mcp::registry& offer);
void add_prompts(mcp::registry& offer);

/// Returns the entry of `tools/list` for a tool whose arguments are left open or described.
json tool_entry(const std::string& name, const std::string& about, json properties = json());

} // namespace crm::conformance
