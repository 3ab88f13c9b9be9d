// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <csignal>

#include <sys/resource.h>

namespace crm::test {

/// Bounds the size of files that this process writes, as a full disk would.
class file_size_bound {
public:
  explicit file_size_bound(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit bound{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &bound);
  }
  file_size_bound(const file_size_bound&) = delete;
  file_size_bound& operator=(const file_size_bound&) = delete;
  ~file_size_bound() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

private:
  rlimit before_{};
  void (*handler_)(int);
};

} // namespace crm::test
