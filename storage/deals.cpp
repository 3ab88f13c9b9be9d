// SPDX-License-Identifier: Apache-2.0
#include "storage/deals.hpp"

#include <array>

namespace crm::storage {

namespace {

std::vector<column_value> columns(const json& doc) {
  return {text_column(doc, "stage"),
          text_column(doc, "contactId"),
          text_column(doc, "companyId"),
          real_column(doc, "value"),
          text_column(doc, "currency"),
          real_column(doc, "probability"),
          integer_column(doc, "expectedCloseDate"),
          integer_column(doc, "closedAt")};
}

constexpr std::array<tally_facet, 3> facets{{{"stage", 0}, {"contactId", 1}, {"companyId", 2}}};

search_text text(const json& doc) {
  search_text found;
  append_texts(found.title, doc, "title");
  for (const std::string_view member : {"stage", "currency", "description", "tags"})
    append_texts(found.body, doc, member);
  return found;
}

constexpr std::string_view select_deal =
    "select seq, doc, version, archived_at from deals where id = ?";

constexpr std::string_view select_deal_at =
    "select id, doc, version, archived_at from deals where seq = ?";

constexpr std::string_view archived_deals_with =
    "select seq from deals indexed by deals_live"
    " where archived_at is not null and json_type(doc, ?1) is not null";

constexpr std::string_view insert_deal =
    "insert into deals (id, version, archived_at, doc, stage, contact_id, company_id, value,"
    " currency, probability, expected_close_at, closed_at)"
    " values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";

constexpr std::string_view update_deal =
    "update deals set version = ?2, archived_at = ?3, doc = ?4, stage = ?5, contact_id = ?6,"
    " company_id = ?7, value = ?8, currency = ?9, probability = ?10, expected_close_at = ?11,"
    " closed_at = ?12 where id = ?1";

constexpr std::string_view index_deal =
    "insert into deals_text (rowid, title, body) values (?, ?, ?)";

constexpr std::string_view unindex_deal =
    "insert into deals_text (deals_text, rowid, title, body) values ('delete', ?, ?, ?)";

constexpr std::string_view merge_deal_texts =
    "insert into deals_text (deals_text, rank) values ('merge', ?)";

constexpr std::string_view match_deals =
    "select rowid, steady_rank(deals_text) from deals_text where deals_text match ?1";

constexpr std::string_view select_deal_doc = "select doc from deals where seq = ?";

constexpr std::string_view enter_stage =
    "insert into stage_entries (deal, change, stage, entered_at, live)"
    " select d.seq, c.seq, d.stage, c.at, d.archived_at is null"
    " from changes c join deals d on d.id = c.entity_id"
    " where c.seq = ?1 and d.stage is not ("
    "select e.stage from stage_entries e where e.deal = d.seq order by e.change desc limit 1)";

/// A deal that stands in another stage than before has entered it.
result<void> follow_stage(shard& data, std::int64_t change) {
  return data.db().run(enter_stage, change);
}

constexpr std::string_view list_all =
    "select seq, doc from deals indexed by deals_live"
    " where archived_at is null and seq < ?1 order by seq desc limit ?2";

constexpr std::string_view count_all =
    "select n from tallies where entity = 'deal' and facet = '' and value = ''";

constexpr std::string_view list_by_stage =
    "select seq, doc from deals indexed by deals_by_stage"
    " where archived_at is null and seq < ?1 and stage = ?3 order by seq desc limit ?2";

constexpr std::string_view count_by_stage =
    "select n from tallies where entity = 'deal' and facet = 'stage' and value = ?1";

constexpr std::string_view list_by_contact =
    "select seq, doc from deals indexed by deals_by_contact"
    " where archived_at is null and seq < ?1 and contact_id = ?3 order by seq desc limit ?2";

constexpr std::string_view count_by_contact =
    "select n from tallies where entity = 'deal' and facet = 'contactId' and value = ?1";

// One contact has few deals; the further filters look at each of them.
constexpr std::string_view list_by_contact_and_more =
    "select seq, doc from deals indexed by deals_by_contact"
    " where archived_at is null and seq < ?1 and contact_id = ?3"
    " and (?4 is null or company_id = ?4) and (?5 is null or stage = ?5)"
    " order by seq desc limit ?2";

constexpr std::string_view count_by_contact_and_more =
    "select count(*) from deals indexed by deals_by_contact_and_company"
    " where archived_at is null and contact_id = ?1"
    " and (?2 is null or company_id = ?2) and (?3 is null or stage = ?3)";

constexpr std::string_view list_by_company =
    "select seq, doc from deals indexed by deals_by_company"
    " where archived_at is null and seq < ?1 and company_id = ?3 order by seq desc limit ?2";

constexpr std::string_view count_by_company =
    "select n from tallies where entity = 'deal' and facet = 'companyId' and value = ?1";

constexpr std::string_view list_by_company_and_stage =
    "select seq, doc from deals indexed by deals_by_company_and_stage"
    " where archived_at is null and seq < ?1 and company_id = ?3 and stage = ?4"
    " order by seq desc limit ?2";

constexpr std::string_view count_by_company_and_stage =
    "select count(*) from deals indexed by deals_by_company_and_stage"
    " where archived_at is null and company_id = ?1 and stage = ?2";

stage_outcome outcome_of(std::string_view text) {
  if (text == "won")
    return stage_outcome::won;
  return text == "lost" ? stage_outcome::lost : stage_outcome::open;
}

} // namespace

const entity_kind deal_kind{
    .name = "deal",
    .id_prefix = "deal_",
    .select_sql = select_deal,
    .insert_sql = insert_deal,
    .update_sql = update_deal,
    .columns = columns,
    .text = text,
    .text_index = {index_deal, unindex_deal, merge_deal_texts},
    .custom_member = "customFields",
    .select_at_sql = select_deal_at,
    .archived_with_sql = archived_deals_with,
    .tallied_by = facets,
    .follow = follow_stage,
};

const search_sql deal_search{"deal", match_deals, select_deal_doc, upkeep::mended};

result<page> list_deals(shard& data, const deal_filter& filter, const page_request& request) {
  if (filter.contact_id && (filter.company_id || filter.stage))
    return read_page(data, request, list_by_contact_and_more, count_by_contact_and_more,
                     *filter.contact_id, filter.company_id, filter.stage);
  if (filter.contact_id)
    return read_page(data, request, list_by_contact, count_by_contact, *filter.contact_id);
  if (filter.company_id && filter.stage)
    return read_page(data, request, list_by_company_and_stage, count_by_company_and_stage,
                     *filter.company_id, *filter.stage);
  if (filter.company_id)
    return read_page(data, request, list_by_company, count_by_company, *filter.company_id);
  if (filter.stage)
    return read_page(data, request, list_by_stage, count_by_stage, *filter.stage);
  return read_page(data, request, list_all, count_all);
}

constexpr std::string_view select_stages =
    "select name, probability, outcome from stages order by position";

result<std::vector<stage>> list_stages(shard& data) {
  std::vector<stage> stages;
  CRM_TRY(data.db().each(select_stages, [&](row r) {
    stages.push_back({std::string{r.text(0)}, r.real(1), outcome_of(r.text(2))});
    return true;
  }));
  return stages;
}

} // namespace crm::storage
