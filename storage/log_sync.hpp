// SPDX-License-Identifier: Apache-2.0
// The wait for the disk, on a thread of the caller's choice: what a commit wrote to the log is
// synced while the file's owner goes on with the next transaction.
#pragma once

#include "protocol/result.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

namespace crm::storage {

/// Syncs the log of one open file. Shared by the file and those who wait; any thread may use it.
class log_sync {
public:
  /// Returns one for the log of that name, or null when the system gives no further descriptor.
  static std::shared_ptr<log_sync> open(const char* log_name);

  ~log_sync();
  log_sync(const log_sync&) = delete;
  log_sync& operator=(const log_sync&) = delete;

  /// Notes that something was written, and returns how many times that was so. For the file's
  /// owner.
  std::uint64_t note_written() { return ++written_; }

  /// Waits until what was written up to the `nth` time is on the disk; not at all if a sync that
  /// somebody else waited for has brought it there. Once it has failed it fails for ever: nobody
  /// knows what a disk holds whose sync failed, and the next sync may say nothing of it.
  /// @errors storage.
  result<void> wait(std::uint64_t nth);

private:
  explicit log_sync(int descriptor) : descriptor_(descriptor) {}

  const int descriptor_;
  std::atomic<std::uint64_t> written_{0};
  std::atomic<std::uint64_t> synced_{0};
  std::atomic<bool> failed_{false};
};

/// What a commit has to wait for before anybody is told of it; nothing when it is empty.
class owed_sync {
public:
  owed_sync() = default;
  /// For what has just been written.
  explicit owed_sync(std::shared_ptr<log_sync> log)
      : log_(std::move(log)), nth_(log_ ? log_->note_written() : 0) {}

  explicit operator bool() const { return log_ != nullptr; }
  /// @pre not empty. @errors storage.
  result<void> wait() const { return log_->wait(nth_); }
  /// Returns whether both are for the same log.
  bool same_log(const owed_sync& other) const { return log_ == other.log_; }

private:
  std::shared_ptr<log_sync> log_;
  std::uint64_t nth_ = 0;
};

} // namespace crm::storage
