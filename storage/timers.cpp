// SPDX-License-Identifier: Apache-2.0
#include "storage/timers.hpp"

#include "protocol/cron.hpp"
#include "protocol/template_text.hpp"
#include "storage/activities.hpp"
#include "storage/companies.hpp"
#include "storage/contacts.hpp"
#include "storage/custom_records.hpp"
#include "storage/deals.hpp"

#include <array>

namespace crm::storage {

namespace {

constexpr std::int64_t day_ms = 24LL * 60 * 60 * 1000;

constexpr std::string_view set_for_contacts =
    "insert into timers select ?1, id, cast(json_extract(doc, ?2) as integer) + ?3 from contacts"
    " where archived_at is null and typeof(json_extract(doc, ?2)) in ('integer', 'real')"
    " and json_extract(doc, ?2) + ?3 > ?4";

constexpr std::string_view set_for_companies =
    "insert into timers select ?1, id, cast(json_extract(doc, ?2) as integer) + ?3 from companies"
    " where archived_at is null and typeof(json_extract(doc, ?2)) in ('integer', 'real')"
    " and json_extract(doc, ?2) + ?3 > ?4";

constexpr std::string_view set_for_deals =
    "insert into timers select ?1, id, cast(json_extract(doc, ?2) as integer) + ?3 from deals"
    " where archived_at is null and typeof(json_extract(doc, ?2)) in ('integer', 'real')"
    " and json_extract(doc, ?2) + ?3 > ?4";

constexpr std::string_view set_for_activities =
    "insert into timers select ?1, id, cast(json_extract(doc, ?2) as integer) + ?3 from activities"
    " where archived_at is null and typeof(json_extract(doc, ?2)) in ('integer', 'real')"
    " and json_extract(doc, ?2) + ?3 > ?4";

constexpr std::string_view set_for_records =
    "insert into timers select ?1, id, cast(json_extract(doc, ?2) as integer) + ?3"
    " from records indexed by records_by_type"
    " where archived_at is null and object_type = ?5"
    " and typeof(json_extract(doc, ?2)) in ('integer', 'real')"
    " and json_extract(doc, ?2) + ?3 > ?4";

/// A kind of record whose dates can be reached.
struct dated_kind {
  const entity_kind& kind;
  std::string_view set_sql;
};

const std::array<dated_kind, 4>& dated_kinds() {
  static const std::array<dated_kind, 4> kinds{{
      {contact_kind, set_for_contacts},
      {company_kind, set_for_companies},
      {deal_kind, set_for_deals},
      {activity_kind, set_for_activities},
  }};
  return kinds;
}

const dated_kind* kind_named(std::string_view entity_type) {
  for (const dated_kind& each : dated_kinds()) {
    if (each.kind.name == entity_type)
      return &each;
  }
  return nullptr;
}

constexpr std::string_view upsert_timer =
    "insert into timers (workflow, record, due_at) values (?, ?, ?)"
    " on conflict do update set due_at = excluded.due_at";

constexpr std::string_view delete_timer = "delete from timers where workflow = ? and record = ?";

constexpr std::string_view delete_timers = "delete from timers where workflow = ?";

constexpr std::string_view select_due =
    "select workflow, record, due_at from timers indexed by timers_due where due_at <= ?"
    " order by due_at limit ?";

constexpr std::string_view select_next =
    "select due_at from timers indexed by timers_due order by due_at limit 1";

} // namespace

result<void> set_timers(shard& data, std::string_view workflow, const workflow::trigger& when,
                        std::int64_t now_ms) {
  if (when.kind == workflow::trigger_kind::schedule) {
    const auto times = cron_schedule::parse(when.cron, when.time_zone);
    if (!times)
      return times.error();
    return move_timer(data, workflow, "", times->next(now_ms));
  }
  if (when.kind != workflow::trigger_kind::date_reached)
    return {};
  const dated_kind* dated = kind_named(when.entity_type);
  const std::string path = "$." + when.fields.front();
  if (dated == nullptr)
    return data.db().run(set_for_records, workflow, path, when.offset_days * day_ms, now_ms,
                         when.entity_type);
  return data.db().run(dated->set_sql, workflow, path, when.offset_days * day_ms, now_ms);
}

result<void> clear_timers(shard& data, std::string_view workflow) {
  return data.db().run(delete_timers, workflow);
}

result<void> move_timer(shard& data, std::string_view workflow, std::string_view record,
                        std::optional<std::int64_t> due_at) {
  if (!due_at)
    return data.db().run(delete_timer, workflow, record);
  return data.db().run(upsert_timer, workflow, record, *due_at);
}

result<std::vector<timer>> due_timers(shard& data, std::int64_t now_ms, std::int64_t limit) {
  std::vector<timer> due;
  CRM_TRY(data.db().each(
      select_due,
      [&](row r) {
        due.push_back({std::string{r.text(0)}, std::string{r.text(1)}, r.integer(2)});
        return true;
      },
      now_ms, limit));
  return due;
}

result<std::optional<std::int64_t>> next_timer(shard& data) {
  std::optional<std::int64_t> at;
  const auto read = data.db().first(select_next, [&](row r) { at = r.integer(0); });
  if (!read)
    return read.error();
  return at;
}

std::optional<std::int64_t> date_due(const workflow::trigger& when, const json& doc) {
  const json* at = value_at(doc, when.fields.front());
  if (at == nullptr || !at->is_number())
    return std::nullopt;
  return static_cast<std::int64_t>(at->get<double>()) + when.offset_days * day_ms;
}

result<std::optional<std::string>> live_document(shard& data, std::string_view entity_type,
                                                 std::string_view id) {
  const dated_kind* dated = kind_named(entity_type);
  auto found = find(data, dated == nullptr ? custom_record_kind : dated->kind, id, "record");
  if (!found && found.error().code != error_code::not_found)
    return std::move(found).error();
  if (!found || found->archived_at)
    return std::optional<std::string>{};
  return std::optional{std::move(found->doc)};
}

} // namespace crm::storage
