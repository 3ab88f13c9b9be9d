// SPDX-License-Identifier: Apache-2.0
// What a file that is opened still owes its text indexes (pending_texts.hpp).
#pragma once

#include "storage/shard.hpp"

namespace crm::storage {

/// Indexes the texts of changes that were committed before the file was closed, and not indexed:
/// the change log has them. @errors storage.
result<void> catch_up_texts(shard& data);

} // namespace crm::storage
