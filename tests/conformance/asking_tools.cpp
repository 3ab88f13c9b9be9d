// SPDX-License-Identifier: Apache-2.0
// Tools that cannot go on without the client: they ask it for input, a sample or its roots.
#include "tests/conformance/fixtures.hpp"

#include <utility>

namespace crm::conformance {

namespace {

using namespace crm::mcp;
using context_ptr = std::shared_ptr<call_context>;
using answer_maker = std::function<outcome(call_context&)>;

json form(std::string_view message, json properties, json required = json::array()) {
  return {{"method", "elicitation/create"},
          {"params",
           {{"mode", "form"},
            {"message", message},
            {"requestedSchema",
             {{"type", "object"},
              {"properties", std::move(properties)},
              {"required", std::move(required)}}}}}};
}

json text_form(std::string_view message, const std::string& name) {
  return form(message, {{name, {{"type", "string"}}}}, {name});
}

json sample(std::string_view prompt) {
  return {{"method", "sampling/createMessage"},
          {"params",
           {{"messages", {{{"role", "user"}, {"content", {{"type", "text"}, {"text", prompt}}}}}},
            {"maxTokens", 100}}}};
}

json roots() {
  return {{"method", "roots/list"}, {"params", json::object()}};
}

void add_tool(registry& offer, const std::string& name, const answer_maker& make,
              json properties = json(), json needs = nullptr) {
  offer.add(
      tool{name, tool_entry(name, "Asks the client: " + name, std::move(properties)),
           [make](const context_ptr& context, outcome_completion done) { done(make(*context)); },
           nullptr, std::move(needs)});
}

/// Asks `questions` until every one is answered, then says what was answered. With a `seal`, a
/// state goes along with the questions.
answer_maker asking(const json& questions, const std::shared_ptr<request_seal>& seal = nullptr) {
  return [questions, seal](call_context& context) -> outcome {
    std::string said;
    for (const auto& [key, question] : questions.items()) {
      const json* answer = context.input(key);
      if (answer == nullptr)
        return input_required{questions, seal ? seal->issue(context) : std::string{}};
      said += key + ": " + dump_json(*answer) + "\n";
    }
    return tool_text(said);
  };
}

std::string argument(const call_context& context, const char* name, const char* otherwise) {
  return context.arguments().value(name, otherwise);
}

json defaults_form() {
  return form(
      "Check the defaults",
      {{"name", {{"type", "string"}, {"default", "John Doe"}}},
       {"age", {{"type", "integer"}, {"default", 30}}},
       {"score", {{"type", "number"}, {"default", 95.5}}},
       {"status",
        {{"type", "string"}, {"enum", {"active", "inactive", "pending"}}, {"default", "active"}}},
       {"verified", {{"type", "boolean"}, {"default", true}}}});
}

json enums_form() {
  const json titled{{{"const", "value1"}, {"title", "First"}},
                    {{"const", "value2"}, {"title", "Second"}}};
  const json plain{"option1", "option2", "option3"};
  return form("Choose", {{"untitledSingle", {{"type", "string"}, {"enum", plain}}},
                         {"titledSingle", {{"type", "string"}, {"oneOf", titled}}},
                         {"legacyEnum",
                          {{"type", "string"},
                           {"enum", {"opt1", "opt2"}},
                           {"enumNames", {"Option One", "Option Two"}}}},
                         {"untitledMulti",
                          {{"type", "array"}, {"items", {{"type", "string"}, {"enum", plain}}}}},
                         {"titledMulti", {{"type", "array"}, {"items", {{"anyOf", titled}}}}}});
}

/// Asks under one key with a signed state, and goes on only with that state.
answer_maker sealed(const std::shared_ptr<request_seal>& seal) {
  return [seal](call_context& context) -> outcome {
    if (context.input_state().empty())
      return input_required{{{"confirm", form("Sure?", {{"ok", {{"type", "boolean"}}}}, {"ok"})}},
                            seal->issue(context)};
    if (auto redeemed = seal->redeem(context); !redeemed)
      return invalid_params(redeemed.error().message);
    return tool_text("state-ok");
  };
}

/// Asks twice, with another state each time.
answer_maker two_rounds(const std::shared_ptr<request_seal>& seal) {
  return [seal](call_context& context) -> outcome {
    if (context.input_state().empty())
      return input_required{{{"step1", text_form("Your name?", "name")}}, seal->issue(context, 1)};
    auto step = seal->redeem(context);
    if (!step)
      return invalid_params(step.error().message);
    if (*step == 1)
      return input_required{{{"step2", text_form("Your colour?", "color")}},
                            seal->issue(context, 2)};
    return tool_text("both steps done");
  };
}

/// Asks only what the client declared that it can answer.
outcome ask_what_is_possible(call_context& context) {
  json questions = json::object();
  if (context.client().elicits_forms())
    questions["user_name"] = text_form("Your name?", "name");
  if (context.client().answers("sampling/createMessage"))
    questions["greeting"] = sample("Say hello");
  for (const auto& [key, question] : questions.items())
    if (context.input(key) == nullptr)
      return input_required{questions};
  return tool_text("done");
}

void add_round_trip_tools(registry& offer, const std::shared_ptr<request_seal>& seal) {
  const std::string prefix = "test_input_required_result_";
  add_tool(offer, prefix + "elicitation", asking({{"user_name", text_form("Your name?", "name")}}));
  add_tool(offer, prefix + "sampling",
           asking({{"capital_question", sample("What is the capital of France?")}}));
  add_tool(offer, prefix + "list_roots", asking({{"client_roots", roots()}}));
  add_tool(offer, prefix + "request_state", sealed(seal));
  add_tool(offer, prefix + "multiple_inputs",
           asking({{"user_name", text_form("Your name?", "name")},
                   {"greeting", sample("Say hello")},
                   {"client_roots", roots()}},
                  seal));
  add_tool(offer, prefix + "multi_round", two_rounds(seal));
  add_tool(offer, prefix + "tampered_state", sealed(seal));
  add_tool(offer, prefix + "capabilities", ask_what_is_possible);
}

} // namespace

void add_asking_tools(registry& offer, const std::shared_ptr<request_seal>& seal) {
  add_tool(offer, "test_sampling",
           [](call_context& context) {
             return asking({{"answer", sample(argument(context, "prompt", "hello"))}})(context);
           },
           {{"prompt", {{"type", "string"}}}});
  add_tool(offer, "test_elicitation",
           [](call_context& context) {
             return asking({{"user", form(argument(context, "message", "Who are you?"),
                                          {{"username", {{"type", "string"}}},
                                           {"email", {{"type", "string"}}}},
                                          {"username", "email"})}})(context);
           },
           {{"message", {{"type", "string"}}}});
  add_tool(offer, "test_elicitation_sep1034_defaults", asking({{"defaults", defaults_form()}}));
  add_tool(offer, "test_elicitation_sep1330_enums", asking({{"enums", enums_form()}}));
  add_tool(offer, "test_missing_capability", [](call_context&) { return tool_text("sampled"); },
           json(), {{"sampling", json::object()}});
  add_tool(offer, "test_streaming_elicitation",
           asking({{"user_name", text_form("Your name?", "name")}}));
  add_round_trip_tools(offer, seal);
}

} // namespace crm::conformance
