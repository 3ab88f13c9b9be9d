// SPDX-License-Identifier: Apache-2.0
// What a handler may answer. Handlers say the same in both eras; results.cpp alone knows how each
// era wants it written.
#pragma once

#include "protocol/completion.hpp"
#include "protocol/mcp/json_rpc.hpp"

#include <string>
#include <utility>
#include <variant>

namespace crm::mcp {

/// A finished result.
struct complete {
  /// The result as JSON object text, without `_meta`: storage's texts are pasted, not rebuilt.
  std::string object;
  /// The scope that the caller lacks, when that is why nothing was done.
  std::string missing_scope = {};
};

/// The handler cannot go on without the client: what it asks, and what it wants to be handed back.
struct input_required {
  /// One request per key: `{"method":"elicitation/create","params":{…}}`.
  json requests = json::object();
  /// Comes back with the answers; signed, since it passes through the client.
  std::string state = {};
};

/// How a handler's work ended.
using outcome = std::variant<complete, input_required, rpc_error>;

/// Where a handler delivers; a `crm::error` becomes an internal error.
using outcome_completion = completion<outcome>;

/// Returns a finished result made of a JSON object.
inline complete complete_with(const json& object) {
  return {dump_json(object)};
}

/// Returns the result of a tool that says one text.
inline complete tool_text(std::string_view text) {
  return complete_with({{"content", {{{"type", "text"}, {"text", text}}}}});
}

/// Returns the result of a tool that failed for a reason the model can mend.
inline complete tool_failure(std::string_view text) {
  return complete_with({{"content", {{{"type", "text"}, {"text", text}}}}, {"isError", true}});
}

/// Returns the error for bad params; `data` is left out when it is null.
inline rpc_error invalid_params(std::string message, json data = nullptr) {
  return {rpc_code::invalid_params, std::move(message), std::move(data)};
}

} // namespace crm::mcp
