// SPDX-License-Identifier: Apache-2.0
// The wait for the disk, on a thread of the caller's choice: what a commit wrote to the log is
// synced while the file's owner goes on with the next transaction.
#pragma once

#include "protocol/result.hpp"

#include <atomic>
#include <memory>

namespace crm::storage {

/// Syncs the log of one open file. Shared by the file and those who wait; any thread may use it.
class log_sync {
public:
  /// Returns one for the log of that name, or null when the system gives no further descriptor.
  static std::shared_ptr<log_sync> open(const char* log_name);

  ~log_sync();
  log_sync(const log_sync&) = delete;
  log_sync& operator=(const log_sync&) = delete;

  /// Waits until everything that was written to the log before this call is on the disk. Once it
  /// has failed it fails for ever: nobody knows what a disk holds whose sync failed, and the next
  /// sync may say nothing of it. @errors storage.
  result<void> wait();

private:
  explicit log_sync(int descriptor) : descriptor_(descriptor) {}

  const int descriptor_;
  std::atomic<bool> failed_{false};
};

} // namespace crm::storage
