// SPDX-License-Identifier: Apache-2.0
// Programs under load: started for a measurement, asked what they use, stopped at the end.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <sys/types.h>

namespace crm::bench {

/// Ends the bench with a message.
[[noreturn]] void give_up(const std::string& what);

/// A running program.
class child_process {
public:
  /// Where the program says that it is ready.
  enum class speaks_on : std::uint8_t { stdout_only, stderr_only };

  /// Starts a program and waits until it has written a line that holds `ready`.
  child_process(const std::vector<std::string>& arguments, speaks_on where,
                const std::string& ready);
  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;
  /// Sends SIGTERM and waits for the end.
  ~child_process();

  /// Returns the line that told of being ready.
  const std::string& ready_line() const { return ready_line_; }
  pid_t pid() const { return pid_; }
  /// Returns the resident memory in bytes.
  std::uint64_t resident_bytes() const;
  /// Returns the processor time used so far, in seconds.
  double cpu_seconds() const;

private:
  pid_t pid_ = -1;
  std::string ready_line_;
};

/// A running `vantage-crm serve --mode http`, on a port that the system chose.
class server_process : public child_process {
public:
  server_process(const std::filesystem::path& program, const std::filesystem::path& data,
                 const std::vector<std::string>& options = {});

  std::uint16_t port() const { return port_; }

private:
  std::uint16_t port_ = 0;
};

} // namespace crm::bench
