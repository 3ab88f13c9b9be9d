// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/fixtures.hpp"

#include <utility>

namespace crm::conformance {

namespace {

using namespace crm::mcp;
using context_ptr = std::shared_ptr<call_context>;

complete contents(json one) {
  return complete_with({{"contents", json::array({std::move(one)})}});
}

handler fixed(json one) {
  return [answer = contents(std::move(one))](const context_ptr&, outcome_completion done) {
    done(outcome{answer});
  };
}

void add_resource(registry& offer, const std::string& name, json content) {
  const std::string uri = "test://" + name;
  content["uri"] = uri;
  offer.add(resource{uri,
                     {{"uri", uri}, {"name", name}, {"mimeType", content["mimeType"]}},
                     fixed(std::move(content))});
}

json message(json content) {
  return {{"role", "user"}, {"content", std::move(content)}};
}

json text(const std::string& words) {
  return {{"type", "text"}, {"text", words}};
}

void add_prompt(registry& offer, const std::string& name, json arguments,
                std::function<json(const json&)> messages) {
  json entry{{"name", name}, {"description", "A prompt of the suite: " + name}};
  completers complete_with_nothing;
  if (!arguments.empty()) {
    for (const json& one : arguments)
      complete_with_nothing[one["name"].get<std::string>()] =
          [](const context_ptr&, const std::string& typed, completion<suggestions> done) {
            done(suggestions{{typed + "-value"}});
          };
    entry["arguments"] = std::move(arguments);
  }
  offer.add(
      prompt{name, std::move(entry),
             [messages = std::move(messages)](const context_ptr& context, outcome_completion done) {
               done(outcome{complete_with({{"messages", messages(context->arguments())}})});
             },
             std::move(complete_with_nothing)});
}

json required_argument(std::string_view name) {
  return {{"name", name}, {"description", "An argument"}, {"required", true}};
}

void add_asking_prompt(registry& offer) {
  const std::string name = "test_input_required_result_prompt";
  offer.add(prompt{
      name,
      {{"name", name}, {"description", "A prompt that asks first"}},
      [](const context_ptr& context, outcome_completion done) {
        if (context->input("user_context") != nullptr)
          return done(outcome{
              complete_with({{"messages", json::array({message(text("with your context"))})}})});
        done(outcome{input_required{{{"user_context",
                                      {{"method", "elicitation/create"},
                                       {"params",
                                        {{"mode", "form"},
                                         {"message", "What is it about?"},
                                         {"requestedSchema",
                                          {{"type", "object"},
                                           {"properties", {{"context", {{"type", "string"}}}}},
                                           {"required", {"context"}}}}}}}}}}});
      }});
}

} // namespace

void add_resources(registry& offer) {
  add_resource(
      offer, "static-text",
      {{"mimeType", "text/plain"}, {"text", "This is the content of the static text resource."}});
  add_resource(offer, "static-binary",
               {{"mimeType", "image/png"}, {"blob", "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAA="}});
  add_resource(offer, "watched-resource", {{"mimeType", "text/plain"}, {"text", "watched"}});
  offer.add(resource_template{
      "test://template/{id}/data",
      {{"uriTemplate", "test://template/{id}/data"},
       {"name", "template"},
       {"description", "One resource per id"},
       {"mimeType", "application/json"}},
      [](const context_ptr& context, outcome_completion done) {
        const std::string id = context->arguments()["id"].get<std::string>();
        done(outcome{contents({{"uri", "test://template/" + id + "/data"},
                               {"mimeType", "application/json"},
                               {"text", dump_json({{"id", id}, {"data", "Data for " + id}})}})});
      }});
}

void add_prompts(registry& offer) {
  add_prompt(offer, "test_simple_prompt", json::array(), [](const json&) {
    return json::array({message(text("This is a simple prompt for testing."))});
  });
  add_prompt(offer, "test_prompt_with_arguments",
             {required_argument("arg1"), required_argument("arg2")}, [](const json& arguments) {
               return json::array(
                   {message(text("Prompt with arguments: " + dump_json(arguments)))});
             });
  add_prompt(offer, "test_prompt_with_embedded_resource",
             json::array({required_argument("resourceUri")}), [](const json& arguments) {
               return json::array({message({{"type", "resource"},
                                            {"resource",
                                             {{"uri", arguments["resourceUri"]},
                                              {"mimeType", "text/plain"},
                                              {"text", "Embedded resource content."}}}}),
                                   message(text("Please process the resource above."))});
             });
  add_prompt(offer, "test_prompt_with_image", json::array(), [](const json&) {
    return json::array({message({{"type", "image"},
                                 {"data", "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAA="},
                                 {"mimeType", "image/png"}}),
                        message(text("Please look at the image above."))});
  });
  add_asking_prompt(offer);
}

} // namespace crm::conformance
