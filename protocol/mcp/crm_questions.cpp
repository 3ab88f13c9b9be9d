// SPDX-License-Identifier: Apache-2.0
#include "protocol/mcp/crm_questions.hpp"

#include "protocol/mcp/gateway_calls.hpp"

#include <utility>

namespace crm::mcp {

namespace {

std::string counted(std::int64_t count, std::string_view one, std::string_view many) {
  return std::to_string(count) + " " + std::string{count == 1 ? one : many};
}

/// `preview` is the definition with `removedValues`.
std::string deletion_question(const json& preview) {
  const auto values = preview.at("removedValues").get<std::int64_t>();
  std::string text = "Delete the custom field \"" + preview.value("label", "") + "\" ("
                     + preview.value("key", "") + ") of " + preview.value("entityType", "")
                     + " records for good? ";
  if (values == 0)
    return text + "No record has a value of it.";
  return text + counted(values, "record loses its value.", "records lose their value.");
}

/// `preview` says how many would be purged, and how many would be left for another call.
std::string purge_question(const json& preview) {
  const auto purged = preview.at("purged").get<std::int64_t>();
  const auto remaining = preview.at("remaining").get<std::int64_t>();
  if (purged == 0)
    return {};
  const std::string what = preview.value("entityType", "") == "custom_object_record"
                               ? "custom object"
                               : preview.value("entityType", "");
  std::string text =
      "Erase " + counted(purged, "archived " + what + " record", "archived " + what + " records")
      + " for good, with their values in the change log?";
  if (remaining > 0)
    text += " " + std::to_string(remaining) + " more would be left for another call.";
  return text;
}

confirmation_question question(gateway& crm, std::string tool, std::string (*words)(const json&)) {
  return [&crm, tool = std::move(tool), words](const std::shared_ptr<call_context>& context,
                                               completion<std::string> done) {
    const auto later = std::make_shared<completion<std::string>>(std::move(done));
    run_call(crm, context, {call_kind::preview, tool, context->arguments()},
             [later, words](const result<tool_reply>& preview) {
               if (!preview)
                 return (*later)(preview.error());
               const auto data = parse_json(preview->data);
               (*later)(data ? result<std::string>{words(*data)} : data.error());
             });
  };
}

} // namespace

confirmations crm_questions(gateway& crm) {
  confirmations all;
  all.emplace("delete_custom_field", question(crm, "delete_custom_field", deletion_question));
  all.emplace("purge_archived_records", question(crm, "purge_archived_records", purge_question));
  return all;
}

} // namespace crm::mcp
