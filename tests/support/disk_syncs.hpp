// SPDX-License-Identifier: Apache-2.0
// The disk as a test wants it: syncs that fail, or that do not end before they may. It stands in
// for the C library's fdatasync, which SQLite calls as well.
#pragma once

namespace crm::test {

/// While it lives, the syncs of this process behave as it says.
class disk_syncs {
public:
  disk_syncs();
  ~disk_syncs();
  disk_syncs(const disk_syncs&) = delete;
  disk_syncs& operator=(const disk_syncs&) = delete;

  /// Lets the n-th sync from now on fail, 1 for the next one.
  void fail_nth(int n);
  /// Lets no sync end from now on.
  void hold();
  /// Waits until so many syncs are held.
  void wait_until_held(int count);
  /// Lets one of the syncs that are held end.
  void release_one();
  /// Lets the syncs that are held end, and all to come.
  void release();
};

} // namespace crm::test
