// SPDX-License-Identifier: Apache-2.0
// The route to which other programs post messages for workflows. It reads the address and the
// signatures out of the request and decides nothing: whether they fit is for the workspace to say.
#pragma once

#include "protocol/inbox.hpp"
#include "transport/http/route.hpp"

#include <vector>

namespace crm::transport {

/// Returns the route `POST /webhooks?workspace=…&workflow=…&signature=…`, with the headers of
/// Standard Webhooks 1.0 in place of, or beside, `signature`. The inbox outlives it.
std::vector<route> webhook_routes(inbox& target);

} // namespace crm::transport
