// SPDX-License-Identifier: Apache-2.0
// What the world may know of a tool. Everything that describes or checks a tool derives from this.
#pragma once

#include "protocol/input.hpp"
#include "protocol/principal.hpp"

#include <string_view>
#include <vector>

namespace crm {

/// What a call of the tool does to the workspace.
enum class effect : std::uint8_t {
  /// Changes nothing.
  read,
  /// Adds something; called twice it adds twice.
  create,
  /// Sets something; called twice it changes nothing the second time.
  update,
  /// Hides something that can be brought back, or moves it out of sight.
  remove,
  /// Erases something for good.
  erase,
};

/// A tool of the catalogue, without its handler.
struct tool_spec {
  std::string_view name;
  std::string_view title;
  std::string_view category;
  scope needs;
  effect does;
  /// What, when, when not, side effects: at most 400 characters.
  std::string_view summary;
  /// All arguments, those that every tool takes included.
  input_schema input = {};

  /// Returns whether the tool changes the workspace.
  bool writes() const { return does != effect::read; }
};

/// Returns the tool as MCP's `tools/list` shows it, with title and all four annotations.
json describe_for_mcp(const tool_spec& tool);

/// Returns the tool as `GET /mcp/tools` shows it: name, description, category, scope, inputSchema.
json describe_for_rest(const tool_spec& tool);

/// Returns the tool whose name is nearest to `name`, or an empty text when none is near.
std::string_view nearest_tool(const std::vector<const tool_spec*>& tools, std::string_view name);

} // namespace crm
