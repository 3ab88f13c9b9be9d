// SPDX-License-Identifier: Apache-2.0
#include "protocol/log.hpp"

#include <atomic>
#include <chrono>
#include <string>

#include <unistd.h>

namespace crm {

namespace {

std::atomic<log_level> least_written{log_level::warning};

std::string_view name_of(log_level level) {
  switch (level) {
  case log_level::error:
    return "error";
  case log_level::warning:
    return "warning";
  case log_level::info:
    return "info";
  case log_level::debug:
    return "debug";
  }
  return "";
}

} // namespace

void set_log_level(log_level least) {
  least_written.store(least, std::memory_order_relaxed);
}

bool logs(log_level level) {
  return level <= least_written.load(std::memory_order_relaxed);
}

void log_line(log_level level, std::string_view event, const json& fields) {
  if (!logs(level))
    return;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  json line{{"at", std::chrono::duration_cast<std::chrono::milliseconds>(now).count()},
            {"level", name_of(level)},
            {"event", event}};
  line.update(fields);
  const std::string text = dump_json(line) + '\n';
  // One write per line keeps the lines of several threads whole. There is nobody to tell when
  // stderr itself cannot be written.
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());
}

} // namespace crm
