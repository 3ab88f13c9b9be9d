// SPDX-License-Identifier: Apache-2.0
// How a signed message from outside becomes a run. It is a tool so that it passes the one
// dispatcher, and in no catalogue so that nobody can call it but by posting a message.
#pragma once

#include "actors/tools/tool.hpp"
#include "protocol/inbox.hpp"

namespace crm::tools {

/// The tool that takes messages. @errors see inbox::receive.
const tool& receive_webhook();

/// Makes the call of that tool that a message stands for.
call call_for(inbound_message message);

/// What a stranger is told who asks for a workspace or a workflow that waits for no message: one
/// answer for all, so that nobody learns what exists.
crm::error no_receiver();

} // namespace crm::tools
