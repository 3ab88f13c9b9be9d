// SPDX-License-Identifier: Apache-2.0
// A load of HTTP requests over keep-alive connections, from one thread: each connection sends its
// next request when the answer to the last one is complete.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace crm::bench {

/// What one run of a load measured.
struct load_result {
  /// Answers with status 200, and how long they took.
  double calls_per_s = 0;
  double p50_ms = 0;
  double p99_ms = 0;
  std::uint64_t calls = 0;
  /// How long the answers with another status took.
  double refused_p99_ms = 0;
  /// Answers by HTTP status; 0 stands for a connection that broke.
  std::map<int, std::uint64_t> statuses = {};

  std::uint64_t failed() const;
};

/// What a connection does when it was answered with 429 or 503.
enum class after_refusal : std::uint8_t {
  /// Asks again at once.
  insist,
  /// Asks again when Retry-After says, or up to a second later.
  wait,
};

/// A load to run.
struct load_plan {
  std::uint16_t port = 0;
  std::size_t connections = 1;
  std::chrono::milliseconds warm_up{300};
  std::chrono::milliseconds duration{3'000};
  /// Returns the next request of a connection, head and body. Called in an order that repeats.
  std::function<std::string(std::size_t connection, std::uint64_t number)> request;
  after_refusal refused = after_refusal::insist;
  /// How long a connection rests after an answer.
  std::chrono::milliseconds rest{0};
  /// Ends the load before its time when it becomes true; may be null.
  const std::atomic<bool>* stop = nullptr;
};

/// Runs the load against 127.0.0.1 and measures what was answered after the warm-up.
load_result run_load(const load_plan& plan);

/// Returns a complete POST /mcp/call request.
std::string call_request(const std::string& token, const std::string& tool,
                         const std::string& args);

/// Returns a TCP connection to a port of this machine, or ends the bench.
int connect_to(std::uint16_t port);

/// Sends one request on a connection of its own and returns the answer, its head included.
std::string exchange(std::uint16_t port, const std::string& request);

/// Sends one request on a connection of its own and returns the body of the answer.
std::string fetch(std::uint16_t port, const std::string& request);

/// Lets this process open as many files as it may.
void raise_file_limit();

} // namespace crm::bench
