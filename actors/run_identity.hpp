// SPDX-License-Identifier: Apache-2.0
// In whose name a run acts, and what it may do: the one place that decides it.
#pragma once

#include "protocol/json.hpp"
#include "protocol/principal.hpp"
#include "storage/shard.hpp"
#include "storage/workflows.hpp"

namespace crm::actors {

/// Returns the principal of a step: the author of the workflow's version, cut to what the author
/// could reach when the version was written. What the author's membership allows is asked at every
/// call of a tool, like that of any caller. Asked anew before every step.
/// @errors scope when the author was removed from the workspace; storage.
result<principal> acting_principal(storage::shard& data, const storage::workflow_version& version);

/// Checks that the author may still have workflows act outside the workspace: whoever may not make
/// a workflow today sends nothing by one made earlier. @errors scope; storage.
result<void> require_sender(storage::shard& data, const principal& author);

/// Takes out of the trigger's images what the author may not read today, so that a workflow never
/// shows more than its author could see. @errors storage.
result<void> hide_from(storage::shard& data, const principal& author, json& trigger);

} // namespace crm::actors
