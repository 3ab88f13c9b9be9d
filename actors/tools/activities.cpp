// SPDX-License-Identifier: Apache-2.0
#include "storage/activities.hpp"

#include "actors/tools/catalogue.hpp"
#include "actors/tools/paging.hpp"
#include "actors/tools/periods.hpp"
#include "actors/tools/records.hpp"
#include "actors/tools/room.hpp"
#include "storage/companies.hpp"
#include "storage/contacts.hpp"
#include "storage/deals.hpp"

namespace crm::tools {

namespace {

constexpr std::string_view category = "Activities";
const record_family activities{storage::activity_kind, "activityId"};

struct create_activity {
  std::string type;
  std::string subject;
  std::optional<std::string> description;
  std::optional<std::string> contact_id;
  std::optional<std::string> deal_id;
  std::optional<std::string> company_id;
  std::optional<timestamp> occurred_at;
  std::optional<timestamp> due_at;
  std::optional<json_object> custom_fields;

  static constexpr auto input = fields(
      field{"type", &create_activity::type}.one_of(activity_types),
      field{"subject", &create_activity::subject}.length(1, 500),
      field{"description", &create_activity::description}.length(0, 10'000),
      field{"contactId", &create_activity::contact_id}, field{"dealId", &create_activity::deal_id},
      field{"companyId", &create_activity::company_id},
      field{"occurredAt", &create_activity::occurred_at, "Unix ms; now if left out."},
      field{"dueAt", &create_activity::due_at, "Unix ms."},
      field{"customFields", &create_activity::custom_fields});
};

result<tool_reply> run_create(tool_context& context, const create_activity& in) {
  CRM_TRY(require_room(context, storage::resource::activities));
  CRM_TRY(require_reference(context, storage::contact_kind, "contactId", in.contact_id));
  CRM_TRY(require_reference(context, storage::deal_kind, "dealId", in.deal_id));
  CRM_TRY(require_reference(context, storage::company_kind, "companyId", in.company_id));
  json fields = json::object();
  write_members(fields, in);
  if (!in.occurred_at)
    fields["occurredAt"] = context.now_ms();
  const auto created = create_record(context, activities, std::move(fields));
  if (!created)
    return created.error();
  return answer_record(*created);
}

struct get_activity {
  std::string id;
  static constexpr auto input = fields(field{"activityId", &get_activity::id}.length(1));
};

result<tool_reply> run_get(tool_context& context, const get_activity& in) {
  return read_one(context, activities, in.id);
}

struct update_activity {
  std::string id;
  patch<std::string> description;
  patch<timestamp> due_at;
  patch<timestamp> completed_at;
  patch<json_object> custom_fields;
  std::optional<std::int64_t> expected_version;

  static constexpr auto input =
      fields(field{"activityId", &update_activity::id}.length(1),
             field{"description", &update_activity::description}.length(0, 10'000),
             field{"dueAt", &update_activity::due_at, "Unix ms."},
             field{"completedAt", &update_activity::completed_at, "Unix ms."},
             field{"customFields", &update_activity::custom_fields},
             expected_version_field(&update_activity::expected_version));
};

result<tool_reply> run_update(tool_context& context, const update_activity& in) {
  const auto before = open_for_change(context, activities, in.id, in.expected_version);
  if (!before)
    return before.error();
  return update_record(context, activities, *before, in);
}

struct list_activities {
  std::optional<std::string> contact_id;
  std::optional<std::string> deal_id;
  std::optional<std::string> company_id;
  std::int64_t limit;
  std::optional<std::string> cursor;

  static constexpr auto input = fields(
      field{"contactId", &list_activities::contact_id}, field{"dealId", &list_activities::deal_id},
      field{"companyId", &list_activities::company_id},
      limit_field(&list_activities::limit, 20, 100), cursor_field(&list_activities::cursor));
};

result<tool_reply> run_list(tool_context& context, const list_activities& in) {
  const auto request = page_requested(context, in.limit, in.cursor);
  if (!request)
    return request.error();
  return answer_page(
      context,
      storage::list_activities(context.data, {in.contact_id, in.deal_id, in.company_id}, *request),
      applied_filters(in));
}

struct list_activities_by_type {
  std::string type;
  std::optional<timestamp> since;
  std::optional<timestamp> until;
  std::int64_t limit;
  std::optional<std::string> cursor;

  static constexpr auto input = fields(
      field{"type", &list_activities_by_type::type}.one_of(activity_types),
      since_field(&list_activities_by_type::since), until_field(&list_activities_by_type::until),
      limit_field(&list_activities_by_type::limit, 20, 100),
      cursor_field(&list_activities_by_type::cursor));
};

result<tool_reply> run_list_by_type(tool_context& context, const list_activities_by_type& in) {
  const auto request = page_requested(context, in.limit, in.cursor);
  if (!request)
    return request.error();
  const auto when = period_asked(in.since, in.until);
  if (!when)
    return when.error();
  return answer_page(context,
                     storage::list_activities_by_type(context.data, in.type, *when, *request),
                     applied_filters(in));
}

} // namespace

std::vector<tool> activity_tools() {
  return {
      declare<create_activity>(
          {"create_activity", "Log activity", category, scope::write, effect::create,
           "Logs a call, email, meeting or note, or adds a task (set dueAt). Type and subject can "
           "never change: an audit trail.",
           true},
          run_create),
      declare<get_activity>({"get_activity", "Get activity", category, scope::read, effect::read,
                             "Reads one activity by id.", true},
                            run_get),
      declare<update_activity>(
          {"update_activity", "Update activity", category, scope::write, effect::update,
           "Sets description, dueAt, completedAt or customFields; null clears one. Type and "
           "subject cannot change.",
           true},
          run_update),
      declare<list_activities>(
          {"list_activities", "List activities", category, scope::read, effect::read,
           "Lists activities, newest first, of a contact, deal or company if given.", true},
          run_list),
      declare<list_activities_by_type>(
          {"list_activities_by_type", "List activities by type", category, scope::read,
           effect::read,
           "Lists activities of one type that occurred in [since, until), latest first.", true},
          run_list_by_type),
  };
}

} // namespace crm::tools
