// SPDX-License-Identifier: Apache-2.0
// A tool, declared once: one argument struct, one row with its name, scope, effect and summary, one
// handler. Everything else (schema, validation, scope check, docs, law tests) derives from the row.
#pragma once

#include "protocol/call.hpp"
#include "protocol/input.hpp"
#include "protocol/tool_spec.hpp"
#include "storage/shard.hpp"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace crm::tools {

/// What a handler gets beside its arguments. It lives as long as the call.
struct tool_context {
  storage::shard& data;
  const tool_spec& tool;
  /// The checked arguments as they were sent.
  const json& args;
  const principal& caller;
  /// Under which name and at what time changes are logged.
  storage::change_origin origin;
  /// Wants to hear how far a long call is; empty when nobody does.
  progress_listener progress = nullptr;

  /// Returns the time of the call in Unix milliseconds.
  std::int64_t now_ms() const { return origin.now_ms; }
};

/// A tool of the catalogue.
struct tool {
  tool_spec spec;
  /// Runs the tool. @pre the arguments are checked against `spec.input`.
  std::function<result<tool_reply>(tool_context&, const json& args)> run;
};

/// What a tool's row says beside its arguments and its handler.
struct tool_row {
  std::string_view name;
  std::string_view title;
  std::string_view category;
  scope needs;
  effect does;
  std::string_view summary;
  /// Clients of the described system send `actorId` to this tool; it is accepted and ignored.
  bool ignores_actor_id = false;
};

/// Appends the arguments that design §4.3 gives every tool: `workspaceId`, which may only repeat
/// the caller's own, and where the row says so `actorId`.
void add_common_arguments(input_schema& input, const tool_row& row);

/// Makes a tool from its row and `handler(tool_context&, const Args&) -> result<tool_reply>`.
template <class Args, class Handler>
tool declare(const tool_row& row, Handler handler) {
  tool made{
      {row.name, row.title, row.category, row.needs, row.does, row.summary, schema_of<Args>()},
      [handler](tool_context& context, const json& args) -> result<tool_reply> {
        return handler(context, read_input<Args>(args));
      }};
  add_common_arguments(made.spec.input, row);
  return made;
}

/// Returns a tool of the same name, arguments and rights whose `handler` only tells what the tool
/// would do.
template <class Args, class Handler>
tool preview_of(tool what, Handler handler) {
  what.spec.does = effect::read;
  what.run = [handler](tool_context& context, const json& args) -> result<tool_reply> {
    return handler(context, read_input<Args>(args));
  };
  return what;
}

/// Checks the caller's membership and the arguments, and runs the tool: the one way to any tool.
/// @errors scope; validation; and those of the tool.
result<tool_reply> dispatch(const tool& what, tool_context& context);

} // namespace crm::tools
