// SPDX-License-Identifier: Apache-2.0
// The seam between the transports and the actors: a call goes in with the caller's completion, and
// the answer comes back through it. Nobody waits in between.
#pragma once

#include "protocol/completion.hpp"
#include "protocol/json.hpp"
#include "protocol/principal.hpp"
#include "protocol/progress.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace crm {

struct tool_spec;

/// A bearer token as the client sent it.
struct bearer_token {
  std::string text;
};

/// A caller that the transport itself vouches for: the user of stdio, or anyone under `--no-auth`.
struct local_user {
  std::string workspace;
  std::string actor;
};

/// What a caller shows to prove who it is.
using credential = std::variant<bearer_token, local_user>;

/// A tool's successful answer, already JSON text: storage pastes records, nothing rebuilds them.
struct tool_reply {
  /// The value of `data`.
  std::string data;
  /// The value of `page`; empty unless `data` is a list.
  std::string page = {};
  /// The value of `warnings`, an array; empty when there is nothing to warn of.
  std::string warnings = {};
};

/// Where a call came from, for the change log and the log lines.
struct call_origin {
  /// The program that calls, such as an MCP client's name and version.
  std::string client;
  /// The id of the request, given by the transport.
  std::string request_id;
};

/// What a call asks for under a name. All pass through the same checks of rights and arguments.
enum class call_kind : std::uint8_t {
  /// A tool of the catalogue.
  tool,
  /// What a tool would do: its name and arguments, but nothing is changed.
  preview,
  /// A view of the workspace that is no tool: `schema`, `stages`.
  view,
};

/// What an observer learns of a call while it is under way.
struct call_trace {
  /// The workspace of the authenticated caller; written before the call is answered.
  std::string workspace;
};

/// One call of one tool, on its way from a transport to a workspace.
struct call {
  credential from;
  /// The name of the tool or view.
  std::string tool;
  json args;
  call_origin origin;
  /// When the answer stops being of use; work that has not begun by then is not done.
  std::chrono::steady_clock::time_point deadline;
  completion<tool_reply> done;
  call_kind kind = call_kind::tool;
  /// Wants to hear how far the call is.
  progress_listener progress = nullptr;
  /// Where to note what an observer wants to know; null when nobody observes.
  std::shared_ptr<call_trace> trace = nullptr;
};

/// What the transports may ask of the rest of the program. Every function returns at once and may
/// be called from any thread.
class gateway {
public:
  virtual ~gateway() = default;

  /// Runs one tool. @errors every code of the envelope.
  virtual void submit(call work) = 0;

  /// Tells who shows this credential. @errors unauthenticated, overloaded.
  virtual void identify(credential from, completion<principal> done) = 0;

  /// Returns the whole catalogue, in its fixed order.
  virtual const std::vector<const tool_spec*>& tools() const = 0;

  /// Returns whether calls can be served: false while draining or when the storage cannot write.
  virtual bool healthy() const = 0;
};

/// Returns the `error` member of an envelope.
json error_json(const error& reason);

/// Returns the envelope of an answer (design §4.2) as JSON text.
std::string envelope_of(const result<tool_reply>& outcome);

} // namespace crm
