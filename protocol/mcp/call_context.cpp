// SPDX-License-Identifier: Apache-2.0
#include "protocol/mcp/call_context.hpp"

#include <array>
#include <utility>

namespace crm::mcp {

namespace {

constexpr std::array<std::string_view, 8> level_names{"debug", "info",     "notice", "warning",
                                                      "error", "critical", "alert",  "emergency"};
constexpr std::int64_t progress_interval_ms = 20;

bool covers(const json& declared, const json& required) {
  if (!required.is_object())
    return true;
  for (const auto& [name, value] : required.items()) {
    const auto found = declared.find(name);
    if (found == declared.end() || !found->is_object() || !covers(*found, value))
      return false;
  }
  return true;
}

} // namespace

std::optional<log_level> find_log_level(std::string_view name) {
  for (std::size_t i = 0; i < level_names.size(); ++i)
    if (level_names.at(i) == name)
      return static_cast<log_level>(i);
  return std::nullopt;
}

bool client_capabilities::elicits_forms() const {
  const auto found = declared_.find("elicitation");
  return found != declared_.end() && found->is_object()
         && (found->empty() || found->contains("form"));
}

bool client_capabilities::answers(std::string_view method) const {
  if (method == "elicitation/create")
    return declared_.contains("elicitation");
  if (method == "sampling/createMessage")
    return declared_.contains("sampling");
  return method == "roots/list" && declared_.contains("roots");
}

bool client_capabilities::cover(const json& required) const {
  return covers(declared_, required);
}

call_context::call_context(call_facts facts, std::shared_ptr<exchange> way_back,
                           std::shared_ptr<const surroundings> world)
    : facts_(std::move(facts)), way_back_(std::move(way_back)), world_(std::move(world)) {}

const json* call_context::input(std::string_view key) const {
  const auto responses = facts_.params.find("inputResponses");
  if (responses == facts_.params.end())
    return nullptr;
  const auto found = responses->find(key);
  return found == responses->end() ? nullptr : &*found;
}

std::string_view call_context::input_state() const {
  const auto state = facts_.params.find("requestState");
  if (state == facts_.params.end() || !state->is_string())
    return {};
  return state->get_ref<const std::string&>();
}

const json* call_context::progress_token() const {
  const auto meta = facts_.params.find("_meta");
  if (meta == facts_.params.end() || !meta->is_object())
    return nullptr;
  const auto token = meta->find("progressToken");
  if (token == meta->end() || !(token->is_string() || token->is_number_integer()))
    return nullptr;
  return &*token;
}

void call_context::progress(double done, std::optional<double> total, std::string_view message) {
  const json* token = progress_token();
  if (token == nullptr)
    return;
  const std::lock_guard lock{progress_mutex_};
  if (progress_done_ && done <= *progress_done_)
    return;
  const std::int64_t now = world_->now_ms();
  const bool last = total && done >= *total;
  if (progress_done_ && !last && now - progress_at_ms_ < progress_interval_ms)
    return;
  progress_done_ = done;
  progress_at_ms_ = now;
  json params{{"progressToken", *token}, {"progress", done}};
  if (total)
    params["total"] = *total;
  if (!message.empty())
    params["message"] = message;
  way_back_->send(notification_message("notifications/progress", params));
}

void call_context::log(log_level level, const json& data, std::string_view logger) {
  if (!facts_.logs_from || level < *facts_.logs_from)
    return;
  json params{{"level", level_names.at(static_cast<std::size_t>(level))}};
  if (!logger.empty())
    params["logger"] = logger;
  params["data"] = data;
  way_back_->send(notification_message("notifications/message", params));
}

rpc_error missing_capability(json required) {
  return {rpc_code::missing_client_capability,
          "Missing required client capability",
          {{"requiredCapabilities", std::move(required)}},
          400};
}

} // namespace crm::mcp
