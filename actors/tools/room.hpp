// SPDX-License-Identifier: Apache-2.0
// Whether the workspace's plan leaves room for one more.
#pragma once

#include "actors/tools/tool.hpp"
#include "storage/plan.hpp"

namespace crm::tools {

/// Checks, before something is created, that the plan has room for it. @errors limit_exceeded,
/// naming limit, usage and tier; storage.
result<void> require_room(tool_context& context, storage::resource what);

} // namespace crm::tools
