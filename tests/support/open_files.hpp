// SPDX-License-Identifier: Apache-2.0
// What this process holds open, as the kernel counts it.
#pragma once

#include <filesystem>
#include <iterator>

namespace crm::test {

/// Returns the number of open file descriptors, without the one that counts.
inline std::size_t open_files() {
  const std::filesystem::directory_iterator list{"/proc/self/fd"};
  return static_cast<std::size_t>(std::distance(begin(list), end(list))) - 1;
}

/// Returns the number of threads.
inline std::size_t threads() {
  const std::filesystem::directory_iterator list{"/proc/self/task"};
  return static_cast<std::size_t>(std::distance(begin(list), end(list)));
}

} // namespace crm::test
