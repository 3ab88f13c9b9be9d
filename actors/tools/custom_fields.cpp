// SPDX-License-Identifier: Apache-2.0
#include "protocol/custom_field.hpp"

#include "actors/tools/catalogue.hpp"
#include "actors/tools/custom_values.hpp"
#include "actors/tools/paging.hpp"
#include "actors/tools/records.hpp"
#include "actors/tools/room.hpp"
#include "protocol/limits.hpp"
#include "storage/custom_definitions.hpp"
#include "storage/custom_values.hpp"

#include <algorithm>
#include <array>

namespace crm::tools {

namespace {

constexpr std::string_view category = "Custom Fields";
constexpr std::array<std::string_view, 4> entity_types{"contact", "company", "deal", "activity"};
constexpr std::string_view rules_about =
    "By type: min, max (number, date); minLength, maxLength, pattern (RE2; text, url, email, "
    "phone); unique.";
const record_family definitions{storage::custom_field_kind, "definitionId"};

/// Definitions on one page of list_custom_fields, which takes no limit.
constexpr std::int64_t page_definitions = 100;

struct add_custom_field {
  std::string entity_type;
  std::string key;
  std::string label;
  std::string type;
  bool required;
  std::optional<std::vector<std::string>> options;
  std::optional<json_object> validation;
  std::optional<std::string> description;
  std::string visible_to;

  static constexpr auto input =
      fields(field{"entityType", &add_custom_field::entity_type}.one_of(entity_types),
             field{"key", &add_custom_field::key}
                 .length(1, 100)
                 .format(text_format::field_key)
                 .example(R"("renewal_date")"),
             field{"label", &add_custom_field::label}.length(1, 200),
             field{"fieldType", &add_custom_field::type}.one_of(field_type_names),
             field{"required", &add_custom_field::required}.by_default(false),
             field{"options", &add_custom_field::options, "For select and multi_select."}.items(
                 limits::custom_options_max),
             field{"validation", &add_custom_field::validation, rules_about},
             field{"description", &add_custom_field::description}.length(0, 1'000),
             field{"visibility", &add_custom_field::visible_to, "Who may read the values."}
                 .one_of(visibility_names)
                 .by_default("all"));
};

/// Checks what a definition says of options and validation. @errors validation.
result<void> require_sound(json& definition) {
  std::vector<error_detail> wrong;
  complete_definition(definition, "", wrong);
  if (!wrong.empty())
    return arguments_error(std::move(wrong));
  return {};
}

result<void> require_free_key(tool_context& context, const add_custom_field& in) {
  const auto known = storage::find_custom_field(context.data, in.entity_type, in.key);
  if (!known)
    return known.error();
  if (*known)
    return argument_error(error_code::conflict,
                          "key: " + in.entity_type + " has the custom field " + in.key
                              + " already, " + (*known)->id
                              + ": change it with update_custom_field_definition",
                          {"key", brief_json(json(in.key)),
                           "a key that no other custom field of " + in.entity_type + " has"});
  if (context.data.known().fields_of(in.entity_type).size() >= limits::custom_fields_max)
    return error{error_code::limit_exceeded,
                 in.entity_type + " has " + std::to_string(limits::custom_fields_max)
                     + " custom fields, the most there may be: delete one that is not used"};
  return {};
}

result<tool_reply> run_add(tool_context& context, const add_custom_field& in) {
  CRM_TRY(require_free_key(context, in));
  CRM_TRY(require_room(context, storage::resource::custom_fields));
  json definition = json::object();
  write_members(definition, in);
  CRM_TRY(require_sound(definition));
  const auto added =
      storage::add_definition(context.data, storage::custom_field_kind, definition, context.origin);
  if (!added)
    return added.error();
  return answer_record(*added);
}

struct update_custom_field_definition {
  std::string id;
  std::optional<std::string> label;
  std::optional<std::vector<std::string>> options;
  patch<json_object> validation;
  patch<std::string> description;
  std::optional<std::string> visible_to;
  std::optional<bool> required;
  std::optional<std::int64_t> expected_version;

  static constexpr auto input = fields(
      field{"definitionId", &update_custom_field_definition::id}.length(1),
      field{"label", &update_custom_field_definition::label}.length(1, 200),
      field{"options", &update_custom_field_definition::options, "All of them, old and new."}.items(
          limits::custom_options_max),
      field{"validation", &update_custom_field_definition::validation, "Replaces all rules."},
      field{"description", &update_custom_field_definition::description}.length(0, 1'000),
      field{"visibility", &update_custom_field_definition::visible_to}.one_of(visibility_names),
      field{"required", &update_custom_field_definition::required},
      expected_version_field(&update_custom_field_definition::expected_version));
};

/// Refuses to drop options that records hold. @errors conflict, with the count; storage.
result<void> require_unused(tool_context& context, const storage::entity_kind& kind,
                            const custom_field& before, const custom_field& after) {
  std::int64_t uses = 0;
  std::vector<error_detail> used;
  std::string first;
  for (const std::string& option : before.options) {
    if (std::find(after.options.begin(), after.options.end(), option) != after.options.end())
      continue;
    const auto count = storage::count_holders(context.data, kind, before, option);
    if (!count)
      return count.error();
    if (*count == 0)
      continue;
    uses += *count;
    if (used.empty())
      first = brief_json(json(option));
    used.push_back({"options", "no option " + brief_json(json(option)),
                    "options that include " + brief_json(json(option)) + ", which "
                        + std::to_string(*count) + " live records hold"});
  }
  if (used.empty())
    return {};
  std::string message = "options: live records hold options that are left out, "
                        + std::to_string(uses) + " times, the first of them " + first
                        + ": keep them, or change those records first";
  if (used.size() > limits::error_details_max)
    used.resize(limits::error_details_max);
  return error{error_code::conflict, std::move(message), std::move(used)};
}

/// Refuses to make values unique that are not. @errors conflict, with the count; storage.
result<void> require_distinct(tool_context& context, const storage::entity_kind& kind,
                              const custom_field& before, const custom_field& after) {
  if (before.rules.unique || !after.rules.unique)
    return {};
  const auto shared = storage::count_shared_values(context.data, kind, after.key);
  if (!shared)
    return shared.error();
  if (*shared == 0)
    return {};
  return argument_error(error_code::conflict,
                        "validation.unique: " + std::to_string(*shared)
                            + " values stand in more than one live " + std::string{kind.name}
                            + ": change those first",
                        {"validation.unique", "true", "false while values are shared"});
}

result<tool_reply> run_update(tool_context& context, const update_custom_field_definition& in) {
  const auto before = open_for_change(context, definitions, in.id, in.expected_version);
  if (!before)
    return before.error();
  json given = json::object();
  write_members(given, in);
  json doc = storage::document_of(*before);
  const custom_field old_field = custom_field_of(doc);
  const auto& kind =
      storage::kind_with_custom_fields(doc.at("entityType").get_ref<const std::string&>());
  for (const char* name :
       {"label", "options", "validation", "description", "visibility", "required"}) {
    if (given.contains(name))
      doc[name] = std::move(given[name]);
  }
  if (doc.contains("validation") && doc["validation"].is_null())
    doc.erase("validation");
  CRM_TRY(require_sound(doc));
  const custom_field new_field = custom_field_of(doc);
  CRM_TRY(require_unused(context, kind, old_field, new_field));
  CRM_TRY(require_distinct(context, kind, old_field, new_field));
  const auto after = storage::replace_custom_field(context.data, *before, std::move(doc),
                                                   context.origin, context.progress);
  if (!after)
    return after.error();
  return answer_record(*after);
}

struct list_custom_fields {
  std::optional<std::string> entity_type;
  std::optional<std::string> cursor;

  static constexpr auto input =
      fields(field{"entityType", &list_custom_fields::entity_type}.one_of(entity_types),
             cursor_field(&list_custom_fields::cursor));
};

result<tool_reply> run_list(tool_context& context, const list_custom_fields& in) {
  const auto request = page_requested(context, page_definitions, in.cursor);
  if (!request)
    return request.error();
  return answer_page(context, storage::list_custom_fields(context.data, in.entity_type, *request),
                     applied_filters(in));
}

struct set_custom_field_value {
  std::string entity_type;
  std::string entity_id;
  std::string key;
  json value;
  std::optional<std::int64_t> expected_version;

  static constexpr auto input =
      fields(field{"entityType", &set_custom_field_value::entity_type}.one_of(entity_types),
             field{"entityId", &set_custom_field_value::entity_id}.length(1),
             field{"key", &set_custom_field_value::key}.length(1),
             field{"value", &set_custom_field_value::value, "null clears it."}.or_null(),
             expected_version_field(&set_custom_field_value::expected_version));
};

result<tool_reply> run_set(tool_context& context, const set_custom_field_value& in) {
  const record_family family{storage::kind_with_custom_fields(in.entity_type), "entityId"};
  const auto& known = context.data.known().fields_of(in.entity_type);
  if (storage::field_named(known, in.key) == nullptr)
    return arguments_error({unknown_key(known, in.key, "key")});
  const auto before = open_for_change(context, family, in.entity_id, in.expected_version);
  if (!before)
    return before.error();
  json doc = storage::document_of(*before);
  custom_value_writer writer{context, family.kind, doc, before->seq};
  writer.set(in.key, in.value, "value");
  CRM_TRY(writer.finish());
  return store_change(context, family, *before, std::move(doc));
}

struct delete_custom_field {
  std::string id;
  std::optional<std::int64_t> expected_version;

  static constexpr auto input =
      fields(field{"definitionId", &delete_custom_field::id}.length(1),
             expected_version_field(&delete_custom_field::expected_version));
};

result<tool_reply> run_delete(tool_context& context, const delete_custom_field& in) {
  const auto before = open_for_change(context, definitions, in.id, in.expected_version);
  if (!before)
    return before.error();
  const auto removed =
      storage::erase_custom_field(context.data, *before, context.origin, context.progress);
  if (!removed)
    return removed.error();
  json answer = storage::document_of(*before);
  answer["removedValues"] = *removed;
  return tool_reply{dump_json(answer)};
}

result<tool_reply> preview_delete(tool_context& context, const delete_custom_field& in) {
  const auto before = open_for_change(context, definitions, in.id, in.expected_version);
  if (!before)
    return before.error();
  json answer = storage::document_of(*before);
  const auto& kind =
      storage::kind_with_custom_fields(answer.at("entityType").get_ref<const std::string&>());
  const auto values =
      storage::count_values(context.data, kind, answer.at("key").get<std::string>());
  if (!values)
    return values.error();
  answer["removedValues"] = *values;
  return tool_reply{dump_json(answer)};
}

tool delete_tool() {
  return declare<delete_custom_field>(
      {"delete_custom_field", "Delete custom field", category, scope::admin, effect::erase,
       "Deletes a custom field and its values in all records, archived ones too, for good, and "
       "says how many (removedValues)."},
      run_delete);
}

} // namespace

std::vector<tool> custom_field_tools() {
  return {
      declare<add_custom_field>(
          {"add_custom_field", "Add custom field", category, scope::write, effect::create,
           "Defines a field (property) that customFields of contacts, companies, deals or "
           "activities may hold from now on. Key and type cannot change later."},
          run_add),
      declare<update_custom_field_definition>(
          {"update_custom_field_definition", "Update custom field", category, scope::write,
           effect::update,
           "Changes a custom field's definition. Stored values stay as they are; an option in use "
           "cannot be left out."},
          run_update),
      declare<list_custom_fields>({"list_custom_fields", "List custom fields", category,
                                   scope::read, effect::read,
                                   "Lists the definitions of custom fields, newest first."},
                                  run_list),
      declare<set_custom_field_value>(
          {"set_custom_field_value", "Set custom field value", category, scope::write,
           effect::update,
           "Sets or clears one custom field of one record; for several at once use customFields "
           "of the record's update tool."},
          run_set),
      delete_tool(),
  };
}

tool custom_field_deletion_preview() {
  return preview_of<delete_custom_field>(delete_tool(), preview_delete);
}

} // namespace crm::tools
