// SPDX-License-Identifier: Apache-2.0
#include "storage/companies.hpp"

#include "protocol/text_format.hpp"

#include <array>

namespace crm::storage {

namespace {

std::vector<column_value> columns(const json& doc) {
  column_value domain = text_column(doc, "domain");
  if (auto* text = std::get_if<std::string>(&domain))
    *text = normal_domain(*text);
  return {text_column_or_empty(doc, "industry"), std::move(domain)};
}

constexpr std::array<tally_facet, 1> facets{{{"industry", 0}}};

search_text text(const json& doc) {
  search_text found;
  for (const std::string_view member : {"name", "domain"})
    append_texts(found.title, doc, member);
  for (const std::string_view member :
       {"industry", "size", "website", "phone", "address", "description", "tags", "notes"})
    append_texts(found.body, doc, member);
  append_phone(found.body, doc);
  return found;
}

constexpr std::string_view select_company =
    "select seq, doc, version, archived_at from companies where id = ?";

constexpr std::string_view select_company_at =
    "select id, doc, version, archived_at from companies where seq = ?";

constexpr std::string_view archived_companies_with =
    "select seq from companies indexed by companies_live"
    " where archived_at is not null and json_type(doc, ?1) is not null";

constexpr std::string_view insert_company =
    "insert into companies (id, version, archived_at, doc, industry, domain)"
    " values (?1, ?2, ?3, ?4, ?5, ?6)";

constexpr std::string_view update_company =
    "update companies set version = ?2, archived_at = ?3, doc = ?4, industry = ?5, domain = ?6"
    " where id = ?1";

constexpr std::string_view index_company =
    "insert into companies_text (rowid, title, body) values (?, ?, ?)";

constexpr std::string_view unindex_company =
    "insert into companies_text (companies_text, rowid, title, body) values ('delete', ?, ?, ?)";

constexpr std::string_view merge_company_texts =
    "insert into companies_text (companies_text, rank) values ('merge', ?)";

constexpr std::string_view match_companies =
    "select rowid, steady_rank(companies_text) from companies_text where companies_text match ?1";

constexpr std::string_view select_company_doc = "select doc from companies where seq = ?";

constexpr std::string_view list_all =
    "select seq, doc from companies indexed by companies_live"
    " where archived_at is null and seq < ?1 order by seq desc limit ?2";

constexpr std::string_view count_all =
    "select n from tallies where entity = 'company' and facet = '' and value = ''";

constexpr std::string_view list_by_industry =
    "select seq, doc from companies indexed by companies_by_industry"
    " where archived_at is null and seq < ?1 and industry = ?3 order by seq desc limit ?2";

constexpr std::string_view count_by_industry =
    "select n from tallies where entity = 'company' and facet = 'industry' and value = ?1";

} // namespace

const entity_kind company_kind{
    .name = "company",
    .id_prefix = "com_",
    .select_sql = select_company,
    .insert_sql = insert_company,
    .update_sql = update_company,
    .columns = columns,
    .text = text,
    .text_index = {index_company, unindex_company, merge_company_texts},
    .custom_member = "customFields",
    .select_at_sql = select_company_at,
    .archived_with_sql = archived_companies_with,
    .tallied_by = facets,
};

const search_sql company_search{"company", match_companies, select_company_doc, upkeep::mended};

result<page> list_companies(shard& data, const std::optional<std::string>& industry,
                            const page_request& request) {
  if (industry)
    return read_page(data, request, list_by_industry, count_by_industry, *industry);
  return read_page(data, request, list_all, count_all);
}

constexpr std::string_view select_by_domain =
    "select id from companies indexed by companies_by_domain"
    " where archived_at is null and domain = ?1 and id <> ?2 order by seq limit 5";

result<std::vector<std::string>> companies_with_domain(shard& data, std::string_view domain,
                                                       std::string_view except_id) {
  std::vector<std::string> ids;
  CRM_TRY(data.db().each(
      select_by_domain,
      [&](row r) {
        ids.emplace_back(r.text(0));
        return true;
      },
      normal_domain(domain), except_id));
  return ids;
}

} // namespace crm::storage
