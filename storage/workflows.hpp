// SPDX-License-Identifier: Apache-2.0
// Workflows as they are stored: one document per workflow, like any record, and beside it every
// version of its definition.
#pragma once

#include "protocol/principal.hpp"
#include "storage/entities.hpp"
#include "storage/search.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace crm::storage {

extern const entity_kind workflow_kind;

/// One version of a workflow's definition. Never changed once it is written.
struct workflow_version {
  std::string workflow;
  std::int64_t version = 1;
  /// As callers sent them, JSON.
  std::string trigger;
  std::string actions;
  /// In whose name the steps of a run act, and what that author could reach.
  std::string author;
  std::string scopes;
  voucher vouched_by = voucher::token;
};

/// Adds a version. @errors conflict when there is one of that number; storage.
result<void> add_version(shard& data, const workflow_version& added, std::int64_t now_ms);

/// Reads a version. @errors not_found; storage.
result<workflow_version> find_version(shard& data, std::string_view workflow, std::int64_t version);

/// Returns the newest version of every active workflow. @errors storage.
result<std::vector<workflow_version>> active_versions(shard& data);

/// Stops a workflow: it waits for nothing any more, and its runs are held at their next step.
/// @errors conflict when it is paused already; storage.
result<record> pause_workflow(shard& data, const record& before, std::string_view reason,
                              const change_origin& origin);

/// Lets a paused workflow wait for events again and its runs go on. @errors conflict when it is not
/// paused; storage.
result<record> resume_workflow(shard& data, const record& before, const change_origin& origin);

/// Lists workflows, newest first. @errors storage.
result<page> list_workflows(shard& data, std::optional<bool> active, const page_request& request);

/// Returns the names of the kinds of records that triggers may watch: the built-in ones and the
/// types of the workspace's custom objects.
std::vector<std::string> record_types(const shard& data);

} // namespace crm::storage
