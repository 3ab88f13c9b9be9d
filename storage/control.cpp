// SPDX-License-Identifier: Apache-2.0
#include "storage/control.hpp"

#include "storage/digest.hpp"
#include "storage/migrations.hpp"

namespace crm::storage {

result<control_store> control_store::open(const std::filesystem::path& file) {
  auto db = database::open(file);
  if (!db)
    return db.error();
  CRM_TRY(migrate(*db, control_migrations));
  return control_store{*std::move(db)};
}

constexpr std::string_view insert_workspace =
    "insert into workspaces (id, name, created_at) values (?, ?, ?)";

result<void> control_store::add_workspace(const workspace_entry& entry) {
  auto added = db_.run(insert_workspace, entry.id, entry.name, entry.created_at);
  if (!added && added.error().code == error_code::conflict)
    return error{error_code::conflict, "there is a workspace " + entry.id + " already"};
  return added;
}

constexpr std::string_view insert_token =
    "insert into tokens (digest, id, workspace, actor, scopes, created_at, expires_at)"
    " values (?, ?, ?, ?, ?, ?, ?)";

result<void> control_store::add_token(const token_entry& entry) {
  const auto known = has_workspace(entry.workspace);
  if (!known)
    return known.error();
  if (!*known)
    return error{error_code::not_found, "there is no workspace " + entry.workspace
                                            + "; list them, or create it under this id first"};
  const blob digest{entry.digest};
  return db_.run(insert_token, digest, entry.id, entry.workspace, entry.actor,
                 entry.scopes.to_string(), entry.created_at, entry.expires_at);
}

namespace {

result<token_entry> read_token(row r) {
  auto scopes = parse_scopes(r.text(4));
  if (!scopes)
    return scopes.error();
  return token_entry{std::string{r.text(0)},
                     std::string{r.text(1)},
                     std::string{r.text(2)},
                     std::string{r.text(3)},
                     *scopes,
                     r.integer(5),
                     r.optional_integer(6),
                     r.optional_integer(7)};
}

} // namespace

constexpr std::string_view select_token =
    "select digest, id, workspace, actor, scopes, created_at, expires_at, revoked_at"
    " from tokens where id = ?";

constexpr std::string_view update_revoked =
    "update tokens set revoked_at = ? where id = ? and revoked_at is null";

result<token_entry> control_store::revoke_token(std::string_view id, std::int64_t now_ms) {
  result<token_entry> found = error{error_code::not_found, "there is no token " + std::string{id}};
  const auto read = db_.first(
      select_token, [&](row r) { found = read_token(r); }, id);
  if (!read)
    return read.error();
  if (found)
    CRM_TRY(db_.run(update_revoked, now_ms, id));
  return found;
}

constexpr std::string_view select_workspaces =
    "select id, name, created_at from workspaces order by id";

result<std::vector<workspace_entry>> control_store::workspaces() {
  std::vector<workspace_entry> entries;
  CRM_TRY(db_.each(select_workspaces, [&](row r) {
    entries.push_back({std::string{r.text(0)}, std::string{r.text(1)}, r.integer(2)});
    return true;
  }));
  return entries;
}

constexpr std::string_view select_live_tokens =
    "select digest, id, workspace, actor, scopes, created_at, expires_at, revoked_at"
    " from tokens where revoked_at is null";

result<std::vector<token_entry>> control_store::live_tokens() {
  std::vector<token_entry> entries;
  result<void> readable;
  CRM_TRY(db_.each(select_live_tokens, [&](row r) {
    auto entry = read_token(r);
    if (!entry) {
      readable = entry.error();
      return false;
    }
    entries.push_back(*std::move(entry));
    return true;
  }));
  CRM_TRY(std::move(readable));
  return entries;
}

constexpr std::string_view select_workspace = "select 1 from workspaces where id = ?";

result<bool> control_store::has_workspace(std::string_view id) {
  return db_.first(
      select_workspace, [](row) {}, id);
}

constexpr std::string_view select_secret = "select value from secrets where name = ?";
constexpr std::string_view insert_secret = "insert into secrets (name, value) values (?, ?)";

result<std::string> control_store::server_key() {
  constexpr std::string_view name = "server_key";
  std::string key;
  const auto known = db_.first(
      select_secret, [&](row r) { key = r.text(0); }, name);
  if (!known)
    return known.error();
  if (*known)
    return key;
  const blob made{random_bytes(32)};
  CRM_TRY(db_.run(insert_secret, name, made));
  return made.bytes;
}

constexpr std::string_view upsert_due = "insert into due_times (workspace, due_at) values (?, ?)"
                                        " on conflict do update set due_at = excluded.due_at";

constexpr std::string_view delete_due = "delete from due_times where workspace = ?";

result<void> control_store::note_due(std::string_view workspace,
                                     std::optional<std::int64_t> due_at) {
  if (!due_at)
    return db_.run(delete_due, workspace);
  return db_.run(upsert_due, workspace, *due_at);
}

constexpr std::string_view select_due = "select workspace, due_at from due_times";

result<std::vector<due_entry>> control_store::due_times() {
  std::vector<due_entry> entries;
  CRM_TRY(db_.each(select_due, [&](row r) {
    entries.push_back({std::string{r.text(0)}, r.integer(1)});
    return true;
  }));
  return entries;
}

} // namespace crm::storage
