// SPDX-License-Identifier: Apache-2.0
#include "storage/log_sync.hpp"

#include "protocol/log.hpp"

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace crm::storage {

std::shared_ptr<log_sync> log_sync::open(const char* log_name) {
  // A descriptor of our own: SQLite's belongs to the thread that has the file. Closing it costs no
  // lock, for SQLite locks the database and never its log.
  const int descriptor = ::open(log_name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  if (descriptor < 0)
    return nullptr;
  return std::shared_ptr<log_sync>{new log_sync{descriptor}};
}

log_sync::~log_sync() {
  ::close(descriptor_);
}

result<void> log_sync::wait(std::uint64_t nth) {
  if (synced_ >= nth && !failed_)
    return {};
  const std::uint64_t written = written_;
  int code = 0;
  do
    code = ::fdatasync(descriptor_);
  while (code != 0 && errno == EINTR);
  if (code != 0 && !failed_.exchange(true))
    log_line(log_level::error, "log_sync", {{"errno", errno}});
  if (failed_)
    return error{error_code::storage, "the disk did not take what was written"};
  std::uint64_t before = synced_;
  while (before < written && !synced_.compare_exchange_weak(before, written)) {
  }
  return {};
}

} // namespace crm::storage
