// SPDX-License-Identifier: Apache-2.0
// In whose name a run acts, and what it may do: the one place that decides it.
#pragma once

#include "protocol/principal.hpp"
#include "storage/shard.hpp"
#include "storage/workflows.hpp"

namespace crm::actors {

/// Returns the principal of a step: the author of the workflow's version, with the rights that the
/// author has now, cut to what the author could reach when the version was written. Asked anew
/// before every step. @errors scope when the author may act no more; storage.
result<principal> acting_principal(storage::shard& data, const storage::workflow_version& version);

} // namespace crm::actors
