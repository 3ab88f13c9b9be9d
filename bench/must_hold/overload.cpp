// SPDX-License-Identifier: Apache-2.0
// More clients than the server serves at once: what still gets done, and what the others are told.
#include "bench/must_hold/sections.hpp"

#include <cstdio>
#include <string>
#include <thread>

namespace crm::bench {

namespace {

/// Connections with which one workspace answers most; and far more than it admits at once.
constexpr std::size_t peak_connections = 256;
constexpr std::size_t overload_connections = 10'240;
constexpr int overload_seconds = 60;

std::string text_of(const std::map<int, std::uint64_t>& statuses) {
  std::string text;
  for (const auto& [status, answers] : statuses)
    text += (text.empty() ? "" : ", ") + std::to_string(answers) + " x " + std::to_string(status);
  return text;
}

} // namespace

void measure_overload(const settings& with, report& to) {
  crm_server ours{with, 1};
  const load_result peak = run_load(ours.contacts().creates(peak_connections, 10));
  const std::uint64_t before = ours.process().resident_bytes();
  load_plan plan = ours.contacts().creates(overload_connections, overload_seconds);
  plan.warm_up = std::chrono::seconds{2};
  plan.refused = after_refusal::wait;
  std::uint64_t most = before;
  std::atomic<bool> over{false};
  std::thread watching{[&] {
    while (!over) {
      most = std::max(most, ours.process().resident_bytes());
      std::this_thread::sleep_for(std::chrono::milliseconds{100});
    }
  }};
  load_plan probes = plain_gets(ours.port(), "/health", 1, overload_seconds);
  probes.rest = std::chrono::milliseconds{10};
  load_result health;
  std::thread asking{[&] { health = run_load(probes); }};
  const load_result result = run_load(plan);
  asking.join();
  over = true;
  watching.join();
  // A workspace of half a million records answers less than an empty one, overload or not.
  const load_result peak_after = run_load(ours.contacts().creates(peak_connections, 10));
  const double peak_mean = (peak.calls_per_s + peak_after.calls_per_s) / 2;
  std::printf("peak %.0f calls/s before and %.0f after, under overload %.0f; answers: %s; refused "
              "p99 %.1f ms; /health p99 "
              "%.1f ms\n",
              peak.calls_per_s, peak_after.calls_per_s, result.calls_per_s,
              text_of(result.statuses).c_str(), result.refused_p99_ms, health.p99_ms);
  to.at_least("goodput / mean of the peaks before and after, 10,240 clients on one workspace, 60 s",
              spread_of({result.calls_per_s / peak_mean}), 0.8);
  bool only_allowed = true;
  for (const auto& [status, answers] : result.statuses)
    only_allowed = only_allowed && (status == 200 || status == 429 || status == 503);
  to.is_so("no answer but 200, 429 and 503", only_allowed, text_of(result.statuses));
  to.is_so("/health answers", health.calls > 0 && health.failed() == 0, text_of(health.statuses));
  to.at_most("p99 in ms until a refusal", spread_of({result.refused_p99_ms}), 50);
  to.at_most("MiB of growth under overload",
             spread_of({static_cast<double>(most - before) / (1024 * 1024)}), 256);
}

} // namespace crm::bench
