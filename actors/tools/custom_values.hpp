// SPDX-License-Identifier: Apache-2.0
// The one way by which values of custom fields enter a record, whichever tool brings them: keys are
// known, values fit, unique ones are free, required ones are there.
#pragma once

#include "actors/tools/tool.hpp"
#include "storage/entities.hpp"

#include <optional>
#include <string>
#include <vector>

namespace crm::tools {

/// Writes custom values into a document. Gathers everything that is wrong; `finish` tells.
class custom_value_writer {
public:
  /// `seq` is the place of the record that is changed, none for a new one.
  custom_value_writer(tool_context& context, const storage::entity_kind& kind, json& doc,
                      std::optional<std::int64_t> seq);

  /// Sets a value, or clears it when a stored record is given null. `path` is where it was sent.
  void set(const std::string& key, const json& value, const std::string& path);

  /// Clears all values that the caller may see.
  void clear_all();

  /// Takes note of required fields that have no value.
  void require_all();

  /// @errors validation; conflict, naming the record that has a unique value already; storage.
  result<void> finish();

private:
  void wrong(error_detail detail);
  bool is_wrong(const std::string& key) const;
  void store(const custom_field& field, json value, const std::string& path);

  tool_context& context_;
  const storage::entity_kind& kind_;
  json& doc_;
  std::optional<std::int64_t> seq_;
  std::string member_;
  const std::vector<custom_field>& fields_;
  json values_;
  std::vector<error_detail> wrong_;
  std::optional<crm::error> failure_;
};

/// Checks the custom values that a new record's document brings and writes them in the form in
/// which they are stored. @errors those of `custom_value_writer::finish`.
result<void> admit_custom_values(tool_context& context, const storage::entity_kind& kind,
                                 json& doc);

/// Merges custom values into the document of a stored record, key by key; null clears one, and null
/// for all of them clears those that the caller may see.
/// @errors those of `custom_value_writer::finish`.
result<void> merge_custom_values(tool_context& context, const storage::entity_kind& kind, json& doc,
                                 const json& given, std::int64_t seq);

/// Checks that an archived record can come back: its unique values are still free.
/// @errors conflict; storage.
result<void> require_free_values(tool_context& context, const storage::entity_kind& kind,
                                 const storage::record& archived);

} // namespace crm::tools
