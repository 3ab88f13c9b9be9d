// SPDX-License-Identifier: Apache-2.0
// Reads the change log: who did what, in pages, newest first. It never writes; what a purge erased
// is told as erased, not as absent.
#pragma once

#include "storage/period.hpp"
#include "storage/search.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crm::storage {

/// Which changes a list shows; what is not set does not filter.
struct change_filter {
  std::optional<std::string> entity_type = std::nullopt;
  std::optional<std::string> actor = std::nullopt;
  period when = {};
};

/// Lists changes, newest first, each as a JSON object: seq, at, actor, client, requestId, tool,
/// entityType, entityId, action, cause, reason. @errors storage.
result<page> list_changes(shard& data, const change_filter& filter, const page_request& request);

/// Lists the changes of one entity, newest first: the rows of `list_changes` with `changes`, what
/// each did field by field (field, old, new), and `erased` where a purge has taken the images.
/// @errors storage.
result<page> list_entity_changes(shard& data, std::string_view entity_id,
                                 const page_request& request);

/// Returns the type under which the log knows an entity, or none when it never met it.
/// @errors storage.
result<std::optional<std::string>> logged_type_of(shard& data, std::string_view entity_id);

/// Returns the entity types that the log holds, sorted. @errors storage.
result<std::vector<std::string>> logged_types(shard& data);

/// Compares two images of an entity, null for none, and returns an array of {field, old, new}: only
/// what differs, custom fields one by one, without the members that every change moves.
json differences(const json& before, const json& after);

} // namespace crm::storage
