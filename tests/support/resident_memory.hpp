// SPDX-License-Identifier: Apache-2.0
// How much memory the test's own process holds: for the bound on what an attack may cost.
#pragma once

#include <cstddef>
#include <fstream>

#include <unistd.h>

namespace crm::test {

/// Returns the resident bytes of this process.
inline std::size_t resident_bytes() {
  std::ifstream statm{"/proc/self/statm"};
  std::size_t total = 0;
  std::size_t resident = 0;
  statm >> total >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

/// Sanitizers keep what was freed.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool memory_is_measurable = false;
#else
inline constexpr bool memory_is_measurable = true;
#endif

/// What all attacks of one test together may cost (reference, section 3.1).
inline constexpr std::size_t growth_bytes_max = 64 * 1024 * 1024;

} // namespace crm::test
