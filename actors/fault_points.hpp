// SPDX-License-Identifier: Apache-2.0
// Places at which tests end the process as a power cut would, to prove that nothing is lost or done
// twice. They cost one comparison each where no test asks for them.
#pragma once

#include <string_view>

namespace crm::actors {

/// Ends the process with SIGKILL when the environment variable VANTAGE_FAULT, read once, says
/// `<name>:<n>` and this is the n-th time that the point of that name is passed. Points:
/// step.before, step.uncommitted, step.committed, webhook.sending, webhook.sent,
/// trigger.committed.
void fault_point(std::string_view name);

} // namespace crm::actors
