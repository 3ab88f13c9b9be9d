// SPDX-License-Identifier: Apache-2.0
// What only the operator of an installation runs on a workspace: declared and run as the tools are,
// so that it takes its turn among their calls, but in no catalogue and reached by no token.
#pragma once

#include "actors/tools/tool.hpp"

namespace crm::tools {

/// Sets the tier of the workspace. Takes `tier`; answers `{"tier":…}`. What exists already stays
/// even if it is over a limit.
const tool& set_tier_tool();

} // namespace crm::tools
