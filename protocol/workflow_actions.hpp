// SPDX-License-Identifier: Apache-2.0
// The actions of a workflow, read and checked: the part of a definition that workflow_definition
// leaves to a file of its own.
#pragma once

#include "protocol/workflow_definition.hpp"

namespace crm::workflow {

/// Reads a list of actions and sorts it by `order`. With `tools`, every tool and its arguments are
/// checked; null takes them as they stand. @errors validation, with paths such as
/// `actions[2].config.tool`.
result<std::vector<action>> parse_actions(const json& list,
                                          const std::vector<const tool_spec*>* tools);

} // namespace crm::workflow
