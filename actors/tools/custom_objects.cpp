// SPDX-License-Identifier: Apache-2.0
#include "protocol/custom_field.hpp"

#include "actors/tools/catalogue.hpp"
#include "actors/tools/paging.hpp"
#include "actors/tools/records.hpp"
#include "actors/tools/room.hpp"
#include "protocol/limits.hpp"
#include "protocol/nearest.hpp"
#include "storage/companies.hpp"
#include "storage/contacts.hpp"
#include "storage/custom_definitions.hpp"
#include "storage/custom_records.hpp"
#include "storage/deals.hpp"

#include <algorithm>
#include <array>

namespace crm::tools {

namespace {

constexpr std::string_view category = "Custom Objects";
const record_family records{storage::custom_record_kind, "recordId"};

/// Definitions on one page of list_custom_objects, which takes no limit.
constexpr std::int64_t page_definitions = 100;

/// Names that mean something else already, in the audit log or in a workflow's trigger.
constexpr std::array<std::string_view, 14> built_in_names{
    "activities", "activity", "company",      "companies", "contact",       "contacts",
    "deal",       "deals",    "custom_field", "member",    "custom_object", "custom_object_record",
    "workflow",   "execution"};

struct object_field {
  std::string key;
  std::string label;
  std::string type;
  bool required;
  std::optional<std::vector<std::string>> options;
  std::optional<json_object> validation;

  static constexpr auto input =
      fields(field{"key", &object_field::key}.length(1, 100).example(R"("serial_number")"),
             field{"label", &object_field::label}.length(1, 200),
             field{"fieldType", &object_field::type}.one_of(field_type_names),
             field{"required", &object_field::required}.by_default(false),
             field{"options", &object_field::options}.items(limits::custom_options_max),
             field{"validation", &object_field::validation, "As in add_custom_field."});
};

struct add_custom_object {
  std::string object_type;
  std::string label;
  std::string label_plural;
  std::optional<std::string> description;
  std::optional<std::vector<object_field>> object_fields;

  static constexpr auto input =
      fields(field{"objectType", &add_custom_object::object_type}
                 .length(1, 100)
                 .format(text_format::object_type)
                 .example(R"("subscription")"),
             field{"label", &add_custom_object::label}.length(1, 200),
             field{"labelPlural", &add_custom_object::label_plural}.length(1, 200),
             field{"description", &add_custom_object::description}.length(0, 1'000),
             field{"fields", &add_custom_object::object_fields}.items(limits::custom_fields_max));
};

/// Writes the definition of the fields. @errors validation, naming every field that is not sound.
result<json> fields_json(const std::vector<object_field>& given) {
  json list = json::array();
  std::vector<error_detail> wrong;
  for (std::size_t i = 0; i < given.size(); ++i) {
    json definition = json::object();
    write_members(definition, given[i]);
    const std::string prefix = "fields[" + std::to_string(i) + "].";
    const bool repeated = std::any_of(list.begin(), list.end(), [&](const json& before) {
      return before.at("key") == given[i].key;
    });
    if (repeated)
      wrong.push_back({prefix + "key", brief_json(json(given[i].key)), "each key once"});
    complete_definition(definition, prefix, wrong);
    list.push_back(std::move(definition));
  }
  if (!wrong.empty())
    return arguments_error(std::move(wrong));
  return list;
}

result<void> require_free_type(const tool_context& context, const std::string& type) {
  const bool built_in =
      std::find(built_in_names.begin(), built_in_names.end(), type) != built_in_names.end();
  if (built_in || context.data.known().object(type) != nullptr)
    return argument_error(error_code::conflict,
                          "objectType: " + type
                              + (built_in ? " is a built-in name: choose another"
                                          : " is defined already: see list_custom_objects"),
                          {"objectType", brief_json(json(type)), "a name that is not taken"});
  if (context.data.known().objects().size() >= limits::custom_objects_max)
    return error{error_code::limit_exceeded, "the workspace has "
                                                 + std::to_string(limits::custom_objects_max)
                                                 + " custom objects, the most there may be"};
  return {};
}

result<tool_reply> run_add(tool_context& context, const add_custom_object& in) {
  CRM_TRY(require_free_type(context, in.object_type));
  CRM_TRY(require_room(context, storage::resource::custom_objects));
  auto object_fields = fields_json(in.object_fields.value_or(std::vector<object_field>{}));
  if (!object_fields)
    return std::move(object_fields).error();
  json definition{
      {"objectType", in.object_type}, {"label", in.label}, {"labelPlural", in.label_plural}};
  if (in.description)
    definition["description"] = *in.description;
  definition["fields"] = *std::move(object_fields);
  const auto added = storage::add_definition(context.data, storage::custom_object_kind, definition,
                                             context.origin);
  if (!added)
    return added.error();
  return answer_record(*added);
}

struct list_custom_objects {
  std::optional<std::string> cursor;
  static constexpr auto input = fields(cursor_field(&list_custom_objects::cursor));
};

result<tool_reply> run_list_objects(tool_context& context, const list_custom_objects& in) {
  const auto request = page_requested(context, page_definitions, in.cursor);
  if (!request)
    return request.error();
  return answer_page(context, storage::list_custom_objects(context.data, *request),
                     applied_filters(in));
}

/// Checks that a custom object is defined. @errors not_found, naming those that are.
result<void> require_object(const tool_context& context, const std::string& type) {
  if (context.data.known().object(type) != nullptr)
    return {};
  std::vector<std::string_view> types;
  for (const auto& object : context.data.known().objects())
    types.emplace_back(object.type);
  error_detail detail{"objectType", brief_json(json(type)),
                      types.empty() ? "no objectType: none is defined, add_custom_object does it"
                                    : "the objectType of a defined custom object"};
  for (const std::string_view each : types) {
    if (detail.valid_options.size() < limits::valid_options_max)
      detail.valid_options.emplace_back(each);
  }
  detail.did_you_mean = nearest(type, types);
  std::string message = "objectType: no custom object is called " + detail.got;
  if (!detail.did_you_mean.empty())
    message += "; did you mean \"" + detail.did_you_mean + "\"?";
  return argument_error(error_code::not_found, std::move(message), std::move(detail));
}

struct create_custom_record {
  std::string object_type;
  json_object values;
  std::optional<std::string> contact_id;
  std::optional<std::string> deal_id;
  std::optional<std::string> company_id;

  static constexpr auto input =
      fields(field{"objectType", &create_custom_record::object_type}.length(1),
             field{"fields", &create_custom_record::values, "Values by key."},
             field{"relatedContactId", &create_custom_record::contact_id},
             field{"relatedDealId", &create_custom_record::deal_id},
             field{"relatedCompanyId", &create_custom_record::company_id});
};

result<tool_reply> run_create(tool_context& context, const create_custom_record& in) {
  CRM_TRY(require_object(context, in.object_type));
  CRM_TRY(require_room(context, storage::resource::records));
  CRM_TRY(require_reference(context, storage::contact_kind, "relatedContactId", in.contact_id));
  CRM_TRY(require_reference(context, storage::deal_kind, "relatedDealId", in.deal_id));
  CRM_TRY(require_reference(context, storage::company_kind, "relatedCompanyId", in.company_id));
  json document = json::object();
  write_members(document, in);
  const auto created = create_record(context, records, std::move(document));
  if (!created)
    return created.error();
  return answer_record(*created);
}

struct update_custom_record {
  std::string id;
  json_object values;
  std::optional<std::int64_t> expected_version;

  static constexpr auto input =
      fields(field{"recordId", &update_custom_record::id}.length(1),
             field{"fields", &update_custom_record::values, "Merged by key; null clears one."},
             expected_version_field(&update_custom_record::expected_version));
};

result<tool_reply> run_update(tool_context& context, const update_custom_record& in) {
  const auto before = open_for_change(context, records, in.id, in.expected_version);
  if (!before)
    return before.error();
  return update_record(context, records, *before, in);
}

struct delete_custom_record {
  std::string id;
  std::optional<std::int64_t> expected_version;

  static constexpr auto input =
      fields(field{"recordId", &delete_custom_record::id}.length(1),
             expected_version_field(&delete_custom_record::expected_version));
};

result<tool_reply> run_delete(tool_context& context, const delete_custom_record& in) {
  return archive_one(context, records, in.id, in.expected_version);
}

struct list_records {
  std::string object_type;
  std::int64_t limit;
  std::optional<std::string> cursor;

  static constexpr auto input =
      fields(field{"objectType", &list_records::object_type}.length(1),
             limit_field(&list_records::limit, 20, 100), cursor_field(&list_records::cursor));
};

result<tool_reply> run_list(tool_context& context, const list_records& in) {
  CRM_TRY(require_object(context, in.object_type));
  const auto request = page_requested(context, in.limit, in.cursor);
  if (!request)
    return request.error();
  return answer_page(context, storage::list_custom_records(context.data, in.object_type, *request),
                     applied_filters(in));
}

struct search_records {
  std::string object_type;
  std::string query;
  std::int64_t limit;
  std::optional<std::string> cursor;

  static constexpr auto input =
      fields(field{"objectType", &search_records::object_type}.length(1),
             field{"query", &search_records::query}.length(1, 200),
             limit_field(&search_records::limit, 10, 50), cursor_field(&search_records::cursor));
};

result<tool_reply> run_search(tool_context& context, const search_records& in) {
  CRM_TRY(require_object(context, in.object_type));
  const auto request = page_requested(context, in.limit, in.cursor);
  if (!request)
    return request.error();
  return answer_page(
      context, storage::search_custom_records(context.data, in.object_type, in.query, *request),
      applied_filters(in));
}

} // namespace

std::vector<tool> custom_object_tools() {
  return {
      declare<add_custom_object>(
          {"add_custom_object", "Add custom object", category, scope::admin, effect::create,
           "Defines a kind of record (table) with typed fields, for what is no contact, company, "
           "deal or activity. It cannot be changed later."},
          run_add),
      declare<list_custom_objects>({"list_custom_objects", "List custom objects", category,
                                    scope::read, effect::read,
                                    "Lists the definitions of custom objects, newest first."},
                                   run_list_objects),
      declare<create_custom_record>(
          {"create_record", "Create record", category, scope::write, effect::create,
           "Adds a record of a custom object; fields are checked against its definition."},
          run_create),
      declare<update_custom_record>(
          {"update_record", "Update record", category, scope::write, effect::update,
           "Sets the given fields of a custom object's record; the others stay."},
          run_update),
      declare<delete_custom_record>(
          {"delete_record", "Delete record", category, scope::write, effect::remove,
           "Archives a custom object's record: lists and searches leave it out."},
          run_delete),
      declare<list_records>({"list_records", "List records", category, scope::read, effect::read,
                             "Lists a custom object's records, newest first. For words use "
                             "search_records."},
                            run_list),
      declare<search_records>(
          {"search_records", "Search records", category, scope::read, effect::read,
           "Full-text search over all values of a custom object's records, best match first; the "
           "last word may be a beginning."},
          run_search),
  };
}

} // namespace crm::tools
