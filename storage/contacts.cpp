// SPDX-License-Identifier: Apache-2.0
#include "storage/contacts.hpp"

#include "protocol/text_format.hpp"

#include <array>

namespace crm::storage {

namespace {

std::vector<column_value> columns(const json& doc) {
  column_value email = text_column(doc, "email");
  if (auto* text = std::get_if<std::string>(&email))
    *text = normal_email(*text);
  return {text_column(doc, "type"), text_column(doc, "companyId"), std::move(email)};
}

constexpr std::array<tally_facet, 2> facets{{{"type", 0}, {"companyId", 1}}};

search_text text(const json& doc) {
  search_text found;
  for (const std::string_view member : {"firstName", "lastName", "email"})
    append_texts(found.title, doc, member);
  for (const std::string_view member :
       {"phone", "jobTitle", "source", "linkedinUrl", "tags", "notes"})
    append_texts(found.body, doc, member);
  append_phone(found.body, doc);
  return found;
}

constexpr std::string_view select_contact =
    "select seq, doc, version, archived_at from contacts where id = ?";

constexpr std::string_view select_contact_at =
    "select id, doc, version, archived_at from contacts where seq = ?";

constexpr std::string_view archived_contacts_with =
    "select seq from contacts indexed by contacts_live"
    " where archived_at is not null and json_type(doc, ?1) is not null";

constexpr std::string_view insert_contact =
    "insert into contacts (id, version, archived_at, doc, type, company_id, email)"
    " values (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

constexpr std::string_view update_contact =
    "update contacts set version = ?2, archived_at = ?3, doc = ?4, type = ?5, company_id = ?6,"
    " email = ?7 where id = ?1";

constexpr std::string_view index_contact =
    "insert into contacts_text (rowid, title, body) values (?, ?, ?)";

constexpr std::string_view unindex_contact =
    "insert into contacts_text (contacts_text, rowid, title, body) values ('delete', ?, ?, ?)";

constexpr std::string_view merge_contact_texts =
    "insert into contacts_text (contacts_text, rank) values ('merge', ?)";

constexpr std::string_view match_contacts =
    "select rowid, steady_rank(contacts_text) from contacts_text where contacts_text match ?1";

constexpr std::string_view select_contact_doc = "select doc from contacts where seq = ?";

constexpr std::string_view list_all =
    "select seq, doc from contacts indexed by contacts_live"
    " where archived_at is null and seq < ?1 order by seq desc limit ?2";

constexpr std::string_view count_all =
    "select n from tallies where entity = 'contact' and facet = '' and value = ''";

constexpr std::string_view list_by_type =
    "select seq, doc from contacts indexed by contacts_by_type"
    " where archived_at is null and seq < ?1 and type = ?3 order by seq desc limit ?2";

constexpr std::string_view count_by_type =
    "select n from tallies where entity = 'contact' and facet = 'type' and value = ?1";

constexpr std::string_view list_by_company =
    "select seq, doc from contacts indexed by contacts_by_company"
    " where archived_at is null and seq < ?1 and company_id = ?3 order by seq desc limit ?2";

constexpr std::string_view count_by_company =
    "select n from tallies where entity = 'contact' and facet = 'companyId' and value = ?1";

constexpr std::string_view list_by_company_and_type =
    "select seq, doc from contacts indexed by contacts_by_company_and_type"
    " where archived_at is null and seq < ?1 and company_id = ?3 and type = ?4"
    " order by seq desc limit ?2";

constexpr std::string_view count_by_company_and_type =
    "select count(*) from contacts indexed by contacts_by_company_and_type"
    " where archived_at is null and company_id = ?1 and type = ?2";

} // namespace

const entity_kind contact_kind{
    .name = "contact",
    .id_prefix = "con_",
    .select_sql = select_contact,
    .insert_sql = insert_contact,
    .update_sql = update_contact,
    .columns = columns,
    .text = text,
    .text_index = {index_contact, unindex_contact, merge_contact_texts},
    .custom_member = "customFields",
    .select_at_sql = select_contact_at,
    .archived_with_sql = archived_contacts_with,
    .tallied_by = facets,
};

const search_sql contact_search{"contact", match_contacts, select_contact_doc, upkeep::mended};

result<page> list_contacts(shard& data, const contact_filter& filter, const page_request& request) {
  if (filter.company_id && filter.type)
    return read_page(data, request, list_by_company_and_type, count_by_company_and_type,
                     *filter.company_id, *filter.type);
  if (filter.company_id)
    return read_page(data, request, list_by_company, count_by_company, *filter.company_id);
  if (filter.type)
    return read_page(data, request, list_by_type, count_by_type, *filter.type);
  return read_page(data, request, list_all, count_all);
}

constexpr std::string_view select_by_email =
    "select id from contacts indexed by contacts_by_email"
    " where archived_at is null and email = ?1 and id <> ?2 order by seq limit 5";

result<std::vector<std::string>> contacts_with_email(shard& data, std::string_view email,
                                                     std::string_view except_id) {
  std::vector<std::string> ids;
  CRM_TRY(data.db().each(
      select_by_email,
      [&](row r) {
        ids.emplace_back(r.text(0));
        return true;
      },
      normal_email(email), except_id));
  return ids;
}

} // namespace crm::storage
