// SPDX-License-Identifier: Apache-2.0
// What was measured on: without it no figure means anything.
#include "bench/must_hold/sections.hpp"

#include <array>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <thread>

#include <sys/utsname.h>

namespace crm::bench {

namespace {

std::string processor() {
  std::ifstream file{"/proc/cpuinfo"};
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("model name"))
      return line.substr(line.find(':') + 2);
  return "unknown";
}

/// The first line that a command prints.
std::string answer_of(const std::string& command) {
  std::array<char, 256> line{};
  std::FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr)
    return {};
  const bool read = std::fgets(line.data(), line.size(), pipe) != nullptr;
  ::pclose(pipe);
  const std::string text = read ? line.data() : "";
  return text.substr(0, text.find('\n'));
}

std::string today() {
  const std::time_t now = std::time(nullptr);
  std::tm date{};
  ::gmtime_r(&now, &date);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%d", &date);
  return text.data();
}

double memory_gib() {
  std::ifstream file{"/proc/meminfo"};
  std::string name;
  double kib = 0;
  file >> name >> kib;
  return kib / (1024 * 1024);
}

} // namespace

void print_machine(const settings& with) {
  utsname system{};
  ::uname(&system);
  double load = 0;
  ::getloadavg(&load, 1);
  const std::string peer = "cd '" + with.node_peer + "' && node -p '";
  std::printf("| | |\n|---|---|\n");
  std::printf("| date | %s |\n", today().c_str());
  std::printf("| machine | %u x %s, %.0f GiB, Linux %s; server, peers and load on it together |\n",
              std::thread::hardware_concurrency(), processor().c_str(), memory_gib(),
              system.release);
  std::printf("| load average before | %.1f |\n", load);
  std::printf("| program | %s |\n", answer_of("'" + with.program + "' --version").c_str());
  std::printf("| Node peer | Node %s, better-sqlite3 %s |\n", answer_of("node --version").c_str(),
              answer_of(peer + "require(\"better-sqlite3/package.json\").version'").c_str());
  std::printf(
      "| rounds | %d of %d s each, cases in turns; the median, and in brackets the extremes "
      "|\n",
      with.rounds, with.seconds);
  std::fflush(stdout);
}

} // namespace crm::bench
