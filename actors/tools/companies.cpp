// SPDX-License-Identifier: Apache-2.0
#include "storage/companies.hpp"

#include "actors/tools/catalogue.hpp"
#include "actors/tools/paging.hpp"
#include "actors/tools/records.hpp"
#include "actors/tools/room.hpp"

#include <array>

namespace crm::tools {

namespace {

constexpr std::string_view category = "Companies";
constexpr std::array<std::string_view, 5> company_sizes{"1-10", "11-50", "51-200", "201-1000",
                                                        "1000+"};
const record_family companies{storage::company_kind, "companyId"};

struct create_company {
  std::string name;
  std::optional<std::string> domain;
  std::optional<std::string> industry;
  std::optional<std::string> size;
  std::optional<std::string> website;
  std::optional<std::string> phone;
  std::optional<std::string> address;
  std::optional<std::string> description;
  std::optional<std::vector<std::string>> tags;
  std::optional<std::string> notes;
  std::optional<json_object> custom_fields;

  static constexpr auto input =
      fields(field{"name", &create_company::name}.length(1, 200).example(R"("Acme GmbH")"),
             field{"domain", &create_company::domain}.length(0, 200).example(R"("acme.example")"),
             field{"industry", &create_company::industry}.length(0, 100),
             field{"size", &create_company::size}.one_of(company_sizes),
             field{"website", &create_company::website}.format(text_format::url),
             field{"phone", &create_company::phone}.length(0, 30),
             field{"address", &create_company::address}.length(0, 500),
             field{"description", &create_company::description}.length(0, 5'000),
             field{"tags", &create_company::tags}.items(20),
             field{"notes", &create_company::notes}.length(0, 5'000),
             field{"customFields", &create_company::custom_fields});
};

/// Names the live companies that are likely the same organisation.
result<std::vector<warning>> twins_of(tool_context& context, const storage::record& stored,
                                      const std::optional<std::string>& domain) {
  if (!domain || domain->empty())
    return std::vector<warning>{};
  auto ids = storage::companies_with_domain(context.data, *domain, stored.id);
  if (!ids)
    return std::move(ids).error();
  if (ids->empty())
    return std::vector<warning>{};
  return std::vector<warning>{
      {"POSSIBLE_DUPLICATE",
       "other companies have the domain " + *domain + ": compare them before you go on with two",
       *std::move(ids)}};
}

result<tool_reply> run_create(tool_context& context, const create_company& in) {
  CRM_TRY(require_room(context, storage::resource::companies));
  json fields = json::object();
  write_members(fields, in);
  const auto created = create_record(context, companies, std::move(fields));
  if (!created)
    return created.error();
  const auto twins = twins_of(context, *created, in.domain);
  if (!twins)
    return twins.error();
  return answer_record(*created, *twins);
}

struct get_company {
  std::string id;
  static constexpr auto input = fields(field{"companyId", &get_company::id}.length(1));
};

result<tool_reply> run_get(tool_context& context, const get_company& in) {
  return read_one(context, companies, in.id);
}

struct update_company {
  std::string id;
  std::optional<std::string> name;
  patch<std::string> domain;
  patch<std::string> industry;
  patch<std::string> size;
  patch<std::string> website;
  patch<std::string> phone;
  patch<std::string> address;
  patch<std::string> description;
  patch<std::vector<std::string>> tags;
  patch<std::string> notes;
  patch<json_object> custom_fields;
  std::optional<std::int64_t> expected_version;

  static constexpr auto input =
      fields(field{"companyId", &update_company::id}.length(1),
             field{"name", &update_company::name}.length(1, 200),
             field{"domain", &update_company::domain}.length(0, 200),
             field{"industry", &update_company::industry}.length(0, 100),
             field{"size", &update_company::size}.one_of(company_sizes),
             field{"website", &update_company::website}.format(text_format::url),
             field{"phone", &update_company::phone}.length(0, 30),
             field{"address", &update_company::address}.length(0, 500),
             field{"description", &update_company::description}.length(0, 5'000),
             field{"tags", &update_company::tags}.items(20),
             field{"notes", &update_company::notes}.length(0, 5'000),
             field{"customFields", &update_company::custom_fields},
             expected_version_field(&update_company::expected_version));
};

result<tool_reply> run_update(tool_context& context, const update_company& in) {
  const auto before = open_for_change(context, companies, in.id, in.expected_version);
  if (!before)
    return before.error();
  return update_record(context, companies, *before, in);
}

struct list_companies {
  std::optional<std::string> industry;
  std::int64_t limit;
  std::optional<std::string> cursor;

  static constexpr auto input =
      fields(field{"industry", &list_companies::industry},
             limit_field(&list_companies::limit, 20, 100), cursor_field(&list_companies::cursor));
};

result<tool_reply> run_list(tool_context& context, const list_companies& in) {
  const auto request = page_requested(context, in.limit, in.cursor);
  if (!request)
    return request.error();
  return answer_page(context, storage::list_companies(context.data, in.industry, *request),
                     applied_filters(in));
}

struct search_companies {
  std::string query;
  std::int64_t limit;
  std::optional<std::string> cursor;

  static constexpr auto input = fields(
      field{"query", &search_companies::query}.length(1, 200).example(R"("acme ber")"),
      limit_field(&search_companies::limit, 10, 50), cursor_field(&search_companies::cursor));
};

result<tool_reply> run_search(tool_context& context, const search_companies& in) {
  const auto request = page_requested(context, in.limit, in.cursor);
  if (!request)
    return request.error();
  return answer_page(context,
                     storage::search(context.data, storage::company_search, in.query, *request),
                     applied_filters(in));
}

struct delete_company {
  std::string id;
  std::optional<std::int64_t> expected_version;

  static constexpr auto input = fields(field{"companyId", &delete_company::id}.length(1),
                                       expected_version_field(&delete_company::expected_version));
};

result<tool_reply> run_delete(tool_context& context, const delete_company& in) {
  return archive_one(context, companies, in.id, in.expected_version);
}

} // namespace

std::vector<tool> company_tools() {
  return {
      declare<create_company>(
          {"create_company", "Create company", category, scope::write, effect::create,
           "Adds an organisation (account). Search first: duplicates are allowed, and the answer "
           "warns of companies with the same domain.",
           true},
          run_create),
      declare<get_company>({"get_company", "Get company", category, scope::read, effect::read,
                            "Reads one company by id, archived or not.", true},
                           run_get),
      declare<update_company>(
          {"update_company", "Update company", category, scope::write, effect::update,
           "Sets the given fields of a company; null clears an optional one. customFields are "
           "merged by key.",
           true},
          run_update),
      declare<list_companies>(
          {"list_companies", "List companies", category, scope::read, effect::read,
           "Lists companies, newest first. For words use search_companies.", true},
          run_list),
      declare<search_companies>(
          {"search_companies", "Search companies", category, scope::read, effect::read,
           "Full-text search over all company texts, tags and notes, best match first; the last "
           "word may be a beginning.",
           true},
          run_search),
      declare<delete_company>(
          {"delete_company", "Delete company", category, scope::write, effect::remove,
           "Archives a company. Its contacts and deals stay and keep naming it.", true},
          run_delete),
  };
}

} // namespace crm::tools
