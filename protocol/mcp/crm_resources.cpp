// SPDX-License-Identifier: Apache-2.0
#include "protocol/mcp/crm_resources.hpp"

#include "protocol/mcp/crm_completions.hpp"
#include "protocol/mcp/gateway_calls.hpp"
#include "protocol/tool_spec.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace crm::mcp {

namespace {

using context_ptr = std::shared_ptr<call_context>;

constexpr std::string_view json_type = "application/json";

/// Answers a read with the outcome of a call. A list travels with its page.
void deliver(const std::string& uri, const result<tool_reply>& read,
             const std::shared_ptr<outcome_completion>& done) {
  if (!read)
    return (*done)(outcome{failure_of(read.error(), uri)});
  std::string text = read->data;
  if (!read->page.empty())
    text = R"({"items":)" + read->data + R"(,"page":)" + read->page + "}";
  (*done)(outcome{complete_with(
      {{"contents",
        json::array({{{"uri", uri}, {"mimeType", json_type}, {"text", std::move(text)}}})}})});
}

/// Returns a handler that reads by the call that `asked` makes of the variables of the address.
template <class Ask>
handler reading(gateway& crm, Ask asked) {
  return [&crm, asked](const context_ptr& context, outcome_completion done) {
    const auto later = std::make_shared<outcome_completion>(std::move(done));
    const auto uri = context->params().value("uri", "");
    run_call(crm, context, asked(context->arguments()),
             [uri, later](const result<tool_reply>& read) { deliver(uri, read, later); });
  };
}

/// Returns who sees a resource: whoever may call the tool that it is read by.
visibility as_tool(const gateway& crm, std::string_view name) {
  for (const tool_spec* spec : crm.tools())
    if (spec->name == name)
      return [spec](const principal& who) { return bool{authorize(who, *spec)}; };
  return [](const principal&) { return false; };
}

bool may_read(const principal& who) {
  return who.scopes.reaches(scope::read);
}

void add_view(registry& offer, gateway& crm, const std::string& name, std::string_view title,
              std::string_view about) {
  const std::string uri = "crm://" + name;
  offer.add(resource{uri,
                     {{"uri", uri},
                      {"name", name},
                      {"title", title},
                      {"description", about},
                      {"mimeType", json_type}},
                     reading(crm,
                             [name](const json&) {
                               return gateway_call{call_kind::view, name};
                             }),
                     may_read});
}

/// A kind of record that is a resource.
struct record_row {
  std::string_view type;
  std::string_view title;
  std::string_view tool;
  std::string_view id_argument;
  record_source source;
};

constexpr std::array<record_row, 3> record_rows{{
    {"contact", "Contact", "get_contact", "contactId", contact_records},
    {"company", "Company", "get_company", "companyId", company_records},
    {"deal", "Deal", "get_deal", "dealId", deal_records},
}};

void add_record(registry& offer, gateway& crm, const record_row& row) {
  const std::string address = "crm://" + std::string{row.type} + "/{id}";
  const auto read = [tool = std::string{row.tool},
                     argument = std::string{row.id_argument}](const json& variables) {
    return gateway_call{call_kind::tool, tool, {{argument, variables.at("id")}}};
  };
  offer.add(resource_template{address,
                              {{"uriTemplate", address},
                               {"name", row.type},
                               {"title", row.title},
                               {"description", "One " + std::string{row.type}
                                                   + ", archived or not, "
                                                     "with its custom fields."},
                               {"mimeType", json_type}},
                              reading(crm, read),
                              {{"id", suggest_ids(crm, row.source)}},
                              as_tool(crm, row.tool)});
}

void add_history(registry& offer, gateway& crm) {
  const std::string address = "crm://deal/{id}/history";
  const auto read = [](const json& variables) {
    return gateway_call{call_kind::tool,
                        "get_entity_history",
                        {{"entityType", "deal"}, {"entityId", variables.at("id")}}};
  };
  offer.add(resource_template{
      address,
      {{"uriTemplate", address},
       {"name", "deal-history"},
       {"title", "History of a deal"},
       {"description", "The last 100 changes of a deal, newest first, field by field."},
       {"mimeType", json_type}},
      reading(crm, read),
      {{"id", suggest_ids(crm, deal_records)}},
      as_tool(crm, "get_entity_history")});
}

} // namespace

rpc_error failure_of(const error& reason, const std::string& uri) {
  json data = error_json(reason);
  data.erase("message");
  if (!uri.empty())
    data["uri"] = uri;
  if (face_of(reason.code).retryable || reason.code == error_code::storage)
    return {rpc_code::internal_error, reason.message, std::move(data)};
  if (uri.empty())
    return invalid_params(reason.message, std::move(data));
  return {rpc_code::resource_not_found, "Resource not found: " + uri + " (" + reason.message + ")",
          std::move(data)};
}

void add_crm_resources(registry& offer, gateway& crm) {
  add_view(offer, crm, "schema", "Schema",
           "What contacts, companies, deals, activities and custom objects are made of here, "
           "custom fields included.");
  add_view(offer, crm, "stages", "Stages",
           "The stages of a deal in their order, with default probabilities and outcomes.");
  for (const record_row& row : record_rows)
    add_record(offer, crm, row);
  add_history(offer, crm);
}

std::vector<std::string> resources_of(const changed_entity& changed) {
  if (changed.type == "custom_field" || changed.type == "custom_object")
    return {"crm://schema"};
  const bool shown = std::ranges::any_of(
      record_rows, [&](const record_row& row) { return row.type == changed.type; });
  if (!shown)
    return {};
  std::string uri = "crm://" + changed.type + "/" + changed.id;
  if (changed.type == "deal")
    return {uri, uri + "/history"};
  return {std::move(uri)};
}

} // namespace crm::mcp
