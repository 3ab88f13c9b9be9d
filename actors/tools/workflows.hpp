// SPDX-License-Identifier: Apache-2.0
// The workflow tools that deal with runs, declared in executions.cpp and listed with the others.
#pragma once

#include "actors/tools/tool.hpp"

namespace crm::tools {

tool list_executions();
tool replay_execution();

} // namespace crm::tools
