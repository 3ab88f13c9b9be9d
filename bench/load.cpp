// SPDX-License-Identifier: Apache-2.0
// The load program: calls/s, p50 and p99 of create, get, list and search over HTTP keep-alive, by
// connections and by workspaces; and what group commit gains, against the same program with at most
// one call per commit, in the same run.
//
//   bench_load build/release/vantage-crm [--seconds 3] [--rounds 3]
#include "bench/contact_server.hpp"
#include "bench/report.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

using namespace crm::bench;

constexpr std::size_t contacts_per_workspace = 100;

void measure_calls(const settings& with, std::size_t workspaces) {
  crm_server server{with, workspaces};
  contact_target& target = server.contacts();
  target.add_contacts(contacts_per_workspace);
  std::vector<load_case> cases;
  for (const std::size_t connections : {std::size_t{1}, std::size_t{32}, std::size_t{256}}) {
    const std::string beside = ", " + std::to_string(workspaces) + " workspaces, "
                               + std::to_string(connections) + " connections";
    const auto add = [&](const char* what,
                         load_plan (contact_target::*plan)(std::size_t, int) const) {
      cases.push_back({what + beside, [&target, &with, plan, connections] {
                         return run_load((target.*plan)(connections, with.seconds));
                       }});
    };
    add("get", &contact_target::gets);
    add("list", &contact_target::lists);
    add("search", &contact_target::searches);
    add("create", &contact_target::creates);
  }
  run_rounds(cases, with.rounds);
}

void measure_group_commit(const settings& with) {
  crm_server grouped{with, 1};
  crm_server single{with, 1, {"--commit-calls-max", "1"}};
  std::vector<load_case> cases{
      {"create, 32 connections, group commit",
       [&] { return run_load(grouped.contacts().creates(32, with.seconds)); }},
      {"create, 32 connections, one call per commit",
       [&] { return run_load(single.contacts().creates(32, with.seconds)); }},
  };
  run_rounds(cases, with.rounds);
  std::printf("group commit / one call per commit: %.2f\n",
              ratio(cases[0], cases[1], &load_result::calls_per_s).median);
}

} // namespace

int main(int argc, char** argv) {
  settings with;
  with.rounds = 3;
  with.seconds = 3;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--seconds") == 0 && i + 1 < argc)
      with.seconds = std::atoi(argv[++i]);
    else if (std::strcmp(argv[i], "--rounds") == 0 && i + 1 < argc)
      with.rounds = std::atoi(argv[++i]);
    else
      with.program = argv[i];
  }
  if (with.program.empty() || with.rounds < 1 || with.seconds < 1) {
    std::fprintf(stderr, "usage: bench_load PROGRAM [--seconds 3] [--rounds 3]\n");
    return 2;
  }
  for (const std::size_t workspaces : {std::size_t{1}, std::size_t{64}})
    measure_calls(with, workspaces);
  measure_group_commit(with);
  return 0;
}
