// SPDX-License-Identifier: Apache-2.0
// What the tools of all kinds of records share: reading one, changing one, hiding and restoring it.
#pragma once

#include "actors/tools/tool.hpp"
#include "storage/entities.hpp"

#include <optional>
#include <string>

namespace crm::tools {

/// Declares the argument `expectedVersion`.
template <class Args>
constexpr auto expected_version_field(std::optional<std::int64_t> Args::*member) {
  return field{"expectedVersion", member}.range(1);
}

/// A kind of record and the argument in which its tools take the id.
struct record_family {
  const storage::entity_kind& kind;
  std::string_view id_argument;
};

/// Answers with a whole record.
tool_reply answer_record(const storage::record& stored);

/// A thing that the caller should know although the call succeeded.
struct warning {
  std::string_view code;
  std::string message;
  std::vector<std::string> ids = {};
};

/// Answers with a whole record and warnings beside it.
tool_reply answer_record(const storage::record& stored, const std::vector<warning>& warnings);

/// Reads a record, archived or not. @errors not_found; storage.
result<tool_reply> read_one(tool_context& context, const record_family& family,
                            std::string_view id);

/// Finds a live record for a change. @errors not_found; conflict when it is archived or its version
/// is not the expected one; storage.
result<storage::record> open_for_change(tool_context& context, const record_family& family,
                                        std::string_view id,
                                        std::optional<std::int64_t> expected_version);

/// Soft-deletes a record. @errors not_found; conflict; storage.
result<tool_reply> archive_one(tool_context& context, const record_family& family,
                               std::string_view id, std::optional<std::int64_t> expected_version);

/// Checks that a referenced record exists and is live, when the argument names one.
/// @errors not_found; conflict when it is archived; storage.
result<void> require_reference(tool_context& context, const storage::entity_kind& kind,
                               std::string_view argument, const std::optional<std::string>& id);

/// Adds a record with these members; its custom values are checked.
/// @errors validation; conflict when a unique value is taken; storage.
result<storage::record> create_record(tool_context& context, const record_family& family,
                                      json fields);

/// Writes the given arguments over the document of a stored record, the id argument and
/// `expectedVersion` left out: `customFields` is merged key by key; a null clears a field.
/// @errors validation; conflict when a unique value is taken; storage.
result<void> merge_arguments(tool_context& context, const record_family& family,
                             const storage::record& before, json& doc, json given);

/// Writes the document of a changed record and answers with it. @errors storage.
result<tool_reply> store_change(tool_context& context, const record_family& family,
                                const storage::record& before, json doc);

/// Writes the given arguments over a record and answers with it. @errors those of merge_arguments.
template <class Args>
result<tool_reply> update_record(tool_context& context, const record_family& family,
                                 const storage::record& before, const Args& in) {
  json given = json::object();
  write_members(given, in);
  json doc = storage::document_of(before);
  CRM_TRY(merge_arguments(context, family, before, doc, std::move(given)));
  return store_change(context, family, before, std::move(doc));
}

} // namespace crm::tools
