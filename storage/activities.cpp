// SPDX-License-Identifier: Apache-2.0
#include "storage/activities.hpp"

#include "storage/analytics.hpp"

#include <array>

namespace crm::storage {

namespace {

std::vector<column_value> columns(const json& doc) {
  return {text_column(doc, "type"),      text_column(doc, "contactId"),
          text_column(doc, "dealId"),    text_column(doc, "companyId"),
          text_column(doc, "createdBy"), integer_column(doc, "occurredAt"),
          integer_column(doc, "dueAt"),  integer_column(doc, "completedAt")};
}

constexpr std::array<tally_facet, 4> facets{
    {{"type", 0}, {"contactId", 1}, {"dealId", 2}, {"companyId", 3}}};

constexpr std::string_view select_activity =
    "select seq, doc, version, archived_at from activities where id = ?";

constexpr std::string_view select_activity_at =
    "select id, doc, version, archived_at from activities where seq = ?";

constexpr std::string_view insert_activity =
    "insert into activities (id, version, archived_at, doc, type, contact_id, deal_id, company_id,"
    " owner, occurred_at, due_at, completed_at)"
    " values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";

constexpr std::string_view update_activity =
    "update activities set version = ?2, archived_at = ?3, doc = ?4, type = ?5, contact_id = ?6,"
    " deal_id = ?7, company_id = ?8, owner = ?9, occurred_at = ?10, due_at = ?11,"
    " completed_at = ?12 where id = ?1";

constexpr std::string_view list_all =
    "select seq, doc from activities where seq < ?1 order by seq desc limit ?2";

constexpr std::string_view count_all =
    "select n from tallies where entity = 'activity' and facet = '' and value = ''";

constexpr std::string_view list_by_contact =
    "select seq, doc from activities indexed by activities_by_contact"
    " where seq < ?1 and contact_id = ?3 order by seq desc limit ?2";

constexpr std::string_view count_by_contact =
    "select n from tallies where entity = 'activity' and facet = 'contactId' and value = ?1";

constexpr std::string_view list_by_deal =
    "select seq, doc from activities indexed by activities_by_deal"
    " where seq < ?1 and deal_id = ?3 order by seq desc limit ?2";

constexpr std::string_view count_by_deal =
    "select n from tallies where entity = 'activity' and facet = 'dealId' and value = ?1";

// One deal, or one contact, has few activities; the further filters look at each of them.
constexpr std::string_view list_by_deal_and_more =
    "select seq, doc from activities indexed by activities_by_deal"
    " where seq < ?1 and deal_id = ?3"
    " and (?4 is null or contact_id = ?4) and (?5 is null or company_id = ?5)"
    " order by seq desc limit ?2";

constexpr std::string_view count_by_deal_and_more =
    "select count(*) from activities indexed by activities_by_deal where deal_id = ?1"
    " and (?2 is null or contact_id = ?2) and (?3 is null or company_id = ?3)";

constexpr std::string_view list_by_contact_and_company =
    "select seq, doc from activities indexed by activities_by_contact"
    " where seq < ?1 and contact_id = ?3 and company_id = ?4 order by seq desc limit ?2";

constexpr std::string_view count_by_contact_and_company =
    "select count(*) from activities indexed by activities_by_contact"
    " where contact_id = ?1 and company_id = ?2";

constexpr std::string_view list_by_company =
    "select seq, doc from activities indexed by activities_by_company"
    " where seq < ?1 and company_id = ?3 order by seq desc limit ?2";

constexpr std::string_view count_by_company =
    "select n from tallies where entity = 'activity' and facet = 'companyId' and value = ?1";

} // namespace

const entity_kind activity_kind{
    .name = "activity",
    .id_prefix = "act_",
    .select_sql = select_activity,
    .insert_sql = insert_activity,
    .update_sql = update_activity,
    .columns = columns,
    .text = nullptr,
    .custom_member = "customFields",
    .select_at_sql = select_activity_at,
    .tallied_by = facets,
};

result<page> list_activities(shard& data, const activity_filter& filter,
                             const page_request& request) {
  if (filter.deal_id && (filter.contact_id || filter.company_id))
    return read_page(data, request, list_by_deal_and_more, count_by_deal_and_more, *filter.deal_id,
                     filter.contact_id, filter.company_id);
  if (filter.deal_id)
    return read_page(data, request, list_by_deal, count_by_deal, *filter.deal_id);
  if (filter.contact_id && filter.company_id)
    return read_page(data, request, list_by_contact_and_company, count_by_contact_and_company,
                     *filter.contact_id, *filter.company_id);
  if (filter.contact_id)
    return read_page(data, request, list_by_contact, count_by_contact, *filter.contact_id);
  if (filter.company_id)
    return read_page(data, request, list_by_company, count_by_company, *filter.company_id);
  return read_page(data, request, list_all, count_all);
}

// The rank of a position carries occurred_at: milliseconds are exact in a double up to 2^53.
constexpr std::string_view list_by_type =
    "select seq, doc, occurred_at from activities indexed by activities_by_type"
    " where type = ?1 and occurred_at >= ?2 and occurred_at < ?3"
    " and (occurred_at, seq) < (?4, ?5) order by occurred_at desc, seq desc limit ?6";

result<page> list_activities_by_type(shard& data, std::string_view type, const period& when,
                                     const page_request& request) {
  const auto latest = std::numeric_limits<std::int64_t>::max();
  const std::int64_t before_time =
      request.after ? static_cast<std::int64_t>(request.after->rank) : latest;
  const std::int64_t before_seq = request.after ? request.after->seq : latest;
  page_builder builder{request};
  CRM_TRY(data.db().each(
      list_by_type,
      [&](row r) {
        return builder.add(r.text(1), {static_cast<double>(r.integer(2)), r.integer(0)});
      },
      type, when.since, when.until, before_time, before_seq, request.limit + 1));
  const auto total = count_activities(data, type, std::nullopt, when);
  if (!total)
    return total.error();
  return builder.finish(*total);
}

} // namespace crm::storage
