// SPDX-License-Identifier: Apache-2.0
#include "storage/deals.hpp"

#include "actors/tools/catalogue.hpp"
#include "actors/tools/paging.hpp"
#include "actors/tools/records.hpp"
#include "actors/tools/room.hpp"
#include "actors/tools/stages.hpp"
#include "storage/companies.hpp"
#include "storage/contacts.hpp"

namespace crm::tools {

namespace {

constexpr std::string_view category = "Deals";
const record_family deals{storage::deal_kind, "dealId"};

/// Sums of money stay exact in decimal arithmetic below this (a quadrillion).
constexpr double value_max = 1e15;

struct create_deal {
  std::string title;
  std::string stage;
  std::optional<double> value;
  std::string currency;
  std::optional<double> probability;
  std::optional<std::string> contact_id;
  std::optional<std::string> company_id;
  std::optional<timestamp> expected_close;
  std::optional<std::string> description;
  std::optional<std::vector<std::string>> tags;
  std::optional<json_object> custom_fields;

  static constexpr auto input = fields(
      field{"title", &create_deal::title}.length(1, 200).example(R"("Acme: 50 seats")"),
      field{"stage", &create_deal::stage}.length(1, 100).example(R"("qualified")"),
      field{"value", &create_deal::value}.range(0, value_max),
      field{"currency", &create_deal::currency}
          .length(3, 3)
          .format(text_format::currency)
          .by_default("USD"),
      field{"probability", &create_deal::probability}.range(0, 100),
      field{"contactId", &create_deal::contact_id}, field{"companyId", &create_deal::company_id},
      field{"expectedCloseDate", &create_deal::expected_close, "Unix ms."},
      field{"description", &create_deal::description}.length(0, 5'000),
      field{"tags", &create_deal::tags}.items(20),
      field{"customFields", &create_deal::custom_fields});
};

result<void> require_references(tool_context& context, const std::optional<std::string>& contact_id,
                                const std::optional<std::string>& company_id) {
  CRM_TRY(require_reference(context, storage::contact_kind, "contactId", contact_id));
  return require_reference(context, storage::company_kind, "companyId", company_id);
}

/// Currency codes are compared as they are shown: upper-case (ISO 4217).
std::string upper_case(std::string code) {
  for (char& c : code) {
    if (c >= 'a' && c <= 'z')
      c = static_cast<char>(c - 'a' + 'A');
  }
  return code;
}

result<tool_reply> run_create(tool_context& context, const create_deal& in) {
  CRM_TRY(require_room(context, storage::resource::deals));
  CRM_TRY(require_references(context, in.contact_id, in.company_id));
  const auto stage = stage_named(context, "stage", in.stage);
  if (!stage)
    return stage.error();
  json fields = json::object();
  write_members(fields, in);
  fields["currency"] = upper_case(in.currency);
  fields["stage"] = "";
  enter_stage(fields, *stage, in.probability, context.now_ms());
  const auto created = create_record(context, deals, std::move(fields));
  if (!created)
    return created.error();
  return answer_record(*created);
}

struct get_deal {
  std::string id;
  static constexpr auto input = fields(field{"dealId", &get_deal::id}.length(1));
};

result<tool_reply> run_get(tool_context& context, const get_deal& in) {
  return read_one(context, deals, in.id);
}

struct update_deal {
  std::string id;
  std::optional<std::string> title;
  std::optional<std::string> stage;
  patch<double> value;
  std::optional<double> probability;
  patch<std::string> contact_id;
  patch<std::string> company_id;
  patch<timestamp> expected_close;
  patch<std::string> description;
  patch<std::vector<std::string>> tags;
  patch<json_object> custom_fields;
  std::optional<std::int64_t> expected_version;

  static constexpr auto input = fields(
      field{"dealId", &update_deal::id}.length(1),
      field{"title", &update_deal::title}.length(1, 200), field{"stage", &update_deal::stage},
      field{"value", &update_deal::value}.range(0, value_max),
      field{"probability", &update_deal::probability}.range(0, 100),
      field{"contactId", &update_deal::contact_id}, field{"companyId", &update_deal::company_id},
      field{"expectedCloseDate", &update_deal::expected_close, "Unix ms."},
      field{"description", &update_deal::description}.length(0, 5'000),
      field{"tags", &update_deal::tags}.items(20),
      field{"customFields", &update_deal::custom_fields},
      expected_version_field(&update_deal::expected_version));
};

result<tool_reply> run_update(tool_context& context, const update_deal& in) {
  const auto before = open_for_change(context, deals, in.id, in.expected_version);
  if (!before)
    return before.error();
  CRM_TRY(require_references(context, in.contact_id.value, in.company_id.value));
  json given = json::object();
  write_members(given, in);
  given.erase("stage");
  given.erase("probability");
  json doc = storage::document_of(*before);
  CRM_TRY(merge_arguments(context, deals, *before, doc, std::move(given)));
  const auto stage = stage_named(context, "stage", in.stage.value_or(doc.at("stage")));
  if (!stage)
    return stage.error();
  enter_stage(doc, *stage, in.probability, context.now_ms());
  return store_change(context, deals, *before, std::move(doc));
}

struct list_deals {
  std::optional<std::string> stage;
  std::optional<std::string> contact_id;
  std::optional<std::string> company_id;
  std::int64_t limit;
  std::optional<std::string> cursor;

  static constexpr auto input =
      fields(field{"stage", &list_deals::stage}, field{"contactId", &list_deals::contact_id},
             field{"companyId", &list_deals::company_id}, limit_field(&list_deals::limit, 20, 100),
             cursor_field(&list_deals::cursor));
};

result<tool_reply> run_list(tool_context& context, const list_deals& in) {
  const auto request = page_requested(context, in.limit, in.cursor);
  if (!request)
    return request.error();
  list_deals understood = in;
  if (in.stage) {
    auto stage = stage_named(context, "stage", *in.stage);
    if (!stage)
      return std::move(stage).error();
    understood.stage = stage->name;
  }
  return answer_page(
      context,
      storage::list_deals(
          context.data, {understood.stage, understood.contact_id, understood.company_id}, *request),
      applied_filters(understood));
}

struct search_deals {
  std::string query;
  std::int64_t limit;
  std::optional<std::string> cursor;

  static constexpr auto input =
      fields(field{"query", &search_deals::query}.length(1, 200).example(R"("renewal ac")"),
             limit_field(&search_deals::limit, 10, 50), cursor_field(&search_deals::cursor));
};

result<tool_reply> run_search(tool_context& context, const search_deals& in) {
  const auto request = page_requested(context, in.limit, in.cursor);
  if (!request)
    return request.error();
  return answer_page(context,
                     storage::search(context.data, storage::deal_search, in.query, *request),
                     applied_filters(in));
}

struct delete_deal {
  std::string id;
  std::optional<std::int64_t> expected_version;

  static constexpr auto input = fields(field{"dealId", &delete_deal::id}.length(1),
                                       expected_version_field(&delete_deal::expected_version));
};

result<tool_reply> run_delete(tool_context& context, const delete_deal& in) {
  return archive_one(context, deals, in.id, in.expected_version);
}

struct move_deal_stage {
  std::string id;
  std::string new_stage;
  std::optional<double> probability;
  std::optional<std::int64_t> expected_version;

  static constexpr auto input = fields(
      field{"dealId", &move_deal_stage::id}.length(1),
      field{"newStage", &move_deal_stage::new_stage}.length(1).example(R"("proposal")"),
      field{"probability", &move_deal_stage::probability, "Instead of the stage's."}.range(0, 100),
      expected_version_field(&move_deal_stage::expected_version));
};

result<tool_reply> run_move(tool_context& context, const move_deal_stage& in) {
  const auto before = open_for_change(context, deals, in.id, in.expected_version);
  if (!before)
    return before.error();
  const auto stage = stage_named(context, "newStage", in.new_stage);
  if (!stage)
    return stage.error();
  json doc = storage::document_of(*before);
  enter_stage(doc, *stage, in.probability, context.now_ms());
  return store_change(context, deals, *before, std::move(doc));
}

} // namespace

std::vector<tool> deal_tools() {
  return {
      declare<create_deal>(
          {"create_deal", "Create deal", category, scope::write, effect::create,
           "Adds a deal (opportunity) in a stage: lead, qualified, proposal, negotiation, won or "
           "lost. Probability defaults to the stage's.",
           true},
          run_create),
      declare<get_deal>({"get_deal", "Get deal", category, scope::read, effect::read,
                         "Reads one deal by id, archived or not.", true},
                        run_get),
      declare<update_deal>(
          {"update_deal", "Update deal", category, scope::write, effect::update,
           "Sets the given fields of a deal; null clears an optional one. For the stage alone use "
           "move_deal_stage.",
           true},
          run_update),
      declare<list_deals>({"list_deals", "List deals", category, scope::read, effect::read,
                           "Lists deals, newest first. For words use search_deals.", true},
                          run_list),
      declare<search_deals>(
          {"search_deals", "Search deals", category, scope::read, effect::read,
           "Full-text search over all deal texts and tags, best match first; the last word may be "
           "a beginning.",
           true},
          run_search),
      declare<delete_deal>({"delete_deal", "Delete deal", category, scope::write, effect::remove,
                            "Archives a deal: lists, searches and analytics leave it out.", true},
                           run_delete),
      declare<move_deal_stage>(
          {"move_deal_stage", "Move deal to stage", category, scope::write, effect::update,
           "Moves a deal to another stage and sets that stage's probability, or the given one; "
           "won and lost close the deal."},
          run_move),
      forecast_pipeline(),
  };
}

} // namespace crm::tools
