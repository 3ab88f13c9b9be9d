// SPDX-License-Identifier: Apache-2.0
#include "actors/fault_points.hpp"

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <string>

namespace crm::actors {

namespace {

/// The point that a test asked for, and how often it may still be passed.
struct planned_fault {
  std::string name;
  std::atomic<long> passes_left{0};

  planned_fault() {
    const char* text = std::getenv("VANTAGE_FAULT");
    const std::string_view plan = text == nullptr ? "" : text;
    const std::size_t colon = plan.rfind(':');
    if (colon == std::string_view::npos)
      return;
    name = plan.substr(0, colon);
    passes_left = std::strtol(plan.data() + colon + 1, nullptr, 10);
  }
};

} // namespace

void fault_point(std::string_view name) {
  static planned_fault plan;
  if (plan.name == name && --plan.passes_left == 0)
    std::raise(SIGKILL);
}

} // namespace crm::actors
