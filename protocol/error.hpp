// SPDX-License-Identifier: Apache-2.0
// The one error type of the system, from SQLite to the envelope, and the one table that maps its
// codes outward. Messages are written for the caller: they name the argument or the id and the way
// out, never a path, an SQL text or a token.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crm {

/// Why a call failed. The order is that of the table in error.cpp.
enum class error_code : std::uint8_t {
  /// No token, or one that is unknown, expired or revoked.
  unauthenticated = 1,
  /// The token's scope or the member's role does not reach the tool.
  scope,
  /// `workspaceId` names another workspace than the token's.
  cross_workspace,
  /// The arguments break the tool's schema.
  validation,
  /// Not JSON, the wrong shape, duplicate keys, nested too deep.
  invalid_request,
  /// No tool has that name.
  tool_not_found,
  /// No such record in this workspace.
  not_found,
  /// A unique value is taken, the record is in the wrong state, or its version moved on.
  conflict,
  /// A limit of the workspace's plan.
  limit_exceeded,
  /// The body or the result is over its bound.
  content_too_large,
  /// The token calls too often.
  rate_limited,
  /// Admission refused the call, or its deadline passed before it ran: nothing was done.
  overloaded,
  /// The storage failed. The message says whether the outcome is known.
  storage,
  /// Never answered by a tool of the catalogue.
  not_implemented,
};

/// What is wrong with one argument, and what to send instead.
struct error_detail {
  /// Where, in the caller's words: `email`, `actions[2].type`.
  std::string path;
  /// What was sent, as short JSON text.
  std::string got;
  /// What would be accepted.
  std::string expected;
  /// At most `limits::valid_options_max` accepted values; empty when they cannot be listed.
  std::vector<std::string> valid_options = {};
  /// The accepted name nearest to the one sent; empty when none is near.
  std::string did_you_mean = {};
};

/// A failure with everything the caller needs to mend it.
struct error {
  error_code code;
  std::string message;
  std::vector<error_detail> details = {};
  std::optional<std::int64_t> retry_after_ms = std::nullopt;
};

/// How an error code looks from outside.
struct error_face {
  error_code code;
  /// The code of the envelope (design §4.2).
  std::string_view text;
  int http_status;
  /// Whether the same call may succeed later without being changed.
  bool retryable;
};

/// Returns the outward look of `code`.
const error_face& face_of(error_code code);

/// Returns an error about one argument.
error argument_error(error_code code, std::string message, error_detail detail);

/// Returns a validation error about one or more arguments; its message tells of the first.
/// @pre `details` is not empty.
error arguments_error(std::vector<error_detail> details);

} // namespace crm
