// SPDX-License-Identifier: Apache-2.0
// Measures everything that the HTTP server is held to, in one run on one machine, against peers
// that run beside it. Prints Markdown, and ends with 1 when a claim does not hold.
//
//   bench_must_hold PROGRAM [--only SECTION] [--rounds 5] [--seconds 2]
#include "bench/must_hold/sections.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace {

using namespace crm::bench;

struct section {
  const char* name;
  void (*measure)(const settings&, report&);
};

constexpr std::array<section, 9> sections{{
    {"get", measure_get},
    {"create", measure_create},
    {"connections", measure_connections},
    {"list", measure_list},
    {"idle", measure_idle},
    {"noisy", measure_noisy},
    {"tenants", measure_tenants},
    {"overload", measure_overload},
    {"idle-cpu", measure_idle_cpu},
}};

int usage() {
  std::fprintf(stderr,
               "usage: bench_must_hold PROGRAM [--only SECTION] [--rounds 5] [--seconds 2]\n"
               "sections:");
  for (const section& each : sections)
    std::fprintf(stderr, " %s", each.name);
  std::fprintf(stderr, "\n");
  return 2;
}

} // namespace

int main(int argc, char** argv) {
  settings with;
  std::string only;
  for (int i = 1; i < argc; ++i) {
    const bool has_value = i + 1 < argc;
    if (std::strcmp(argv[i], "--only") == 0 && has_value)
      only = argv[++i];
    else if (std::strcmp(argv[i], "--rounds") == 0 && has_value)
      with.rounds = std::atoi(argv[++i]);
    else if (std::strcmp(argv[i], "--seconds") == 0 && has_value)
      with.seconds = std::atoi(argv[++i]);
    else
      with.program = argv[i];
  }
  if (with.program.empty() || with.rounds < 1 || with.seconds < 1)
    return usage();
  with.node_peer = CRM_BENCH_FOLDER "/peers/node";
  with.httplib_peer =
      (std::filesystem::path{argv[0]}.parent_path() / "bench_httplib_hello").string();
  raise_file_limit();
  print_machine(with);
  report results;
  bool found = false;
  for (const section& each : sections) {
    if (!only.empty() && only != each.name)
      continue;
    found = true;
    std::printf("\n## %s\n\n", each.name);
    std::fflush(stdout);
    each.measure(with, results);
  }
  if (!found)
    return usage();
  return results.print_table() ? 0 : 1;
}
