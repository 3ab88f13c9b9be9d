// SPDX-License-Identifier: Apache-2.0
#include "protocol/mcp/dispatcher.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace crm::mcp {

namespace {

using context_ptr = std::shared_ptr<call_context>;

constexpr std::size_t suggestions_max = 100;

const json* member(const json& object, std::string_view name) {
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

const std::string* text_member(const json& object, std::string_view name) {
  const json* value = member(object, name);
  return value != nullptr && value->is_string() ? value->get_ptr<const std::string*>() : nullptr;
}

template <class Entry>
bool visible(const Entry& entry, const call_context& context) {
  return !entry.visible || entry.visible(context.from().who);
}

/// Checks what a client sends when it answers questions of an earlier round.
std::optional<rpc_error> check_inputs(const json& params) {
  if (const json* state = member(params, "requestState"); state != nullptr && !state->is_string())
    return invalid_params("Invalid params: requestState must be a string");
  const json* responses = member(params, "inputResponses");
  if (responses == nullptr)
    return std::nullopt;
  if (!responses->is_object())
    return invalid_params("Invalid params: inputResponses must be an object");
  for (const auto& [key, value] : responses->items())
    if (!value.is_object())
      return invalid_params("Invalid params: inputResponses." + key + " must be an object");
  return std::nullopt;
}

/// Takes `params.arguments`, an object that may be left out, into the context.
std::optional<rpc_error> take_arguments(call_context& context) {
  if (auto bad = check_inputs(context.params()))
    return bad;
  const json* arguments = member(context.params(), "arguments");
  if (arguments == nullptr)
    return std::nullopt;
  if (!arguments->is_object())
    return invalid_params("Invalid params: arguments must be an object");
  context.set_arguments(*arguments);
  return std::nullopt;
}

// -- tools ---------------------------------------------------------------------------------------

rpc_error unknown_tool(const registry& offer, const principal& caller, std::string_view name) {
  std::string message = "Unknown tool: " + std::string{name};
  const std::string_view near = offer.nearest_tool(caller, name);
  if (near.empty())
    return invalid_params(std::move(message));
  return invalid_params(message + " (did you mean " + std::string{near} + "?)",
                        {{"didYouMean", near}});
}

void call_tool(const registry& offer, const context_ptr& context, outcome_completion done) {
  const std::string* name = text_member(context->params(), "name");
  if (name == nullptr)
    return done(outcome{invalid_params("Invalid params: name must be a string")});
  if (auto bad = take_arguments(*context))
    return done(outcome{*std::move(bad)});
  // A tool that the caller may not use is run all the same: it says which scope is missing.
  const tool* found = offer.find_tool(*name);
  if (found == nullptr)
    return done(outcome{unknown_tool(offer, context->from().who, *name)});
  if (!context->client().cover(found->required_capabilities))
    return done(outcome{missing_capability(found->required_capabilities)});
  found->run(context, std::move(done));
}

// -- resources -----------------------------------------------------------------------------------

rpc_error unknown_resource(const std::string& uri) {
  return {rpc_code::resource_not_found, "Resource not found: " + uri, {{"uri", uri}}};
}

void read_resource(const registry& offer, const context_ptr& context, outcome_completion done) {
  const std::string* uri = text_member(context->params(), "uri");
  if (uri == nullptr)
    return done(outcome{invalid_params("Invalid params: uri must be a string")});
  if (auto bad = check_inputs(context->params()))
    return done(outcome{*std::move(bad)});
  const resource* fixed = offer.find_resource(*uri);
  if (fixed != nullptr && visible(*fixed, *context))
    return fixed->read(context, std::move(done));
  json variables;
  const resource_template* family = offer.match_template(*uri, variables);
  if (family == nullptr || !visible(*family, *context))
    return done(outcome{unknown_resource(*uri)});
  context->set_arguments(std::move(variables));
  family->read(context, std::move(done));
}

// -- prompts -------------------------------------------------------------------------------------

std::optional<rpc_error> check_prompt_arguments(const prompt& asked, const json& arguments) {
  for (const auto& [name, value] : arguments.items())
    if (!value.is_string())
      return invalid_params("Invalid params: arguments." + name + " must be a string");
  const json* declared = member(asked.description, "arguments");
  if (declared == nullptr)
    return std::nullopt;
  for (const json& argument : *declared) {
    const std::string& name = argument["name"].get_ref<const std::string&>();
    if (argument.value("required", false) && !arguments.contains(name))
      return invalid_params("Invalid params: the prompt " + asked.name + " needs the argument "
                            + name);
  }
  return std::nullopt;
}

void get_prompt(const registry& offer, const context_ptr& context, outcome_completion done) {
  const std::string* name = text_member(context->params(), "name");
  if (name == nullptr)
    return done(outcome{invalid_params("Invalid params: name must be a string")});
  if (auto bad = take_arguments(*context))
    return done(outcome{*std::move(bad)});
  const prompt* found = offer.find_prompt(*name);
  if (found == nullptr || !visible(*found, *context))
    return done(outcome{invalid_params("Unknown prompt: " + *name)});
  if (auto bad = check_prompt_arguments(*found, context->arguments()))
    return done(outcome{*std::move(bad)});
  found->get(context, std::move(done));
}

// -- completion ----------------------------------------------------------------------------------

complete completion_result(suggestions found) {
  const bool more =
      found.values.size() > suggestions_max
      || (found.total && *found.total > static_cast<std::int64_t>(found.values.size()));
  if (!found.total && !more)
    found.total = static_cast<std::int64_t>(found.values.size());
  found.values.resize(std::min(found.values.size(), suggestions_max));
  json body{{"values", std::move(found.values)}};
  if (found.total)
    body["total"] = *found.total;
  body["hasMore"] = more;
  return complete_with({{"completion", std::move(body)}});
}

/// Returns the completers of what `ref` names, or null when there is no such entry.
const completers* completers_of(const registry& offer, const json& ref,
                                const call_context& context) {
  const std::string* type = text_member(ref, "type");
  const std::string* name = text_member(ref, "name");
  const std::string* uri = text_member(ref, "uri");
  static const completers none;
  if (type != nullptr && *type == "ref/prompt" && name != nullptr) {
    const prompt* found = offer.find_prompt(*name);
    return found != nullptr && visible(*found, context) ? &found->complete : nullptr;
  }
  if (type == nullptr || *type != "ref/resource" || uri == nullptr)
    return nullptr;
  if (const resource_template* found = offer.find_template(*uri))
    return visible(*found, context) ? &found->complete : nullptr;
  return offer.find_resource(*uri) != nullptr ? &none : nullptr;
}

/// Takes `params.context.arguments`, what the user has filled in so far.
std::optional<rpc_error> take_filled_in(call_context& context) {
  const json* around = member(context.params(), "context");
  if (around == nullptr)
    return std::nullopt;
  const json* filled = around->is_object() ? member(*around, "arguments") : nullptr;
  if (!around->is_object() || (filled != nullptr && !filled->is_object()))
    return invalid_params("Invalid params: context.arguments must be an object");
  if (filled != nullptr)
    context.set_arguments(*filled);
  return std::nullopt;
}

void complete_argument(const registry& offer, const context_ptr& context, outcome_completion done) {
  const json* ref = member(context->params(), "ref");
  const json* argument = member(context->params(), "argument");
  if (ref == nullptr || !ref->is_object() || argument == nullptr || !argument->is_object())
    return done(outcome{invalid_params("Invalid params: ref and argument must be objects")});
  const std::string* name = text_member(*argument, "name");
  const std::string* typed = text_member(*argument, "value");
  if (name == nullptr || typed == nullptr)
    return done(outcome{
        invalid_params("Invalid params: argument.name and argument.value must be strings")});
  if (auto bad = take_filled_in(*context))
    return done(outcome{*std::move(bad)});
  const completers* all = completers_of(offer, *ref, *context);
  if (all == nullptr)
    return done(outcome{invalid_params("Unknown reference: " + brief_json(*ref, 200))});
  const auto found = all->find(*name);
  if (found == all->end())
    return done(outcome{completion_result({})});
  auto answer = std::make_shared<outcome_completion>(std::move(done));
  found->second(context, *typed, completion<suggestions>{[answer](result<suggestions> values) {
                  if (values)
                    (*answer)(outcome{completion_result(*std::move(values))});
                  else
                    (*answer)(std::move(values).error());
                }});
}

// -- the table -----------------------------------------------------------------------------------

template <std::string (registry::*List)(const principal&) const>
void list(const registry& offer, const context_ptr& context, outcome_completion done) {
  // Every list is one page, so that no cursor was ever handed out.
  if (context->params().contains("cursor"))
    return done(outcome{invalid_params("Invalid params: unknown cursor")});
  done(outcome{complete{(offer.*List)(context->from().who)}});
}

struct method_row {
  std::string_view name;
  void (*run)(const registry&, const context_ptr&, outcome_completion);
};

constexpr std::array<method_row, 8> methods{{
    {"tools/list", list<&registry::list_tools>},
    {"tools/call", call_tool},
    {"resources/list", list<&registry::list_resources>},
    {"resources/templates/list", list<&registry::list_templates>},
    {"resources/read", read_resource},
    {"prompts/list", list<&registry::list_prompts>},
    {"prompts/get", get_prompt},
    {"completion/complete", complete_argument},
}};

} // namespace

bool is_shared_method(std::string_view method) {
  return std::ranges::any_of(methods, [&](const method_row& row) { return row.name == method; });
}

void dispatch(const registry& offer, std::string_view method,
              const std::shared_ptr<call_context>& context, outcome_completion done) {
  for (const method_row& row : methods)
    if (row.name == method)
      return row.run(offer, context, std::move(done));
}

} // namespace crm::mcp
