// SPDX-License-Identifier: Apache-2.0
// Tools that answer each kind of content, report progress, log, fail, or tell of changes.
#include "tests/conformance/fixtures.hpp"

#include <utility>

namespace crm::conformance {

namespace {

using namespace crm::mcp;
using context_ptr = std::shared_ptr<call_context>;

constexpr std::string_view red_pixel_png =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5Erk"
    "Jggg==";
constexpr std::string_view silent_wav =
    "UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA=";
constexpr int step_ms = 50;

json text_block(std::string_view text) {
  return {{"type", "text"}, {"text", text}};
}

json image_block() {
  return {{"type", "image"}, {"data", red_pixel_png}, {"mimeType", "image/png"}};
}

json resource_block(std::string_view uri, std::string_view type, std::string_view text) {
  return {{"type", "resource"}, {"resource", {{"uri", uri}, {"mimeType", type}, {"text", text}}}};
}

void add_fixed(registry& offer, const std::string& name, json content, bool fails = false) {
  json body{{"content", std::move(content)}};
  if (fails)
    body["isError"] = true;
  offer.add(tool{name, tool_entry(name, "Answers fixed content: " + name),
                 [answer = complete_with(body)](const context_ptr&, outcome_completion done) {
                   done(outcome{answer});
                 }});
}

/// Does three steps, `step_ms` apart, then answers.
void in_steps(const delayed& later, const std::function<void(int)>& step, int number,
              const std::shared_ptr<outcome_completion>& done) {
  if (number == 3)
    return (*done)(outcome{tool_text("done")});
  step(number);
  later(step_ms, [=] { in_steps(later, step, number + 1, done); });
}

void add_stepping(registry& offer, const delayed& later, const std::string& name,
                  const std::function<void(call_context&, int)>& step) {
  offer.add(tool{name, tool_entry(name, "Works in three steps: " + name),
                 [later, step](const context_ptr& context, outcome_completion done) {
                   in_steps(
                       later, [context, step](int number) { step(*context, number); }, 0,
                       std::make_shared<outcome_completion>(std::move(done)));
                 }});
}

json schema_2020_12() {
  return {
      {"$schema", "https://json-schema.org/draft/2020-12/schema"},
      {"type", "object"},
      {"$defs",
       {{"address",
         {{"$anchor", "addressDef"},
          {"type", "object"},
          {"properties", {{"street", {{"type", "string"}}}, {"city", {{"type", "string"}}}}}}}}},
      {"properties",
       {{"name", {{"type", "string"}}},
        {"address", {{"$ref", "#/$defs/address"}}},
        {"contactMethod", {{"type", "string"}, {"enum", {"phone", "email"}}}},
        {"phone", {{"type", "string"}}},
        {"email", {{"type", "string"}}}}},
      {"allOf", {{{"anyOf", {{{"required", {"phone"}}}, {{"required", {"email"}}}}}}}},
      {"if",
       {{"properties", {{"contactMethod", {{"const", "phone"}}}}},
        {"required", {"contactMethod"}}}},
      {"then", {{"required", {"phone"}}}},
      {"else", {{"required", {"email"}}}},
      {"additionalProperties", false}};
}

void add_describing(registry& offer) {
  const auto run = [](const context_ptr& context, outcome_completion done) {
    done(outcome{tool_text(dump_json(context->arguments()))});
  };
  json entry = tool_entry("json_schema_2020_12_tool", "Has a schema of JSON Schema 2020-12");
  entry["inputSchema"] = schema_2020_12();
  offer.add(tool{"json_schema_2020_12_tool", std::move(entry), run});
  offer.add(tool{"test_custom_header",
                 tool_entry("test_custom_header", "Has an argument that a header repeats",
                            {{"region", {{"type", "string"}, {"x-mcp-header", "Region"}}}}),
                 run});
}

void add_triggers(registry& offer, const feed_getter& feed) {
  const auto add = [&](const std::string& name, void (change_feed::*tell)()) {
    offer.add(tool{name, tool_entry(name, "Tells that a list changed"),
                   [feed, tell](const context_ptr&, outcome_completion done) {
                     (feed().*tell)();
                     done(outcome{tool_text("told")});
                   }});
  };
  add("test_trigger_tool_change", &change_feed::tools_changed);
  add("test_trigger_prompt_change", &change_feed::prompts_changed);
}

} // namespace

json tool_entry(const std::string& name, const std::string& about, json properties) {
  json schema{{"type", "object"}};
  if (properties.is_object())
    schema["properties"] = std::move(properties);
  return {{"name", name}, {"description", about}, {"inputSchema", std::move(schema)}};
}

void add_content_tools(registry& offer, const delayed& later, const feed_getter& feed) {
  add_fixed(offer, "test_simple_text", {text_block("This is a simple text response for testing.")});
  add_fixed(offer, "test_image_content", {image_block()});
  add_fixed(offer, "test_audio_content",
            {{{"type", "audio"}, {"data", silent_wav}, {"mimeType", "audio/wav"}}});
  add_fixed(offer, "test_embedded_resource",
            {resource_block("test://embedded-resource", "text/plain", "embedded")});
  add_fixed(offer, "test_multiple_content_types",
            {text_block("mixed"), image_block(),
             resource_block("test://mixed-content-resource", "application/json", "{}")});
  add_fixed(offer, "test_error_handling",
            {text_block("This tool intentionally returns an error for testing")}, true);
  add_stepping(offer, later, "test_tool_with_progress",
               [](call_context& context, int step) { context.progress(step * 50, 100); });
  add_stepping(offer, later, "test_tool_with_logging", [](call_context& context, int step) {
    context.log(mcp::log_level::info, "step " + std::to_string(step));
  });
  offer.add(tool{"test_logging_tool", tool_entry("test_logging_tool", "Logs one message"),
                 [](const context_ptr& context, outcome_completion done) {
                   context->log(mcp::log_level::info, "one message");
                   done(outcome{tool_text("logged")});
                 }});
  offer.add(tool{"test_reconnection", tool_entry("test_reconnection", "Sheds its connection"),
                 [later](const context_ptr& context, outcome_completion done) {
                   context->shed_connection();
                   auto kept = std::make_shared<outcome_completion>(std::move(done));
                   later(300, [kept] { (*kept)(outcome{tool_text("still here")}); });
                 }});
  add_describing(offer);
  add_triggers(offer, feed);
}

} // namespace crm::conformance
