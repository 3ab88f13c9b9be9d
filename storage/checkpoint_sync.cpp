// SPDX-License-Identifier: Apache-2.0
#include "storage/checkpoint_sync.hpp"

#include "protocol/log.hpp"

#include <utility>

namespace crm::storage {

bool checkpoint_sync::finish() {
  const std::lock_guard lock{guard_};
  if (const auto sync = std::exchange(sync_, nullptr)) {
    is_durable_ = sync();
    if (!is_durable_)
      log_line(log_level::error, "checkpoint_sync",
               {{"text", "the disk did not take the data file"}});
  }
  return is_durable_;
}

} // namespace crm::storage
