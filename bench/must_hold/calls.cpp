// SPDX-License-Identifier: Apache-2.0
// What calls cost: reads, writes and lists, against peers that do the same work.
#include "bench/must_hold/sections.hpp"

#include <cstdio>

namespace crm::bench {

namespace {

constexpr std::size_t contacts_read = 100;
constexpr std::size_t many_workspaces = 64;
constexpr std::size_t many_connections = 4'000;

load_case case_of(std::string name, std::function<load_plan()> plan) {
  return {std::move(name), [plan = std::move(plan)] { return run_load(plan()); }};
}

} // namespace

void measure_get(const settings& with, report& to) {
  crm_server ours{with, 1};
  node_peer node{with, 1};
  const child_process httplib{{with.httplib_peer}, child_process::speaks_on::stdout_only, "port "};
  const auto httplib_port = static_cast<std::uint16_t>(std::stoi(httplib.ready_line().substr(5)));
  ours.contacts().add_contacts(contacts_read);
  node.contacts().add_contacts(contacts_read);
  std::vector<load_case> cases{
      case_of("/health, 32 connections",
              [&] { return plain_gets(ours.port(), "/health", 32, with.seconds); }),
      case_of("get_contact, 32 connections",
              [&] { return ours.contacts().gets(32, with.seconds); }),
      case_of("get_contact, 32 connections, Node peer",
              [&] { return node.contacts().gets(32, with.seconds); }),
      case_of("hello, 32 connections, stock cpp-httplib",
              [&] { return plain_gets(httplib_port, "/hello", 32, with.seconds); }),
  };
  run_rounds(cases, with.rounds);
  const auto rate = &load_result::calls_per_s;
  to.at_least("get_contact / own /health, 32 connections", ratio(cases[1], cases[0], rate), 0.7);
  to.at_least("get_contact / Node peer, 32 connections", ratio(cases[1], cases[2], rate), 2.5);
}

void measure_create(const settings& with, report& to) {
  crm_server ours{with, 1};
  crm_server ours_many{with, many_workspaces};
  node_peer node{with, 1};
  node_peer node_many{with, many_workspaces};
  std::vector<load_case> cases{
      case_of("create_contact, 256 connections",
              [&] { return ours.contacts().creates(256, with.seconds); }),
      case_of("create_contact, 32 connections",
              [&] { return ours.contacts().creates(32, with.seconds); }),
      case_of("create_contact, 32 connections, Node peer",
              [&] { return node.contacts().creates(32, with.seconds); }),
      case_of("create_contact, 32 connections, 64 workspaces",
              [&] { return ours_many.contacts().creates(32, with.seconds); }),
      case_of("create_contact, 32 connections, 64 workspaces, Node peer",
              [&] { return node_many.contacts().creates(32, with.seconds); }),
      case_of("create_contact, 1 connection",
              [&] { return ours.contacts().creates(1, with.seconds); }),
      case_of("create_contact, 1 connection, Node peer",
              [&] { return node.contacts().creates(1, with.seconds); }),
  };
  run_rounds(cases, with.rounds);
  const auto rate = &load_result::calls_per_s;
  to.at_least("create_contact / Node peer, 32 connections", ratio(cases[1], cases[2], rate), 5);
  to.at_least("create_contact / Node peer, 64 workspaces", ratio(cases[3], cases[4], rate), 4);
  to.at_least("create_contact, 256 / 32 connections", ratio(cases[0], cases[1], rate), 1.3);
  to.at_most("create_contact p50 / Node peer, 1 connection",
             ratio(cases[5], cases[6], &load_result::p50_ms), 1.2);
}

void measure_connections(const settings& with, report& to) {
  crm_server ours{with, 1, {}};
  ours.contacts().add_contacts(contacts_read);
  std::vector<load_case> cases{
      case_of("get_contact, 32 connections",
              [&] { return ours.contacts().gets(32, with.seconds); }),
      case_of("get_contact, 4,000 connections",
              [&] { return ours.contacts().gets(many_connections, with.seconds); }),
  };
  run_rounds(cases, with.rounds);
  to.at_least("get_contact, 4,000 / 32 connections",
              ratio(cases[1], cases[0], &load_result::calls_per_s), 0.75);
  std::vector<double> of_fair_share;
  for (const load_result& result : cases[1].results)
    of_fair_share.push_back(result.p99_ms / (many_connections * 1'000 / result.calls_per_s));
  to.at_most("get_contact p99 / (4,000 / throughput)", spread_of(of_fair_share), 3);
}

void measure_list(const settings& with, report& to) {
  crm_server ours{with, 1};
  ours.contacts().add_contacts(contacts_read);
  std::vector<double> get_us;
  std::vector<double> list_us;
  const auto on_server = [&](const load_plan& plan, std::vector<double>& us_per_call) {
    const double before_s = ours.process().cpu_seconds();
    const load_result result = run_load(plan);
    // The warm-up is work as well, which nobody counted.
    const double share = std::chrono::duration<double>(plan.duration)
                         / std::chrono::duration<double>(plan.duration + plan.warm_up);
    us_per_call.push_back((ours.process().cpu_seconds() - before_s) * share * 1e6
                          / static_cast<double>(result.calls));
    return result;
  };
  std::vector<load_case> cases{
      {"get_contact, 32 connections",
       [&] { return on_server(ours.contacts().gets(32, with.seconds), get_us); }},
      {"list_contacts of 100, 32 connections",
       [&] { return on_server(ours.contacts().lists(32, with.seconds), list_us); }},
  };
  run_rounds(cases, with.rounds);
  std::vector<double> of_a_get;
  for (std::size_t i = 0; i < get_us.size(); ++i)
    of_a_get.push_back(list_us[i] / get_us[i]);
  std::printf("server CPU of a get: %.1f us, of a list of 100: %.1f us\n", spread_of(get_us).median,
              spread_of(list_us).median);
  to.at_most("list of 100 / get, time at 32 connections",
             ratio(cases[0], cases[1], &load_result::calls_per_s), 5);
  to.at_most("list of 100 / get, CPU of the server", spread_of(of_a_get), 5);
}

} // namespace crm::bench
