// SPDX-License-Identifier: Apache-2.0
// What workflows cost those who write: a measurement, run by name (-ns), not a law.
#include "tests/support/workflow_calls.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

using crm::json;
using namespace crm::test;
using namespace std::chrono;

namespace {

/// Milliseconds per write at the median and the 99th percentile, with so many writers at once.
std::pair<double, double> latency_of_writes(test_system& system, int writers, int writes) {
  std::vector<std::vector<double>> taken(static_cast<std::size_t>(writers));
  std::vector<std::thread> threads;
  for (auto& mine : taken)
    threads.emplace_back([&system, &mine, each = writes / writers] {
      for (int i = 0; i < each; ++i) {
        const auto start = steady_clock::now();
        add_contact(system);
        mine.push_back(duration<double, std::milli>(steady_clock::now() - start).count());
      }
    });
  for (std::thread& each : threads)
    each.join();
  std::vector<double> all;
  for (const auto& mine : taken)
    all.insert(all.end(), mine.begin(), mine.end());
  std::sort(all.begin(), all.end());
  return {all[all.size() / 2], all[all.size() * 99 / 100]};
}

} // namespace

TEST_CASE("the latency of writes with and without workflows" * doctest::skip()) {
  for (const int writers : {1, 16}) {
    test_system plain;
    test_system busy;
    define(busy, on_contact_created(), {add_task(1, "x")});
    latency_of_writes(plain, writers, 320);
    const auto without = latency_of_writes(plain, writers, 5'000);
    const auto with = latency_of_writes(busy, writers, 5'000);
    MESSAGE(writers, " writers: p50 ", without.first, " -> ", with.first, " ms, p99 ",
            without.second, " -> ", with.second, " ms");
    await_runs(busy, "completed", 5'000 / writers * writers);
  }
}
