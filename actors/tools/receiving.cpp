// SPDX-License-Identifier: Apache-2.0
#include "actors/tools/receiving.hpp"

#include "actors/tools/workflows.hpp"
#include "protocol/limits.hpp"
#include "protocol/workflow_definition.hpp"
#include "storage/signing.hpp"
#include "storage/workflows.hpp"

namespace crm::tools {

namespace {

/// In whose name the arrival of a message is logged.
constexpr std::string_view stranger = "webhook";

struct message_args {
  std::string workflow;
  std::string url_signature;
  std::string id;
  std::string timestamp;
  std::string signature;
  std::string body;

  static constexpr auto input = fields(
      field{"workflow", &message_args::workflow},
      field{"urlSignature", &message_args::url_signature},
      field{"id", &message_args::id}.length(0, 256), field{"timestamp", &message_args::timestamp},
      field{"signature", &message_args::signature}, field{"body", &message_args::body});
};

/// A message that carries a signature stands or falls with it; only one without may rely on the
/// signature of the URL.
result<void> check_signature(const tool_context& context, const message_args& in) {
  if (in.signature.empty())
    return storage::verify_inbound_url(context.data, in.workflow, in.url_signature);
  return storage::verify_webhook(storage::signing_secret(context.data, in.workflow).key,
                                 {in.id, in.timestamp, in.signature}, in.body, context.now_ms());
}

tool_reply taken(const std::optional<std::string>& run) {
  json answer{{"executionId", nullptr}};
  if (run)
    answer["executionId"] = *run;
  return {dump_json(answer)};
}

/// Adds the run of a message whose sender is known.
result<tool_reply> start_run(tool_context& context, const message_args& in, const json& workflow) {
  if (in.body.size() > limits::webhook_body_bytes_max)
    return crm::error{error_code::content_too_large, "a message has at most 256 KiB"};
  auto body = parse_json(in.body);
  if (!body)
    return std::move(body).error();
  const auto when = workflow::parse_trigger(workflow.at("trigger"), {});
  if (!when)
    return when.error();
  const json input{{"body", *std::move(body)},
                   {"at", context.now_ms()},
                   {"actor", stranger},
                   {"cause", "webhook"}};
  if (!holds(when->conditions, input))
    return taken(std::nullopt);
  storage::execution run;
  run.workflow = in.workflow;
  run.version = workflow.at("definitionVersion").get<std::int64_t>();
  run.event = "webhook:" + (in.id.empty() ? context.data.ids().next("", context.now_ms()) : in.id);
  const auto known = storage::run_of_event(context.data, in.workflow, run.event);
  if (!known)
    return known.error();
  if (*known)
    return taken(*known);
  run.chain = in.workflow + "/|";
  run.input = dump_json(input);
  const auto added = add_run(context, run, [] { return result<void>{}; });
  if (!added)
    return added.error();
  return taken(run.id);
}

result<tool_reply> run_receive(tool_context& context, const message_args& in) {
  const auto stored = storage::find(context.data, storage::workflow_kind, in.workflow, "workflow");
  if (!stored && stored.error().code != error_code::not_found)
    return stored.error();
  if (!stored)
    return no_receiver();
  const json doc = storage::document_of(*stored);
  if (doc.at("trigger").at("type") != "webhook.received")
    return no_receiver();
  CRM_TRY(check_signature(context, in));
  if (doc.at("isActive") == false)
    return crm::error{error_code::conflict, "the workflow is paused"};
  return start_run(context, in, doc);
}

} // namespace

crm::error no_receiver() {
  return {error_code::not_found, "no workflow waits for messages at this address"};
}

const tool& receive_webhook() {
  static const tool made =
      declare<message_args>({"receive_webhook", "Receive webhook", "Workflows", scope::write,
                             effect::create, "Takes a message for a workflow."},
                            run_receive);
  return made;
}

call call_for(inbound_message message) {
  json args{{"workflow", std::move(message.workflow)},
            {"urlSignature", std::move(message.url_signature)},
            {"id", std::move(message.id)},
            {"timestamp", std::move(message.timestamp)},
            {"signature", std::move(message.signature)},
            {"body", std::move(message.body)}};
  return {local_user{std::move(message.workspace), std::string{stranger}},
          std::string{receive_webhook().spec.name},
          std::move(args),
          std::move(message.origin),
          message.deadline,
          std::move(message.done)};
}

} // namespace crm::tools
