// SPDX-License-Identifier: Apache-2.0
// The three tools that read the change log; they are listed with the admin tools.
#pragma once

#include "actors/tools/tool.hpp"

#include <vector>

namespace crm::tools {

/// list_audit_log, get_entity_history, get_actor_history.
std::vector<tool> history_tools();

} // namespace crm::tools
