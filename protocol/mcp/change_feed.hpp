// SPDX-License-Identifier: Apache-2.0
// How the rest of the program tells MCP clients that something changed. Whoever writes calls it
// after the commit; it never blocks and never calls back.
#pragma once

#include <string_view>

namespace crm::mcp {

/// Lists of a server that may change while it runs.
struct list_kinds {
  bool tools = false;
  bool prompts = false;
  bool resources = false;
};

/// Takes news of changes, from any thread.
class change_feed {
public:
  virtual ~change_feed() = default;

  /// The resource of that address has other content now; only clients of the workspace are told.
  virtual void resource_updated(std::string_view workspace, std::string_view uri) = 0;
  /// The list of tools, prompts or resources changed, for clients of every workspace. Told only to
  /// those who asked, and only for lists that the registry declares as changing.
  virtual void tools_changed() = 0;
  virtual void prompts_changed() = 0;
  virtual void resources_changed() = 0;
};

} // namespace crm::mcp
