// SPDX-License-Identifier: Apache-2.0
#include "actors/authority.hpp"

#include "actors/guard.hpp"
#include "protocol/log.hpp"
#include "storage/data_folder.hpp"
#include "storage/digest.hpp"
#include "storage/ids.hpp"

namespace crm::actors {

namespace {

constexpr std::size_t token_bytes = 32;
constexpr std::size_t name_bytes_max = 200;
/// The workspace that nobody has to create: stdio's, and that of a token that names no other.
const std::string default_workspace = "default";

result<void> check_workspace_id(const std::string& id) {
  if (storage::is_workspace_id(id))
    return {};
  return argument_error(error_code::validation,
                        "a workspace id has 1 to 64 of a-z, 0-9, - and _, and starts with a letter "
                        "or digit",
                        {"id", brief_json(json(id)), "such as acme or team-2"});
}

} // namespace

authority_actor::behavior_type authority_state::make_behavior(std::filesystem::path file,
                                                              router_actor router,
                                                              environment surroundings) {
  guard_against_exceptions(self_, name);
  file_ = std::move(file);
  router_ = std::move(router);
  surroundings_ = std::move(surroundings);
  return {
      [this](const open_control& message) { (*message.done)(on(message)); },
      [this](const create_workspace& message) { (*message.done)(on(message)); },
      [this](const ensure_workspace& message) { (*message.done)(on(message)); },
      [this](const list_workspaces& message) { (*message.done)(on(message)); },
      [this](const create_token& message) { (*message.done)(on(message)); },
      [this](const revoke_token& message) { (*message.done)(on(message)); },
      [this](const note_due& message) { on(message); },
      [this](const close_control& message) { on(message); },
  };
}

result<std::string> authority_state::on(const open_control&) {
  auto opened = storage::control_store::open(file_);
  if (!opened)
    return std::move(opened).error();
  auto workspaces = opened->workspaces();
  if (!workspaces)
    return std::move(workspaces).error();
  auto tokens = opened->live_tokens();
  if (!tokens)
    return std::move(tokens).error();
  auto due = opened->due_times();
  if (!due)
    return std::move(due).error();
  auto key = opened->server_key();
  if (!key)
    return std::move(key).error();
  store_ = *std::move(opened);
  self_->send(router_,
              control_snapshot{*std::move(workspaces), *std::move(tokens), *std::move(due)});
  return *std::move(key);
}

result<workspace_info> authority_state::on(const create_workspace& message) {
  if (message.name.empty() || message.name.size() > name_bytes_max)
    return argument_error(error_code::validation, "a workspace needs a name of 1 to 200 bytes",
                          {"name", brief_json(json(message.name)), "1 to 200 bytes"});
  const std::int64_t now_ms = surroundings_.now_ms();
  const std::string id = message.id.empty()
                             ? storage::id_source{surroundings_.random}.next("ws_", now_ms)
                             : message.id;
  CRM_TRY(check_workspace_id(id));
  CRM_TRY(add_workspace({id, message.name, now_ms}));
  return workspace_info{id, message.name, now_ms};
}

result<bool> authority_state::on(const ensure_workspace& message) {
  CRM_TRY(check_workspace_id(message.id));
  CRM_TRY(make_sure_of(message.id));
  return true;
}

result<void> authority_state::make_sure_of(const std::string& workspace) {
  const auto known = store_->has_workspace(workspace);
  if (!known)
    return known.error();
  if (!*known)
    CRM_TRY(add_workspace({workspace, workspace, surroundings_.now_ms()}));
  return {};
}

result<void> authority_state::add_workspace(const storage::workspace_entry& entry) {
  CRM_TRY(store_->add_workspace(entry));
  self_->send(router_, workspace_added{entry.id});
  return {};
}

result<std::vector<workspace_info>> authority_state::on(const list_workspaces&) {
  auto entries = store_->workspaces();
  if (!entries)
    return std::move(entries).error();
  std::vector<workspace_info> list;
  for (const storage::workspace_entry& entry : *entries)
    list.push_back({entry.id, entry.name, entry.created_at});
  return list;
}

result<issued_token> authority_state::on(const create_token& message) {
  if (message.wish.workspace == default_workspace)
    CRM_TRY(make_sure_of(default_workspace));
  const std::int64_t now_ms = surroundings_.now_ms();
  const issued_token issued{"vcrm_" + storage::base64url(storage::random_bytes(token_bytes)),
                            storage::id_source{surroundings_.random}.next("tok_", now_ms)};
  const storage::token_entry entry{
      storage::sha256(issued.token), issued.id, message.wish.workspace,  message.wish.actor,
      message.wish.scopes,           now_ms,    message.wish.expires_at, std::nullopt};
  CRM_TRY(store_->add_token(entry));
  self_->send(router_, token_added{entry});
  return issued;
}

result<std::string> authority_state::on(const revoke_token& message) {
  auto revoked = store_->revoke_token(message.id, surroundings_.now_ms());
  if (!revoked)
    return std::move(revoked).error();
  self_->send(router_, token_revoked{revoked->digest});
  return revoked->id;
}

void authority_state::on(const note_due& message) {
  // A workspace that cannot be noted works on: its runs wait for its next call at the worst.
  if (const auto noted = store_->note_due(message.workspace, message.due_at); !noted)
    log_line(log_level::error, "note_due", {{"text", noted.error().message}});
  self_->send(router_, wake_noted{message.workspace, message.due_at});
}

void authority_state::on(const close_control& message) {
  store_.reset();
  (*message.done)(true);
  self_->quit();
}

authority_actor::behavior_type authority(authority_actor::stateful_pointer<authority_state> self,
                                         std::filesystem::path file, router_actor router,
                                         environment surroundings) {
  return self->state.make_behavior(std::move(file), std::move(router), std::move(surroundings));
}

} // namespace crm::actors
