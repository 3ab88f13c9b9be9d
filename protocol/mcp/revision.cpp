// SPDX-License-Identifier: Apache-2.0
#include "protocol/mcp/revision.hpp"

#include <algorithm>
#include <array>

namespace crm::mcp {

namespace {

constexpr std::array<std::string_view, 5> names{"2024-11-05", "2025-03-26", "2025-06-18",
                                                "2025-11-25", "2026-07-28"};
constexpr std::size_t legacy_count = 4;

bool is_date(std::string_view text) {
  if (text.size() != 10)
    return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 4 || i == 7;
    if (dash ? text[i] != '-' : (text[i] < '0' || text[i] > '9'))
      return false;
  }
  return true;
}

} // namespace

std::string_view name_of(revision version) {
  return names.at(static_cast<std::size_t>(version));
}

std::optional<revision> find_legacy(std::string_view name) {
  for (std::size_t i = 0; i < legacy_count; ++i)
    if (names.at(i) == name)
      return static_cast<revision>(i);
  return std::nullopt;
}

std::span<const std::string_view> modern_revisions() {
  return std::span{names}.subspan(legacy_count);
}

bool speaks_modern(std::string_view name) {
  return std::ranges::find(modern_revisions(), name) != modern_revisions().end();
}

bool names_modern_revision(std::string_view header) {
  return is_date(header) && header >= name_of(revision::v2026_07_28);
}

bool claims_modern(const json& params) {
  if (!params.is_object())
    return false;
  const auto meta = params.find("_meta");
  return meta != params.end() && meta->is_object() && meta->contains(meta_version);
}

std::variant<era, rpc_error> era_of(const rpc_message& message,
                                    std::optional<std::string_view> header) {
  if (claims_modern(params_of(message)))
    return era::modern;
  const bool modern_header = header && names_modern_revision(*header);
  if (!modern_header)
    return era::legacy;
  const auto* request = std::get_if<rpc_request>(&message);
  if (request != nullptr && request->method == "initialize")
    return rpc_error{rpc_code::header_mismatch,
                     "Header mismatch: initialize belongs to revisions before 2026-07-28, but "
                     "MCP-Protocol-Version names a later one",
                     nullptr, 400};
  return era::modern;
}

} // namespace crm::mcp
