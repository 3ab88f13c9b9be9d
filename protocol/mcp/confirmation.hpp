// SPDX-License-Identifier: Apache-2.0
// Asking a person before something irreversible happens. When the client can show a form, the tool
// runs only after a yes; when it cannot, the tool runs as if there were no question.
#pragma once

#include "protocol/mcp/registry.hpp"
#include "protocol/mcp/request_seal.hpp"

#include <functional>
#include <memory>
#include <string>

namespace crm::mcp {

/// Works out what to ask about a call, with exact counts: "Erase 14 archived records for good?". An
/// empty text means that there is nothing to ask, and an error that the call should run and fail.
using confirmation_question =
    std::function<void(std::shared_ptr<call_context>, completion<std::string>)>;

/// Returns a handler that asks `question` and runs `tool` after a yes. `declined` answers a no.
handler confirmed(handler tool, confirmation_question question, std::shared_ptr<request_seal> seal,
                  complete declined);

} // namespace crm::mcp
