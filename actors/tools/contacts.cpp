// SPDX-License-Identifier: Apache-2.0
#include "storage/contacts.hpp"

#include "actors/tools/catalogue.hpp"
#include "actors/tools/custom_values.hpp"
#include "actors/tools/paging.hpp"
#include "actors/tools/records.hpp"
#include "actors/tools/room.hpp"
#include "actors/tools/visibility.hpp"
#include "storage/companies.hpp"
#include "storage/custom_values.hpp"

#include <array>

namespace crm::tools {

namespace {

constexpr std::string_view category = "Contacts";
constexpr std::array<std::string_view, 5> contact_types{"lead", "prospect", "client", "partner",
                                                        "other"};
const record_family contacts{storage::contact_kind, "contactId"};

struct create_contact {
  std::string first_name;
  std::string last_name;
  std::optional<std::string> email;
  std::optional<std::string> phone;
  std::optional<std::string> company_id;
  std::string type;
  std::optional<std::string> source;
  std::optional<std::vector<std::string>> tags;
  std::optional<std::string> notes;
  std::optional<std::string> job_title;
  std::optional<std::string> linkedin_url;
  std::optional<json_object> custom_fields;

  static constexpr auto input =
      fields(field{"firstName", &create_contact::first_name}.length(1, 100).example(R"("Zoë")"),
             field{"lastName", &create_contact::last_name}.length(1, 100),
             field{"email", &create_contact::email}.format(text_format::email),
             field{"phone", &create_contact::phone}.length(0, 30),
             field{"companyId", &create_contact::company_id},
             field{"type", &create_contact::type}.one_of(contact_types).by_default("lead"),
             field{"source", &create_contact::source}.length(0, 100),
             field{"tags", &create_contact::tags}.items(20),
             field{"notes", &create_contact::notes}.length(0, 10'000),
             field{"jobTitle", &create_contact::job_title}.length(0, 200),
             field{"linkedinUrl", &create_contact::linkedin_url}.format(text_format::url),
             field{"customFields", &create_contact::custom_fields});
};

/// Names the live contacts that are likely the same person.
result<std::vector<warning>> twins_of(tool_context& context, const storage::record& stored,
                                      const std::optional<std::string>& email) {
  if (!email)
    return std::vector<warning>{};
  auto ids = storage::contacts_with_email(context.data, *email, stored.id);
  if (!ids)
    return std::move(ids).error();
  if (ids->empty())
    return std::vector<warning>{};
  return std::vector<warning>{{"POSSIBLE_DUPLICATE",
                               "other contacts have the e-mail address " + *email
                                   + ": compare them before you go on with two",
                               *std::move(ids)}};
}

result<tool_reply> run_create(tool_context& context, const create_contact& in) {
  CRM_TRY(require_room(context, storage::resource::contacts));
  CRM_TRY(require_reference(context, storage::company_kind, "companyId", in.company_id));
  json fields = json::object();
  write_members(fields, in);
  const auto created = create_record(context, contacts, std::move(fields));
  if (!created)
    return created.error();
  const auto twins = twins_of(context, *created, in.email);
  if (!twins)
    return twins.error();
  return answer_record(*created, *twins);
}

struct get_contact {
  std::string id;
  static constexpr auto input = fields(field{"contactId", &get_contact::id}.length(1));
};

result<tool_reply> run_get(tool_context& context, const get_contact& in) {
  return read_one(context, contacts, in.id);
}

struct update_contact {
  std::string id;
  std::optional<std::string> first_name;
  std::optional<std::string> last_name;
  patch<std::string> email;
  patch<std::string> phone;
  patch<std::string> company_id;
  std::optional<std::string> type;
  patch<std::string> source;
  patch<std::vector<std::string>> tags;
  patch<std::string> notes;
  patch<std::string> job_title;
  patch<std::string> linkedin_url;
  patch<json_object> custom_fields;
  std::optional<std::int64_t> expected_version;

  static constexpr auto input =
      fields(field{"contactId", &update_contact::id}.length(1),
             field{"firstName", &update_contact::first_name}.length(1, 100),
             field{"lastName", &update_contact::last_name}.length(1, 100),
             field{"email", &update_contact::email}.format(text_format::email),
             field{"phone", &update_contact::phone}.length(0, 30),
             field{"companyId", &update_contact::company_id},
             field{"type", &update_contact::type}.one_of(contact_types),
             field{"source", &update_contact::source}.length(0, 100),
             field{"tags", &update_contact::tags}.items(20),
             field{"notes", &update_contact::notes}.length(0, 10'000),
             field{"jobTitle", &update_contact::job_title}.length(0, 200),
             field{"linkedinUrl", &update_contact::linkedin_url}.format(text_format::url),
             field{"customFields", &update_contact::custom_fields},
             expected_version_field(&update_contact::expected_version));
};

result<tool_reply> run_update(tool_context& context, const update_contact& in) {
  const auto before = open_for_change(context, contacts, in.id, in.expected_version);
  if (!before)
    return before.error();
  CRM_TRY(require_reference(context, storage::company_kind, "companyId", in.company_id.value));
  return update_record(context, contacts, *before, in);
}

struct list_contacts {
  std::optional<std::string> type;
  std::optional<std::string> company_id;
  std::int64_t limit;
  std::optional<std::string> cursor;

  static constexpr auto input =
      fields(field{"type", &list_contacts::type}.one_of(contact_types),
             field{"companyId", &list_contacts::company_id},
             limit_field(&list_contacts::limit, 20, 100), cursor_field(&list_contacts::cursor));
};

result<tool_reply> run_list(tool_context& context, const list_contacts& in) {
  const auto request = page_requested(context, in.limit, in.cursor);
  if (!request)
    return request.error();
  return answer_page(context,
                     storage::list_contacts(context.data, {in.type, in.company_id}, *request),
                     applied_filters(in));
}

struct search_contacts {
  std::string query;
  std::int64_t limit;
  std::optional<std::string> cursor;

  static constexpr auto input =
      fields(field{"query", &search_contacts::query}.length(1, 200).example(R"("zoe acme")"),
             limit_field(&search_contacts::limit, 10, 50), cursor_field(&search_contacts::cursor));
};

result<tool_reply> run_search(tool_context& context, const search_contacts& in) {
  const auto request = page_requested(context, in.limit, in.cursor);
  if (!request)
    return request.error();
  return answer_page(context,
                     storage::search(context.data, storage::contact_search, in.query, *request),
                     applied_filters(in));
}

struct delete_contact {
  std::string id;
  std::optional<std::int64_t> expected_version;

  static constexpr auto input = fields(field{"contactId", &delete_contact::id}.length(1),
                                       expected_version_field(&delete_contact::expected_version));
};

result<tool_reply> run_delete(tool_context& context, const delete_contact& in) {
  return archive_one(context, contacts, in.id, in.expected_version);
}

struct list_contacts_by_custom_field {
  std::string key;
  json value;
  std::int64_t limit;
  std::optional<std::string> cursor;

  static constexpr auto input =
      fields(field{"fieldKey", &list_contacts_by_custom_field::key}.length(1).example(R"("tier")"),
             field{"fieldValue", &list_contacts_by_custom_field::value},
             limit_field(&list_contacts_by_custom_field::limit, 20, 100),
             cursor_field(&list_contacts_by_custom_field::cursor));
};

/// Finds the custom field whose values the caller asks for. @errors validation; scope; storage.
result<const custom_field*> readable_field(tool_context& context, const std::string& key) {
  const auto& known = context.data.known().fields_of("contact");
  const custom_field* field = storage::field_named(known, key);
  if (field == nullptr)
    return arguments_error({unknown_key(known, key, "fieldKey")});
  CRM_TRY(require_visible(context, *field));
  return field;
}

result<tool_reply> run_list_by_custom_field(tool_context& context,
                                            const list_contacts_by_custom_field& in) {
  const auto request = page_requested(context, in.limit, in.cursor);
  if (!request)
    return request.error();
  const auto field = readable_field(context, in.key);
  if (!field)
    return field.error();
  auto wanted = check_wanted_value(**field, in.value, "fieldValue");
  if (auto* wrong = std::get_if<error_detail>(&wanted))
    return arguments_error({std::move(*wrong)});
  list_contacts_by_custom_field understood = in;
  understood.value = std::get<json>(std::move(wanted));
  return answer_page(
      context,
      storage::list_contacts_by_custom_value(context.data, **field, understood.value, *request),
      applied_filters(understood));
}

struct restore_contact {
  std::string id;
  static constexpr auto input = fields(field{"contactId", &restore_contact::id}.length(1));
};

result<tool_reply> run_restore(tool_context& context, const restore_contact& in) {
  const auto before = storage::find(context.data, storage::contact_kind, in.id, "contactId");
  if (!before)
    return before.error();
  if (before->archived_at)
    CRM_TRY(require_room(context, storage::resource::contacts));
  CRM_TRY(require_free_values(context, storage::contact_kind, *before));
  const auto after = storage::restore(context.data, storage::contact_kind, *before, context.origin);
  if (!after)
    return after.error();
  return answer_record(*after);
}

} // namespace

std::vector<tool> contact_tools() {
  return {
      declare<create_contact>(
          {"create_contact", "Create contact", category, scope::write, effect::create,
           "Adds a person (lead, customer). Search first: duplicates are allowed, and the answer "
           "warns of likely twins.",
           true},
          run_create),
      declare<get_contact>({"get_contact", "Get contact", category, scope::read, effect::read,
                            "Reads one contact by id, archived or not.", true},
                           run_get),
      declare<update_contact>(
          {"update_contact", "Update contact", category, scope::write, effect::update,
           "Sets the given fields of a contact; null clears an optional one. customFields are "
           "merged by key.",
           true},
          run_update),
      declare<list_contacts>({"list_contacts", "List contacts", category, scope::read, effect::read,
                              "Lists contacts, newest first. For words use search_contacts.", true},
                             run_list),
      declare<search_contacts>(
          {"search_contacts", "Search contacts", category, scope::read, effect::read,
           "Full-text search over all contact texts, tags and notes, best match first; the last "
           "word may be a beginning. Case and accents do not count.",
           true},
          run_search),
      declare<delete_contact>(
          {"delete_contact", "Delete contact", category, scope::write, effect::remove,
           "Archives a contact; restore_contact brings it back within 30 days.", true},
          run_delete),
      declare<list_contacts_by_custom_field>(
          {"list_contacts_by_custom_field", "List contacts by custom field", category, scope::read,
           effect::read, "Lists contacts whose custom field has exactly this value, newest first.",
           true},
          run_list_by_custom_field),
      declare<restore_contact>(
          {"restore_contact", "Restore contact", category, scope::write, effect::update,
           "Brings back a contact that was deleted within the last 30 days.", true},
          run_restore),
  };
}

} // namespace crm::tools
