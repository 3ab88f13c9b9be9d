// SPDX-License-Identifier: Apache-2.0
// MCP on a pair of file descriptors: one JSON message per line, both eras mixed. Nothing but
// protocol is written to the output. One thread reads and never waits for a call.
#pragma once

#include "protocol/mcp/call_context.hpp"
#include "protocol/mcp/service.hpp"

#include <atomic>
#include <memory>

namespace crm::transport {

/// The two ends of stdio; both stay the caller's.
struct stdio_descriptors {
  int input = 0;
  int output = 1;
};

/// Serves one client on stdio. SIGPIPE has to be ignored by the program.
class stdio_server {
public:
  /// `local` is who every message comes from.
  stdio_server(std::shared_ptr<mcp::service> server, mcp::caller local,
               stdio_descriptors ends = {});
  stdio_server(const stdio_server&) = delete;
  stdio_server& operator=(const stdio_server&) = delete;
  ~stdio_server();

  /// Serves until the input ends, the output is closed or `stop` is called; then writes the answers
  /// under way, for at most `limits::stdio_drain_ms_max`. Returns the exit status of the program:
  /// 0, or 1 when the input cannot be read.
  int run();

  /// Ends `run`; callable from any thread, before `run` too.
  void stop();

private:
  const std::shared_ptr<mcp::service> server_;
  const mcp::caller local_;
  const stdio_descriptors ends_;
  /// Becomes readable when the server shall stop.
  int stop_event_;
};

} // namespace crm::transport
