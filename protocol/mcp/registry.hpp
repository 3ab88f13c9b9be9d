// SPDX-License-Identifier: Apache-2.0
// What a server offers: tools, resources, prompts and suggestions for their arguments, each with
// the handler that serves it. Filled once at start, then only read. Knows no era, no transport.
#pragma once

#include "protocol/mcp/call_context.hpp"
#include "protocol/mcp/change_feed.hpp"
#include "protocol/mcp/uri_template.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace crm::mcp {

/// Serves one request and answers through the completion, from any thread.
using handler = std::function<void(std::shared_ptr<call_context>, outcome_completion)>;

/// Tells whether a caller may see an entry; an empty one shows it to everybody.
using visibility = std::function<bool(const principal&)>;

/// Values suggested for an argument; at most 100 are sent.
struct suggestions {
  std::vector<std::string> values;
  /// How many there are in all, when that is known.
  std::optional<std::int64_t> total = std::nullopt;
};

/// Suggests values that complete what was typed. `arguments()` of the context holds those given.
using completer =
    std::function<void(std::shared_ptr<call_context>, std::string typed, completion<suggestions>)>;

/// The completers of an entry, by the name of the argument.
using completers = std::map<std::string, completer, std::less<>>;

/// A tool.
struct tool {
  std::string name;
  /// The entry of `tools/list`, name included.
  json description;
  handler run;
  visibility visible = nullptr;
  /// Capabilities without which the tool cannot work, as an object; null for none.
  json required_capabilities = nullptr;
};

/// A resource with a fixed address.
struct resource {
  std::string uri;
  /// The entry of `resources/list`, uri included.
  json description;
  handler read;
  visibility visible = nullptr;
};

/// A family of resources; `arguments()` of the handler's context holds the variables.
struct resource_template {
  std::string uri_template;
  /// The entry of `resources/templates/list`, uriTemplate included.
  json description;
  handler read;
  completers complete = {};
  visibility visible = nullptr;
};

/// A prompt.
struct prompt {
  std::string name;
  /// The entry of `prompts/list`, name and arguments included.
  json description;
  handler get;
  completers complete = {};
  visibility visible = nullptr;
};

/// Everything that a server offers.
class registry {
public:
  void add(tool entry);
  void add(resource entry);
  void add(resource_template entry);
  void add(prompt entry);

  /// Name, title and version, as clients are told.
  json identity = json::object();
  /// What a model should know before its first call, at most 2 KB; empty for nothing.
  std::string instructions;
  /// Which lists may change while the server runs.
  list_kinds changing;

  const tool* find_tool(std::string_view name) const;
  const prompt* find_prompt(std::string_view name) const;
  const resource* find_resource(std::string_view uri) const;
  /// Returns the template that makes `uri` and puts its variables into `variables`.
  const resource_template* match_template(std::string_view uri, json& variables) const;
  const resource_template* find_template(std::string_view uri_template) const;

  /// Returns whether a caller may hear of changes of `uri`: an address that nothing serves is as
  /// good as any, one that is served has to be visible.
  bool may_watch(std::string_view uri, const principal& caller) const;

  /// Returns the name of the visible tool nearest to `name`, or an empty text.
  std::string_view nearest_tool(const principal& caller, std::string_view name) const;

  /// The results of the four list methods for a caller: equal bytes for equal callers.
  std::string list_tools(const principal& caller) const;
  std::string list_prompts(const principal& caller) const;
  std::string list_resources(const principal& caller) const;
  std::string list_templates(const principal& caller) const;

  /// What the server can do, as `initialize` and `server/discover` declare it.
  json capabilities() const;

private:
  /// An entry with its description as text, rendered once.
  template <class Entry>
  struct listed {
    Entry entry;
    std::string text;
  };
  template <class Entry>
  static std::string list(const std::vector<listed<Entry>>& entries, std::string_view member,
                          const principal& caller);

  std::vector<listed<tool>> tools_;
  std::map<std::string, std::size_t, std::less<>> tool_index_;
  std::vector<listed<resource>> resources_;
  std::vector<listed<resource_template>> templates_;
  std::vector<uri_template> patterns_;
  std::vector<listed<prompt>> prompts_;
};

} // namespace crm::mcp
