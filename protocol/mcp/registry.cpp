// SPDX-License-Identifier: Apache-2.0
#include "protocol/mcp/registry.hpp"

#include "protocol/nearest.hpp"

#include <utility>

namespace crm::mcp {

namespace {

template <class Entry>
bool shown(const Entry& entry, const principal& caller) {
  return !entry.visible || entry.visible(caller);
}

} // namespace

void registry::add(tool entry) {
  std::string text = dump_json(entry.description);
  tool_index_.emplace(entry.name, tools_.size());
  tools_.push_back({std::move(entry), std::move(text)});
}

void registry::add(resource entry) {
  std::string text = dump_json(entry.description);
  resources_.push_back({std::move(entry), std::move(text)});
}

void registry::add(resource_template entry) {
  std::string text = dump_json(entry.description);
  patterns_.emplace_back(entry.uri_template);
  templates_.push_back({std::move(entry), std::move(text)});
}

void registry::add(prompt entry) {
  std::string text = dump_json(entry.description);
  prompts_.push_back({std::move(entry), std::move(text)});
}

const tool* registry::find_tool(std::string_view name) const {
  const auto found = tool_index_.find(name);
  return found == tool_index_.end() ? nullptr : &tools_[found->second].entry;
}

const prompt* registry::find_prompt(std::string_view name) const {
  for (const auto& one : prompts_)
    if (one.entry.name == name)
      return &one.entry;
  return nullptr;
}

const resource* registry::find_resource(std::string_view uri) const {
  for (const auto& one : resources_)
    if (one.entry.uri == uri)
      return &one.entry;
  return nullptr;
}

const resource_template* registry::match_template(std::string_view uri, json& variables) const {
  for (std::size_t i = 0; i < patterns_.size(); ++i) {
    if (auto found = patterns_[i].match(uri)) {
      variables = *std::move(found);
      return &templates_[i].entry;
    }
  }
  return nullptr;
}

const resource_template* registry::find_template(std::string_view uri_template) const {
  for (const auto& one : templates_)
    if (one.entry.uri_template == uri_template)
      return &one.entry;
  return nullptr;
}

bool registry::may_watch(std::string_view uri, const principal& caller) const {
  if (const resource* fixed = find_resource(uri))
    return shown(*fixed, caller);
  json variables;
  const resource_template* family = match_template(uri, variables);
  return family == nullptr || shown(*family, caller);
}

std::string_view registry::nearest_tool(const principal& caller, std::string_view name) const {
  std::vector<std::string_view> names;
  for (const auto& one : tools_)
    if (shown(one.entry, caller))
      names.push_back(one.entry.name);
  return nearest(name, names);
}

template <class Entry>
std::string registry::list(const std::vector<listed<Entry>>& entries, std::string_view member,
                           const principal& caller) {
  std::string text = "{\"";
  text.append(member).append("\":[");
  bool first = true;
  for (const auto& one : entries) {
    if (!shown(one.entry, caller))
      continue;
    if (!std::exchange(first, false))
      text += ',';
    text += one.text;
  }
  return text += "]}";
}

std::string registry::list_tools(const principal& caller) const {
  return list(tools_, "tools", caller);
}

std::string registry::list_prompts(const principal& caller) const {
  return list(prompts_, "prompts", caller);
}

std::string registry::list_resources(const principal& caller) const {
  return list(resources_, "resources", caller);
}

std::string registry::list_templates(const principal& caller) const {
  return list(templates_, "resourceTemplates", caller);
}

json registry::capabilities() const {
  json out = json::object();
  const auto declare = [&](const char* feature, bool list_changes) {
    out[feature] = json::object();
    if (list_changes)
      out[feature]["listChanged"] = true;
  };
  declare("tools", changing.tools);
  declare("resources", changing.resources);
  out["resources"]["subscribe"] = true;
  declare("prompts", changing.prompts);
  out["completions"] = json::object();
  return out;
}

} // namespace crm::mcp
