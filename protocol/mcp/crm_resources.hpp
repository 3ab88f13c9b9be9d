// SPDX-License-Identifier: Apache-2.0
// The records of a workspace as MCP resources. Each is read through the gateway with the caller's
// rights: what a caller may not read, or what is another workspace's, is not found.
#pragma once

#include "protocol/changes.hpp"
#include "protocol/mcp/registry.hpp"

#include <string>
#include <vector>

namespace crm::mcp {

/// Adds `crm://schema`, `crm://stages`, `crm://contact/{id}`, `crm://company/{id}`,
/// `crm://deal/{id}` and `crm://deal/{id}/history`. @pre `crm` outlives the registry.
void add_crm_resources(registry& offer, gateway& crm);

/// Returns the addresses whose content is another one after this change.
std::vector<std::string> resources_of(const changed_entity& changed);

/// Returns what a client is told when a call that it did not make itself has failed; `uri`, if it
/// is not empty, is what it wanted to read.
rpc_error failure_of(const error& reason, const std::string& uri = {});

} // namespace crm::mcp
