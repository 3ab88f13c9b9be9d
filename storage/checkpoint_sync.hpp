// SPDX-License-Identifier: Apache-2.0
// The sync of a database file into which its log was copied. It is put off, so that the file's
// owner need not wait for it; until it is done, the log is kept.
#pragma once

#include <functional>
#include <mutex>
#include <utility>

namespace crm::storage {

/// A sync that whoever comes first does; others wait for it. Any thread may use it.
class checkpoint_sync {
public:
  /// `sync` returns whether the disk has taken everything.
  explicit checkpoint_sync(std::function<bool()> sync) : sync_(std::move(sync)) {}

  /// Returns whether the file is on the disk; does what is left to do for it, and waits.
  bool finish();

private:
  std::mutex guard_;
  std::function<bool()> sync_;
  bool is_durable_ = false;
};

} // namespace crm::storage
