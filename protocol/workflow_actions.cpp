// SPDX-License-Identifier: Apache-2.0
#include "protocol/workflow_actions.hpp"

#include "protocol/duration.hpp"
#include "protocol/limits.hpp"
#include "protocol/nearest.hpp"
#include "protocol/outbound_target.hpp"
#include "protocol/template_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

namespace crm::workflow {

namespace {

/// What the templates and conditions of an action may begin with.
constexpr std::array<std::string_view, 7> roots{"trigger",   "steps", "now",  "workspace",
                                                "execution", "item",  "index"};
constexpr std::array<std::string_view, 11> trigger_members{
    "type",       "before",   "after", "actor", "cause",      "at",
    "entityType", "entityId", "body",  "input", "scheduledAt"};

std::string options_text(std::span<const std::string_view> names) {
  std::string text;
  for (const std::string_view name : names)
    text += (text.empty() ? "" : ", ") + std::string{name};
  return text;
}

/// Where an action stands: how deep, and whether `{{item}}` has a meaning there.
struct place {
  std::string path;
  std::size_t depth = 0;
  bool in_loop = false;
};

/// Reads the actions of one definition, and stops at the first action that is wrong.
class action_reader {
public:
  explicit action_reader(const std::vector<const tool_spec*>* tools) : tools_(tools) {}

  result<std::vector<action>> list(const json& given, const place& at) {
    if (at.depth > limits::workflow_depth_max)
      return wrong(at.path, given,
                   "at most " + std::to_string(limits::workflow_depth_max) + " levels");
    if (!given.is_array() || given.empty())
      return wrong(at.path, given, "an array of at least one action");
    std::vector<std::pair<std::int64_t, std::size_t>> sequence;
    for (std::size_t i = 0; i < given.size(); ++i) {
      const std::string path = at.path + "[" + std::to_string(i) + "]";
      CRM_TRY(check_shape(given[i], path));
      sequence.emplace_back(given[i].at("order").get<std::int64_t>(), i);
    }
    std::sort(sequence.begin(), sequence.end());
    std::vector<action> actions;
    for (const auto& [order, i] : sequence) {
      const std::string path = at.path + "[" + std::to_string(i) + "]";
      auto read = one(given[i], {path, at.depth, at.in_loop});
      if (!read)
        return std::move(read).error();
      actions.push_back(*std::move(read));
      earlier_.insert(order);
    }
    return actions;
  }

private:
  struct outline {
    std::string type;
    json_object config;
    std::int64_t order;
    static constexpr auto input =
        fields(field{"type", &outline::type}.length(1), field{"config", &outline::config},
               field{"order", &outline::order}.range(0, 1'000'000));
  };

  static crm::error wrong(const std::string& path, const json& got, std::string expected) {
    return arguments_error({{path, brief_json(got), std::move(expected)}});
  }

  result<void> check_shape(const json& given, const std::string& path) {
    static const input_schema schema = schema_of<outline>();
    if (!given.is_object())
      return wrong(path, given, "an object {type, config, order}");
    if (auto details = check_members(schema, given, path + ".", placeholders::are_text);
        !details.empty())
      return arguments_error(std::move(details));
    if (!orders_.insert(given.at("order").get<std::int64_t>()).second)
      return wrong(path + ".order", given.at("order"),
                   "a number that no other action of the workflow has, nested ones included");
    if (orders_.size() > limits::workflow_actions_max)
      return wrong(path, given,
                   "at most " + std::to_string(limits::workflow_actions_max) + " actions");
    return {};
  }

  result<action> one(const json& given, const place& at) {
    const auto& rows = action_kinds();
    const auto row = std::find_if(rows.begin(), rows.end(),
                                  [&](const auto& each) { return given.at("type") == each.name; });
    if (row == rows.end())
      return unknown_type(given.at("type"), at.path + ".type");
    action read{.kind = row->kind,
                .order = given.at("order").get<std::int64_t>(),
                .config = given.at("config")};
    const std::string prefix = at.path + ".config.";
    if (auto details = check_members(row->config, read.config, prefix, placeholders::fit_anything);
        !details.empty())
      return arguments_error(std::move(details));
    CRM_TRY(check_templates(read, prefix, at));
    CRM_TRY(read_policy(read, prefix));
    CRM_TRY(read_kind(read, prefix, at));
    return read;
  }

  static crm::error unknown_type(const json& got, const std::string& path) {
    std::vector<std::string_view> names;
    for (const auto& row : action_kinds())
      names.push_back(row.name);
    error_detail detail{path, brief_json(got), "a type of action"};
    detail.valid_options.assign(names.begin(), names.end());
    detail.did_you_mean = nearest(got.get_ref<const std::string&>(), names);
    return arguments_error({std::move(detail)});
  }

  result<void> read_policy(action& read, const std::string& prefix) {
    const json& config = read.config;
    if (config.value("continueOnError", json(false)) == json(true))
      read.failure = on_failure::go_on;
    if (config.contains("retry")) {
      for (const char* member : {"maxAttempts", "baseMs", "maxMs"}) {
        const json* given = value_at(config["retry"], member);
        if (!config["retry"].is_object() || (given != nullptr && !given->is_number()))
          return wrong(prefix + "retry", config["retry"], "numbers, not templates");
      }
      backoff policy;
      policy.attempts_max = config["retry"].value("maxAttempts", policy.attempts_max);
      policy.base_ms = config["retry"].value("baseMs", policy.base_ms);
      policy.max_ms = config["retry"].value("maxMs", policy.max_ms);
      read.retry = policy;
    }
    if (config.contains("timeout")) {
      read.timeout_ms = parse_duration(config["timeout"].get<std::string>());
      if (!read.timeout_ms)
        return wrong(prefix + "timeout", config["timeout"], "a duration such as 30s, 15m, 3d");
    }
    return {};
  }

  result<void> read_kind(action& read, const std::string& prefix, const place& at) {
    switch (read.kind) {
    case action_kind::call_tool:
      return check_call(read.config, prefix);
    case action_kind::webhook:
      return check_url(read.config, prefix);
    case action_kind::wait:
      return check_wait(read.config, prefix);
    case action_kind::branch:
      return read_branch(read, prefix, at);
    case action_kind::for_each:
      return read_loop(read, prefix, at);
    case action_kind::stop:
    case action_kind::fail:
      return {};
    }
    return {};
  }

  result<void> check_call(const json& config, const std::string& prefix) {
    if (tools_ == nullptr)
      return {};
    const json& name = config.at("tool");
    const auto found = std::find_if(tools_->begin(), tools_->end(),
                                    [&](const tool_spec* each) { return name == each->name; });
    if (found == tools_->end()) {
      error_detail detail{prefix + "tool", brief_json(name), "the name of a tool that writes"};
      detail.did_you_mean = nearest_tool(*tools_, name.get<std::string>());
      return arguments_error({std::move(detail)});
    }
    if ((*found)->needs != scope::write)
      return wrong(prefix + "tool", name,
                   "a tool of the scope write, not " + std::string{crm::name_of((*found)->needs)});
    const json args = config.value("args", json::object());
    auto details =
        check_members((*found)->input, args, prefix + "args.", placeholders::fit_anything);
    if (!details.empty())
      return arguments_error(std::move(details));
    return {};
  }

  static result<void> check_url(const json& config, const std::string& prefix) {
    const std::string url = config.at("url").get<std::string>();
    if (url.find("{{") != std::string::npos)
      return {};
    if (const std::string complaint = check_target_url(url, target_rules::public_only);
        !complaint.empty())
      return wrong(prefix + "url", config.at("url"), complaint);
    return {};
  }

  static result<void> check_wait(const json& config, const std::string& prefix) {
    if (config.contains("duration") == config.contains("until"))
      return wrong(prefix + "duration", config, "either duration or until");
    if (!config.contains("duration"))
      return {};
    const std::string text = config["duration"].get<std::string>();
    const auto duration = parse_duration(text);
    const bool is_template = text.find("{{") != std::string::npos;
    if (!is_template && (!duration || *duration > limits::run_ms_max))
      return wrong(prefix + "duration", config["duration"],
                   "a duration such as 30s, 15m, 3d, of at most 30 days");
    return {};
  }

  result<void> read_branch(action& read, const std::string& prefix, const place& at) {
    auto conditions = parse_conditions(read.config.at("conditions"), prefix + "conditions",
                                       {"trigger", "steps", "item", "index"});
    if (!conditions)
      return std::move(conditions).error();
    read.conditions = *std::move(conditions);
    auto inner = list(read.config.at("then"), {prefix + "then", at.depth + 1, at.in_loop});
    if (!inner)
      return std::move(inner).error();
    read.inner = *std::move(inner);
    if (!read.config.contains("else"))
      return {};
    auto otherwise = list(read.config.at("else"), {prefix + "else", at.depth + 1, at.in_loop});
    if (!otherwise)
      return std::move(otherwise).error();
    read.otherwise = *std::move(otherwise);
    return {};
  }

  result<void> read_loop(action& read, const std::string& prefix, const place& at) {
    const json& items = read.config.at("items");
    const bool fits = items.is_string() || items.is_array();
    if (!fits || (items.is_array() && items.size() > limits::for_each_items_max))
      return wrong(prefix + "items", items,
                   "an array of at most " + std::to_string(limits::for_each_items_max)
                       + ", or a template of one");
    auto inner = list(read.config.at("actions"), {prefix + "actions", at.depth + 1, true});
    if (!inner)
      return std::move(inner).error();
    read.inner = *std::move(inner);
    return {};
  }

  /// The nested actions of a config are checked where they stand, with what ran before them.
  result<void> check_templates(const action& read, const std::string& prefix, const place& at) {
    for (const auto& [name, value] : read.config.items()) {
      const bool nested = (read.kind == action_kind::branch || read.kind == action_kind::for_each)
                          && (name == "then" || name == "else" || name == "actions");
      if (nested)
        continue;
      const std::string complaint =
          check_paths(value, [&](std::string_view path) { return check_path(path, at); });
      if (!complaint.empty())
        return wrong(prefix + name, value, complaint);
    }
    return {};
  }

  std::string check_path(std::string_view path, const place& at) const {
    const std::size_t dot = std::min(path.find('.'), path.size());
    const std::string_view root = path.substr(0, dot);
    const std::string_view rest = path.substr(std::min(dot + 1, path.size()));
    const std::string_view next = rest.substr(0, rest.find('.'));
    if (std::find(roots.begin(), roots.end(), root) == roots.end())
      return "templates that begin with one of " + options_text(roots);
    if ((root == "item" || root == "index") && !at.in_loop)
      return "{{item}} and {{index}} only within for_each";
    if (root == "trigger"
        && std::find(trigger_members.begin(), trigger_members.end(), next) == trigger_members.end())
      return "trigger. followed by one of " + options_text(trigger_members);
    if ((root == "workspace" || root == "execution") && next != "id")
      return std::string{root} + ".id";
    if (root == "steps" && !ran_before(next))
      return "steps.N with the order N of an action that stands before this one";
    return {};
  }

  bool ran_before(std::string_view text) const {
    std::int64_t order = -1;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), order);
    return failure == std::errc{} && end == text.data() + text.size() && earlier_.contains(order);
  }

  const std::vector<const tool_spec*>* tools_;
  std::set<std::int64_t> orders_;
  std::set<std::int64_t> earlier_;
};

} // namespace

result<std::vector<action>> parse_actions(const json& list,
                                          const std::vector<const tool_spec*>* tools) {
  return action_reader{tools}.list(list, {"actions"});
}

} // namespace crm::workflow
