// SPDX-License-Identifier: Apache-2.0
// The workflow tools that deal with runs, declared in executions.cpp and listed with the others.
#pragma once

#include "actors/tools/tool.hpp"
#include "storage/executions.hpp"

#include <functional>

namespace crm::tools {

/// Adds a run that no change of a record triggered, and its one row in the log; `fill` writes what
/// the run begins with. Answers with the run. @errors those of `fill`; storage.
result<tool_reply> add_run(tool_context& context, storage::execution& run,
                           const std::function<result<void>()>& fill);

tool list_executions();
tool replay_execution();

} // namespace crm::tools
