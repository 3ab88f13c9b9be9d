// SPDX-License-Identifier: Apache-2.0
#include "actors/tools/records.hpp"

#include "actors/tools/custom_values.hpp"

namespace crm::tools {

tool_reply answer_record(const storage::record& stored) {
  return {stored.doc};
}

tool_reply answer_record(const storage::record& stored, const std::vector<warning>& warnings) {
  tool_reply reply{stored.doc};
  if (warnings.empty())
    return reply;
  json list = json::array();
  for (const warning& each : warnings)
    list.push_back({{"code", each.code}, {"message", each.message}, {"ids", each.ids}});
  reply.warnings = dump_json(list);
  return reply;
}

result<tool_reply> read_one(tool_context& context, const record_family& family,
                            std::string_view id) {
  auto found = storage::find(context.data, family.kind, id, family.id_argument);
  if (!found)
    return std::move(found).error();
  return answer_record(*found);
}

result<storage::record> open_for_change(tool_context& context, const record_family& family,
                                        std::string_view id,
                                        std::optional<std::int64_t> expected_version) {
  auto found = storage::find_live(context.data, family.kind, id, family.id_argument);
  if (found && expected_version && *expected_version != found->version)
    return argument_error(
        error_code::conflict,
        std::string{family.kind.name} + " " + found->id + " is at version "
            + std::to_string(found->version) + ", not " + std::to_string(*expected_version)
            + ": read it again, then repeat",
        {"expectedVersion", std::to_string(*expected_version), std::to_string(found->version)});
  return found;
}

result<tool_reply> archive_one(tool_context& context, const record_family& family,
                               std::string_view id, std::optional<std::int64_t> expected_version) {
  const auto before = open_for_change(context, family, id, expected_version);
  if (!before)
    return before.error();
  const auto after = storage::archive(context.data, family.kind, *before, context.origin);
  if (!after)
    return after.error();
  return answer_record(*after);
}

result<void> require_reference(tool_context& context, const storage::entity_kind& kind,
                               std::string_view argument, const std::optional<std::string>& id) {
  if (!id)
    return {};
  const auto found = storage::find_live(context.data, kind, *id, argument);
  if (!found)
    return found.error();
  return {};
}

result<storage::record> create_record(tool_context& context, const record_family& family,
                                      json fields) {
  CRM_TRY(admit_custom_values(context, family.kind, fields));
  return storage::create(context.data, family.kind, std::move(fields), context.origin);
}

result<void> merge_arguments(tool_context& context, const record_family& family,
                             const storage::record& before, json& doc, json given) {
  for (auto& [name, value] : given.items()) {
    if (name == family.id_argument || name == "expectedVersion")
      continue;
    if (name == family.kind.custom_member)
      CRM_TRY(merge_custom_values(context, family.kind, doc, value, before.seq));
    else
      doc[name] = std::move(value);
  }
  return {};
}

result<tool_reply> store_change(tool_context& context, const record_family& family,
                                const storage::record& before, json doc) {
  const auto after = storage::replace(context.data, family.kind, before, std::move(doc), "updated",
                                      context.origin);
  if (!after)
    return after.error();
  return answer_record(*after);
}

} // namespace crm::tools
