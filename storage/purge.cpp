// SPDX-License-Identifier: Apache-2.0
#include "storage/purge.hpp"

#include "storage/companies.hpp"
#include "storage/contacts.hpp"
#include "storage/custom_records.hpp"
#include "storage/deals.hpp"

#include <array>

namespace crm::storage {

namespace {

constexpr std::string_view select_contacts =
    "select seq, id from contacts indexed by contacts_live where archived_at <= ?1"
    " order by archived_at, seq limit ?2";
constexpr std::string_view count_contacts =
    "select count(*) from contacts indexed by contacts_live where archived_at <= ?1";
constexpr std::string_view remove_contact = "delete from contacts where seq = ?1";
constexpr std::string_view compact_contacts =
    "insert into contacts_text (contacts_text) values ('optimize')";

constexpr std::string_view select_companies =
    "select seq, id from companies indexed by companies_live where archived_at <= ?1"
    " order by archived_at, seq limit ?2";
constexpr std::string_view count_companies =
    "select count(*) from companies indexed by companies_live where archived_at <= ?1";
constexpr std::string_view remove_company = "delete from companies where seq = ?1";
constexpr std::string_view compact_companies =
    "insert into companies_text (companies_text) values ('optimize')";

constexpr std::string_view select_deals =
    "select seq, id from deals indexed by deals_live where archived_at <= ?1"
    " order by archived_at, seq limit ?2";
constexpr std::string_view count_deals =
    "select count(*) from deals indexed by deals_live where archived_at <= ?1";
constexpr std::string_view remove_deal = "delete from deals where seq = ?1";
constexpr std::string_view compact_deals =
    "insert into deals_text (deals_text) values ('optimize')";

constexpr std::string_view select_records =
    "select seq, id from records indexed by records_live where archived_at <= ?1"
    " order by archived_at, seq limit ?2";
constexpr std::string_view count_records =
    "select count(*) from records indexed by records_live where archived_at <= ?1";
constexpr std::string_view remove_record = "delete from records where seq = ?1";
constexpr std::string_view compact_records =
    "insert into records_text (records_text) values ('optimize')";

// The text index and the look-up of custom values forget a record when it is archived; what a
// removed entry leaves in the text index goes with the next merge of its segments.
constexpr std::string_view erase_images =
    "update images set before = null, after = null"
    " where (before is not null or after is not null)"
    " and seq in (select seq from changes indexed by changes_by_entity where entity_id = ?1)";

} // namespace

std::span<const purge_sql> purgeable_kinds() {
  static const std::array<purge_sql, 4> kinds{{
      {"contact", contact_kind, select_contacts, count_contacts, remove_contact, compact_contacts},
      {"company", company_kind, select_companies, count_companies, remove_company,
       compact_companies},
      {"deal", deal_kind, select_deals, count_deals, remove_deal, compact_deals},
      {"custom_object_record", custom_record_kind, select_records, count_records, remove_record,
       compact_records},
  }};
  return kinds;
}

result<std::int64_t> count_purgeable(shard& data, const purge_sql& sql,
                                     std::int64_t archived_until_ms) {
  std::int64_t count = 0;
  const auto counted = data.db().first(
      sql.count, [&](row r) { count = r.integer(0); }, archived_until_ms);
  if (!counted)
    return counted.error();
  return count;
}

result<purge_outcome> purge(shard& data, const purge_sql& sql, std::int64_t archived_until_ms,
                            std::int64_t records_max, const change_origin& origin,
                            const progress_listener& progress) {
  CRM_TRY(data.index_texts());
  std::vector<std::pair<std::int64_t, std::string>> found;
  CRM_TRY(data.db().each(
      sql.select,
      [&](row r) {
        found.emplace_back(r.integer(0), r.text(1));
        return true;
      },
      archived_until_ms, records_max));
  purge_outcome outcome;
  for (const auto& [seq, id] : found) {
    CRM_TRY(data.db().run(sql.remove, seq));
    const std::int64_t changed_before = data.db().rows_changed();
    CRM_TRY(data.db().run(erase_images, id));
    outcome.erased_changes += data.db().rows_changed() - changed_before;
    const auto logged =
        data.log().append(data.db(), {sql.kind.name, id, "purged", nullptr, nullptr}, origin);
    if (!logged)
      return logged.error();
    ++outcome.purged;
    if (progress)
      progress(outcome.purged, static_cast<std::int64_t>(found.size()));
  }
  const auto counted = count_purgeable(data, sql, archived_until_ms);
  if (!counted)
    return counted.error();
  outcome.remaining = *counted;
  if (outcome.purged > 0 && outcome.remaining == 0 && !sql.compact.empty())
    CRM_TRY(data.db().run(sql.compact));
  return outcome;
}

} // namespace crm::storage
