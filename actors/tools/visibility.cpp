// SPDX-License-Identifier: Apache-2.0
#include "actors/tools/visibility.hpp"

#include "storage/custom_definitions.hpp"

#include <algorithm>
#include <array>

namespace crm::tools {

namespace {

constexpr std::array<std::string_view, 4> entity_types{"contact", "company", "deal", "activity"};

std::string_view type_of_record(const json& record) {
  const auto id = record.find("id");
  if (id == record.end() || !id->is_string())
    return {};
  for (const std::string_view type : entity_types) {
    const auto& kind = storage::kind_with_custom_fields(type);
    if (id->get_ref<const std::string&>().starts_with(kind.id_prefix))
      return type;
  }
  return {};
}

/// Walks through an answer and takes hidden values out of what is in it.
class value_filter {
public:
  value_filter(const storage::definitions& known, visibility clearance)
      : known_(known), clearance_(clearance) {}

  void walk(json& value) const {
    if (value.is_object() && value.contains("customFields"))
      filter_record(value);
    if (value.is_object() && value.contains("changes") && value.contains("entityType"))
      filter_changes(value);
    if (value.is_structured()) {
      for (json& member : value)
        walk(member);
    }
  }

private:
  bool hides(std::string_view type, std::string_view key) const {
    const custom_field* field = known_.field(type, key);
    return field != nullptr && field->visible_to > clearance_;
  }

  void filter_record(json& record) const {
    json& values = record["customFields"];
    if (!values.is_object())
      return;
    for (const custom_field& field : known_.fields_of(type_of_record(record))) {
      if (field.visible_to > clearance_)
        values.erase(field.key);
    }
    if (values.empty())
      record.erase("customFields");
  }

  /// A row of a history: what a change did, field by field.
  void filter_changes(json& row) const {
    constexpr std::string_view prefix = "customFields.";
    json& changes = row["changes"];
    if (!changes.is_array() || !row["entityType"].is_string())
      return;
    const std::string type = row["entityType"].get<std::string>();
    auto& list = changes.get_ref<json::array_t&>();
    const auto hidden = [&](const json& change) {
      const std::string field = change.is_object() ? change.value("field", "") : "";
      return field.starts_with(prefix)
             && hides(type, std::string_view{field}.substr(prefix.size()));
    };
    list.erase(std::remove_if(list.begin(), list.end(), hidden), list.end());
  }

  const storage::definitions& known_;
  visibility clearance_;
};

} // namespace

result<visibility> clearance_of(tool_context& context) {
  const principal& caller = context.caller;
  if (caller.vouched_by == voucher::transport || caller.scopes.contains(scope::cloud_admin))
    return visibility::owner;
  if (!caller.scopes.reaches(scope::admin))
    return visibility::all;
  const auto member = context.data.members().find(context.data.db(), caller.actor);
  if (!member)
    return member.error();
  if (*member == nullptr || (*member)->standing == storage::role::admin)
    return visibility::admin;
  return (*member)->standing == storage::role::owner ? visibility::owner : visibility::all;
}

result<void> require_visible(tool_context& context, const custom_field& field) {
  const auto clearance = clearance_of(context);
  if (!clearance)
    return clearance.error();
  if (field.visible_to <= *clearance)
    return {};
  const auto name_of = [](visibility level) {
    return std::string{visibility_names.at(static_cast<std::size_t>(level))};
  };
  return argument_error(error_code::scope,
                        "the values of the custom field " + field.key + " are shown to "
                            + name_of(field.visible_to) + " only, and this caller reads what "
                            + name_of(*clearance) + " may read",
                        {"visibility", name_of(*clearance), name_of(field.visible_to)});
}

result<void> hide_values(tool_context& context, tool_reply& reply) {
  const storage::definitions& known = context.data.known();
  if (!known.hides_values() || reply.data.find("\"customFields") == std::string::npos)
    return {};
  const auto clearance = clearance_of(context);
  if (!clearance)
    return clearance.error();
  if (*clearance == visibility::owner)
    return {};
  json data = json::parse(reply.data);
  value_filter{known, *clearance}.walk(data);
  reply.data = dump_json(data);
  return {};
}

} // namespace crm::tools
