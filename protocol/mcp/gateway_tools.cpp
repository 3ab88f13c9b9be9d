// SPDX-License-Identifier: Apache-2.0
#include "protocol/mcp/gateway_tools.hpp"

#include "protocol/mcp/gateway_calls.hpp"
#include "protocol/tool_spec.hpp"

#include <utility>

namespace crm::mcp {

namespace {

void submit(gateway& crm, const tool_spec& spec, const std::shared_ptr<call_context>& context,
            outcome_completion done) {
  // Scope is checked before the gateway checks it again, so that HTTP can challenge for more.
  if (auto allowed = authorize(context->from().who, spec); !allowed) {
    complete refused = envelope_result(allowed.error());
    refused.missing_scope = name_of(spec.needs);
    return done(outcome{std::move(refused)});
  }
  auto later = std::make_shared<outcome_completion>(std::move(done));
  run_call(crm, context, {call_kind::tool, std::string{spec.name}, context->arguments()},
           [later](const result<tool_reply>& ended) { (*later)(outcome{envelope_result(ended)}); });
}

complete nothing_done() {
  return envelope_result(
      tool_reply{R"({"done":false,"reason":"the user did not confirm; nothing was changed"})"});
}

} // namespace

complete envelope_result(const result<tool_reply>& ended) {
  const std::string envelope = envelope_of(ended);
  std::string text;
  text.reserve(envelope.size() * 2 + envelope.size() / 4 + 96);
  text += R"({"content":[{"type":"text","text":)";
  append_json_string(text, envelope);
  text.append(R"(}],"structuredContent":)").append(envelope);
  text += ended ? R"(,"isError":false})" : R"(,"isError":true})";
  return {std::move(text)};
}

void add_gateway_tools(registry& offer, gateway& crm, const std::shared_ptr<request_seal>& seal,
                       const confirmations& questions) {
  for (const tool_spec* spec : crm.tools()) {
    handler run = [&crm, spec](const std::shared_ptr<call_context>& context,
                               outcome_completion done) {
      submit(crm, *spec, context, std::move(done));
    };
    if (const auto asks = questions.find(spec->name); asks != questions.end())
      run = confirmed(std::move(run), asks->second, seal, nothing_done());
    offer.add(tool{std::string{spec->name}, describe_for_mcp(*spec), std::move(run),
                   [spec](const principal& who) { return bool{authorize(who, *spec)}; }});
  }
}

} // namespace crm::mcp
