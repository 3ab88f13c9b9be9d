// SPDX-License-Identifier: Apache-2.0
#include "storage/workflows.hpp"

#include "protocol/workflow_definition.hpp"
#include "storage/executions.hpp"
#include "storage/timers.hpp"

namespace crm::storage {

namespace {

std::vector<column_value> columns(const json& doc) {
  return {column_value{doc.at("isActive").get<bool>() ? std::int64_t{1} : std::int64_t{0}},
          integer_column(doc, "definitionVersion")};
}

constexpr std::string_view select_workflow =
    "select seq, doc, version, archived_at from workflows where id = ?";

constexpr std::string_view insert_workflow =
    "insert into workflows (id, version, archived_at, doc, active, definition)"
    " values (?1, ?2, ?3, ?4, ?5, ?6)";

constexpr std::string_view update_workflow =
    "update workflows set version = ?2, archived_at = ?3, doc = ?4, active = ?5, definition = ?6"
    " where id = ?1";

constexpr std::string_view vouched_by_transport = "transport";
constexpr std::string_view vouched_by_token = "token";

workflow_version read_version(row r) {
  return {std::string{r.text(0)},
          r.integer(1),
          std::string{r.text(2)},
          std::string{r.text(3)},
          std::string{r.text(4)},
          std::string{r.text(5)},
          r.text(6) == vouched_by_transport ? voucher::transport : voucher::token};
}

} // namespace

const entity_kind workflow_kind{
    .name = "workflow",
    .id_prefix = "wf_",
    .select_sql = select_workflow,
    .insert_sql = insert_workflow,
    .update_sql = update_workflow,
    .columns = columns,
    .text = nullptr,
};

constexpr std::string_view insert_version =
    "insert into workflow_versions (workflow, version, trigger, actions, author, scopes,"
    " vouched_by, created_at) values (?, ?, ?, ?, ?, ?, ?, ?)";

result<void> add_version(shard& data, const workflow_version& added, std::int64_t now_ms) {
  return data.db().run(
      insert_version, added.workflow, added.version, added.trigger, added.actions, added.author,
      added.scopes,
      added.vouched_by == voucher::transport ? vouched_by_transport : vouched_by_token, now_ms);
}

constexpr std::string_view select_version =
    "select workflow, version, trigger, actions, author, scopes, vouched_by from workflow_versions"
    " where workflow = ? and version = ?";

result<workflow_version> find_version(shard& data, std::string_view workflow,
                                      std::int64_t version) {
  workflow_version found;
  const auto read = data.db().first(
      select_version, [&](row r) { found = read_version(r); }, workflow, version);
  if (!read)
    return read.error();
  if (!*read)
    return error{error_code::not_found, "the workflow " + std::string{workflow} + " has no version "
                                            + std::to_string(version)};
  return found;
}

constexpr std::string_view select_active =
    "select v.workflow, v.version, v.trigger, v.actions, v.author, v.scopes,"
    " v.vouched_by"
    " from workflows w indexed by workflows_by_active"
    " join workflow_versions v on v.workflow = w.id and v.version = w.definition"
    " where w.active = 1 order by w.seq";

result<std::vector<workflow_version>> active_versions(shard& data) {
  std::vector<workflow_version> versions;
  CRM_TRY(data.db().each(select_active, [&](row r) {
    versions.push_back(read_version(r));
    return true;
  }));
  return versions;
}

result<record> pause_workflow(shard& data, const record& before, std::string_view reason,
                              const change_origin& origin) {
  json doc = document_of(before);
  if (doc.at("isActive") == false)
    return error{error_code::conflict, "workflow " + before.id + " is paused already"};
  doc["isActive"] = false;
  doc["pausedAt"] = origin.now_ms;
  if (!reason.empty())
    doc["pauseReason"] = reason;
  CRM_TRY(park_executions(data, before.id, parking::parked));
  CRM_TRY(clear_timers(data, before.id));
  return replace(data, workflow_kind, before, std::move(doc), "paused", origin);
}

result<record> resume_workflow(shard& data, const record& before, const change_origin& origin) {
  json doc = document_of(before);
  if (doc.at("isActive") == true)
    return error{error_code::conflict, "workflow " + before.id + " is not paused"};
  doc["isActive"] = true;
  doc.erase("pausedAt");
  doc.erase("pauseReason");
  const auto when = workflow::parse_trigger(doc.at("trigger"), {});
  if (!when)
    return when.error();
  CRM_TRY(park_executions(data, before.id, parking::free));
  CRM_TRY(set_timers(data, before.id, *when, origin.now_ms));
  return replace(data, workflow_kind, before, std::move(doc), "resumed", origin);
}

constexpr std::string_view list_all =
    "select seq, doc from workflows where seq < ?1 order by seq desc limit ?2";

constexpr std::string_view count_all = "select count(*) from workflows";

constexpr std::string_view list_by_active =
    "select seq, doc from workflows indexed by workflows_by_active"
    " where seq < ?1 and active = ?3 order by seq desc limit ?2";

constexpr std::string_view count_by_active =
    "select count(*) from workflows indexed by workflows_by_active where active = ?1";

result<page> list_workflows(shard& data, std::optional<bool> active, const page_request& request) {
  if (!active)
    return read_page(data, request, list_all, count_all);
  return read_page(data, request, list_by_active, count_by_active,
                   *active ? std::int64_t{1} : std::int64_t{0});
}

std::vector<std::string> record_types(const shard& data) {
  std::vector<std::string> types{"contact", "company", "deal", "activity"};
  for (const object_definition& object : data.known().objects())
    types.push_back(object.type);
  return types;
}

} // namespace crm::storage
