// SPDX-License-Identifier: Apache-2.0
// control.db: which workspaces there are, and the digests of the tokens that speak for them.
#pragma once

#include "protocol/environment.hpp"
#include "protocol/principal.hpp"
#include "storage/database.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace crm::storage {

/// A workspace as the control file knows it.
struct workspace_entry {
  std::string id;
  std::string name;
  /// Unix milliseconds.
  std::int64_t created_at = 0;
};

/// A token as the control file knows it: never the token itself.
struct token_entry {
  /// SHA-256 of the token, 32 bytes.
  std::string digest;
  /// A name for the token that may be shown, such as `tok_01jd…`.
  std::string id;
  std::string workspace;
  std::string actor;
  scope_set scopes;
  std::int64_t created_at = 0;
  std::optional<std::int64_t> expires_at;
  std::optional<std::int64_t> revoked_at;
};

/// When a workspace is to be opened because something is due in it.
struct due_entry {
  std::string workspace;
  std::int64_t due_at = 0;
};

/// The open control file. One thread at a time uses it.
class control_store {
public:
  /// Opens or creates the file. @errors conflict when a newer program wrote it; storage.
  static result<control_store> open(const std::filesystem::path& file);

  /// Adds a workspace. @errors conflict when the id is taken; storage.
  result<void> add_workspace(const workspace_entry& entry);
  /// Adds a token. @errors not_found when there is no such workspace; storage.
  result<void> add_token(const token_entry& entry);
  /// Revokes a token by its id. @errors not_found; storage.
  result<token_entry> revoke_token(std::string_view id, std::int64_t now_ms);

  /// Returns all workspaces, sorted by id. @errors storage.
  result<std::vector<workspace_entry>> workspaces();
  /// Returns all tokens that are not revoked. @errors storage.
  result<std::vector<token_entry>> live_tokens();
  result<bool> has_workspace(std::string_view id);

  /// Keeps when a workspace is due; none forgets it. @errors storage.
  result<void> note_due(std::string_view workspace, std::optional<std::int64_t> due_at);
  /// Returns all workspaces that are due at some time. @errors storage.
  result<std::vector<due_entry>> due_times();
  /// Returns the 32 bytes that this installation signs with; made at the first call.
  result<std::string> server_key();

private:
  explicit control_store(database db) : db_(std::move(db)) {}

  database db_;
};

} // namespace crm::storage
