// SPDX-License-Identifier: Apache-2.0
#include "tests/support/disk_syncs.hpp"

#include <cerrno>
#include <condition_variable>
#include <mutex>

#include <sys/syscall.h>
#include <unistd.h>

namespace {

struct behaviour {
  std::mutex guard;
  std::condition_variable changed;
  int until_failure = 0;
  bool holding = false;
  int held = 0;
  int released = 0;
};

behaviour& present() {
  static behaviour the_one;
  return the_one;
}

} // namespace

extern "C" int fdatasync(int descriptor) {
  {
    behaviour& now = present();
    std::unique_lock lock{now.guard};
    if (now.holding) {
      ++now.held;
      now.changed.notify_all();
      now.changed.wait(lock, [&] { return !now.holding || now.released > 0; });
      now.released -= now.holding ? 1 : 0;
      --now.held;
    }
    if (now.until_failure > 0 && --now.until_failure == 0) {
      errno = EIO;
      return -1;
    }
  }
  return static_cast<int>(::syscall(SYS_fdatasync, descriptor));
}

namespace crm::test {

disk_syncs::disk_syncs() {
  release();
}

disk_syncs::~disk_syncs() {
  fail_nth(0);
  release();
}

void disk_syncs::fail_nth(int n) {
  const std::lock_guard lock{present().guard};
  present().until_failure = n;
}

void disk_syncs::hold() {
  const std::lock_guard lock{present().guard};
  present().holding = true;
}

void disk_syncs::wait_until_held(int count) {
  behaviour& now = present();
  std::unique_lock lock{now.guard};
  now.changed.wait(lock, [&] { return now.held >= count; });
}

void disk_syncs::release_one() {
  const std::lock_guard lock{present().guard};
  ++present().released;
  present().changed.notify_all();
}

void disk_syncs::release() {
  const std::lock_guard lock{present().guard};
  present().holding = false;
  present().released = 0;
  present().changed.notify_all();
}

} // namespace crm::test
