// SPDX-License-Identifier: Apache-2.0
// A server under load: the finished program, started on a fresh data folder and stopped at the end.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <sys/types.h>

namespace crm::bench {

/// Runs a program to its end and returns what it printed on stdout, without the last newline.
/// Ends the bench when the program fails.
std::string run_program(const std::vector<std::string>& arguments);

/// A running `vantage-crm serve --mode http`, on a port that the system chose.
class server_process {
public:
  server_process(const std::filesystem::path& program, const std::filesystem::path& data,
                 const std::vector<std::string>& options = {});
  server_process(const server_process&) = delete;
  server_process& operator=(const server_process&) = delete;
  /// Sends SIGTERM and waits for the end.
  ~server_process();

  std::uint16_t port() const { return port_; }
  pid_t pid() const { return pid_; }
  /// Returns the resident memory in bytes.
  std::uint64_t resident_bytes() const;
  /// Returns the processor time used so far, in seconds.
  double cpu_seconds() const;

  /// Creates a workspace and returns a token for it that may do everything.
  std::string add_workspace(const std::string& id) const;

private:
  std::filesystem::path program_;
  std::filesystem::path data_;
  pid_t pid_ = -1;
  std::uint16_t port_ = 0;
};

} // namespace crm::bench
