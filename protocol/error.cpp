// SPDX-License-Identifier: Apache-2.0
#include "protocol/error.hpp"

#include "protocol/limits.hpp"

#include <array>
#include <utility>

namespace crm {

namespace {

constexpr std::array<error_face, 14> faces{{
    {error_code::unauthenticated, "UNAUTHENTICATED", 401, false},
    {error_code::scope, "SCOPE_ERROR", 403, false},
    {error_code::cross_workspace, "CROSS_WORKSPACE", 403, false},
    {error_code::validation, "ZOD_VALIDATION_ERROR", 400, false},
    {error_code::invalid_request, "INVALID_REQUEST", 400, false},
    {error_code::tool_not_found, "TOOL_NOT_FOUND", 404, false},
    {error_code::not_found, "NOT_FOUND", 404, false},
    {error_code::conflict, "CONFLICT", 409, false},
    {error_code::limit_exceeded, "LIMIT_EXCEEDED", 403, false},
    {error_code::content_too_large, "CONTENT_TOO_LARGE", 413, false},
    {error_code::rate_limited, "RATE_LIMITED", 429, true},
    {error_code::overloaded, "OVERLOADED", 503, true},
    {error_code::storage, "CONVEX_ERROR", 500, true},
    {error_code::not_implemented, "NOT_IMPLEMENTED", 501, false},
}};

} // namespace

const error_face& face_of(error_code code) {
  return faces.at(static_cast<std::size_t>(code) - 1);
}

error argument_error(error_code code, std::string message, error_detail detail) {
  return {code, std::move(message), {std::move(detail)}};
}

error arguments_error(std::vector<error_detail> details) {
  const error_detail& first = details.front();
  std::string text = first.path + ": expected " + first.expected + ", got " + first.got;
  if (const auto& valid = first.valid_options; !valid.empty()) {
    text +=
        valid.size() < limits::valid_options_max ? "; valid are " : "; valid are, among others, ";
    for (std::size_t i = 0; i < valid.size(); ++i)
      text += (i == 0 ? "" : ", ") + valid[i];
  }
  if (!first.did_you_mean.empty())
    text += "; did you mean \"" + first.did_you_mean + "\"?";
  if (details.size() > 1)
    text += " (and " + std::to_string(details.size() - 1) + " more, see details)";
  return {error_code::validation, std::move(text), std::move(details)};
}

} // namespace crm
