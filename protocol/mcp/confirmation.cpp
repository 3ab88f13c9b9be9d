// SPDX-License-Identifier: Apache-2.0
#include "protocol/mcp/confirmation.hpp"

#include <utility>

namespace crm::mcp {

namespace {

constexpr std::string_view answer_key = "confirm";

json form(const std::string& question) {
  return {{answer_key,
           {{"method", "elicitation/create"},
            {"params",
             {{"mode", "form"},
              {"message", question},
              {"requestedSchema",
               {{"type", "object"},
                {"properties",
                 {{"confirm", {{"type", "boolean"}, {"title", "Yes, do it"}, {"default", false}}}}},
                {"required", {"confirm"}}}}}}}}};
}

/// What one guarded tool is made of.
struct guarded_tool {
  handler run;
  confirmation_question question;
  std::shared_ptr<request_seal> seal;
  complete declined;
};

bool says_yes(const json& answer) {
  if (answer.value("action", "") != "accept")
    return false;
  const auto content = answer.find("content");
  if (content == answer.end() || !content->is_object())
    return false;
  const auto confirm = content->find("confirm");
  return confirm != content->end() && confirm->is_boolean() && confirm->get<bool>();
}

/// Asks, unless there is nothing to ask or the user has just said yes to these very words.
void ask(const std::shared_ptr<const guarded_tool>& guarded,
         const std::shared_ptr<call_context>& context, const json& agreed_to,
         outcome_completion done) {
  auto later = std::make_shared<outcome_completion>(std::move(done));
  guarded->question(
      context,
      completion<std::string>{[guarded, context, agreed_to, later](result<std::string> text) {
        if (!text || text->empty() || agreed_to == *text)
          return guarded->run(context, std::move(*later));
        (*later)(outcome{input_required{form(*text), guarded->seal->issue(*context, *text)}});
      }});
}

} // namespace

handler confirmed(handler tool, confirmation_question question, std::shared_ptr<request_seal> seal,
                  complete declined) {
  auto guarded = std::make_shared<const guarded_tool>(
      guarded_tool{std::move(tool), std::move(question), std::move(seal), std::move(declined)});
  return [guarded](const std::shared_ptr<call_context>& context, outcome_completion done) {
    if (!context->client().elicits_forms())
      return guarded->run(context, std::move(done));
    const json* answer = context->input(answer_key);
    // An answer without a state proves nothing: anyone can send one along with the first call.
    if (answer == nullptr || context->input_state().empty())
      return ask(guarded, context, nullptr, std::move(done));
    const auto asked = guarded->seal->redeem(*context);
    if (!asked)
      return done(outcome{invalid_params(asked.error().message)});
    if (!says_yes(*answer))
      return done(outcome{guarded->declined});
    // What was counted may have changed while the user thought: he is asked anew then.
    ask(guarded, context, *asked, std::move(done));
  };
}

} // namespace crm::mcp
