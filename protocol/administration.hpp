// SPDX-License-Identifier: Apache-2.0
// What the operator of an installation may do: the subcommands of the command line, whether they
// reach the folder themselves or a running server through its local socket.
#pragma once

#include "protocol/completion.hpp"
#include "protocol/principal.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace crm {

/// A workspace as operators see it.
struct workspace_info {
  std::string id;
  std::string name;
  /// Unix milliseconds.
  std::int64_t created_at = 0;
};

/// A wish for a new token.
struct token_request {
  std::string workspace;
  /// The name under which the token's changes are logged.
  std::string actor;
  scope_set scopes;
  /// Unix milliseconds; none for a token that does not expire.
  std::optional<std::int64_t> expires_at;
};

/// A new token: the only time that it is seen.
struct issued_token {
  std::string token;
  /// The name by which it can be revoked.
  std::string id;
};

/// Every function returns at once and may be called from any thread.
class administration {
public:
  virtual ~administration() = default;

  /// Creates a workspace; an empty id is chosen. @errors validation; conflict; storage.
  virtual void create_workspace(std::string name, std::string id,
                                completion<workspace_info> done) = 0;
  /// Lists all workspaces by id. @errors storage.
  virtual void list_workspaces(completion<std::vector<workspace_info>> done) = 0;
  /// Issues a token, valid at once. @errors validation; not_found; storage.
  virtual void create_token(token_request wish, completion<issued_token> done) = 0;
  /// Revokes a token by its id, effective on the next call. @errors not_found; storage.
  virtual void revoke_token(std::string id, completion<std::string> done) = 0;
  /// Sets the tier of a workspace, effective on its next call; answers the tier. What exists
  /// already stays even if it is over a limit. @errors validation, naming the valid tiers;
  /// not_found; storage.
  virtual void set_tier(std::string workspace, std::string tier, completion<std::string> done) = 0;
};

} // namespace crm
