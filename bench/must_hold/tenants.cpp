// SPDX-License-Identifier: Apache-2.0
// Many workspaces on one server: a noisy one among quiet ones, and ten thousand.
#include "bench/tenants.hpp"
#include "bench/must_hold/sections.hpp"

#include <cstdio>
#include <memory>
#include <thread>

namespace crm::bench {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::size_t quiet_workspaces = 32;
constexpr std::size_t quiet_connections = 16;
constexpr std::size_t rows_walked = 100'000;
constexpr std::size_t all_workspaces = 10'000;
constexpr std::size_t records_each = 100;

/// Walks all pages of workspace 0, over and over, until it is told to stop.
std::uint64_t walk_list(const contact_target& target, const std::atomic<bool>& stop) {
  std::uint64_t rows = 0;
  std::string cursor;
  while (!stop) {
    const std::string args =
        cursor.empty() ? R"({"limit":100})" : R"({"limit":100,"cursor":")" + cursor + R"("})";
    const std::string answer =
        fetch(target.port(), call_request(target.tokens()[0], "list_contacts", args));
    constexpr std::string_view member = R"("nextCursor":")";
    const auto at = answer.rfind(member);
    cursor = at == std::string::npos
                 ? std::string{}
                 : answer.substr(at + member.size(),
                                 answer.find('"', at + member.size()) - at - member.size());
    rows += 100;
  }
  return rows;
}

/// Calls every workspace once, from a few connections, and returns how long each took in ms.
std::vector<double> touch_all(const contact_target& target) {
  std::vector<double> took_ms;
  for (const std::string& token : target.tokens()) {
    const auto begun = clock::now();
    const std::string answer =
        fetch(target.port(), call_request(token, "list_contacts", R"({"limit":1})"));
    took_ms.push_back(std::chrono::duration<double, std::milli>(clock::now() - begun).count());
    if (!answer.starts_with(R"({"success":true)"))
      give_up("a first call failed: " + answer);
  }
  return took_ms;
}

double percentile(std::vector<double> values, double percent) {
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(static_cast<double>(values.size()) * percent / 100)];
}

} // namespace

void measure_noisy(const settings& with, report& to) {
  crm_server ours{with, 1 + quiet_workspaces};
  contact_target& target = ours.contacts();
  target.add_contacts(10);
  target.add_many(0, rows_walked);
  std::uint64_t flooded = 0;
  std::uint64_t walked = 0;
  std::vector<load_case> cases{
      {"get of the others, quiet",
       [&] { return run_load(target.gets_of_others(quiet_connections, with.seconds)); }},
      {"get of the others, beside a flood and a walk",
       [&] {
         std::atomic<bool> stop{false};
         std::thread flood{[&] {
           load_plan plan = target.creates(32, 3'600);
           plan.request = [&](std::size_t connection, std::uint64_t number) {
             return target.create_request(0, std::to_string(connection) + "-"
                                                 + std::to_string(number));
           };
           plan.stop = &stop;
           flooded += run_load(plan).calls;
         }};
         std::thread walk{[&] { walked += walk_list(target, stop); }};
         const load_result result =
             run_load(target.gets_of_others(quiet_connections, with.seconds));
         stop = true;
         flood.join();
         walk.join();
         return result;
       }},
  };
  run_rounds(cases, with.rounds);
  std::printf("meanwhile: %llu creates and %llu rows listed\n",
              static_cast<unsigned long long>(flooded), static_cast<unsigned long long>(walked));
  to.at_most("get p99 of the others, noisy / quiet",
             ratio(cases[1], cases[0], &load_result::p99_ms), 1.5);
}

void measure_tenants(const settings& with, report& to) {
  const crm::test::temp_folder folder;
  const auto tokens = add_workspaces(folder.path(), all_workspaces);
  {
    const server_process first{with.program, folder.path()};
    contact_target target{first.port(), {tokens[0]}};
    target.add_contacts(records_each);
  }
  copy_first_workspace(folder.path(), all_workspaces);
  {
    const server_process ours{with.program, folder.path()};
    const double began_mib = static_cast<double>(ours.resident_bytes()) / (1024 * 1024);
    const std::vector<double> took_ms = touch_all({ours.port(), tokens});
    const double mib = static_cast<double>(ours.resident_bytes()) / (1024 * 1024);
    std::printf("first calls: p50 %.2f ms, p99 %.2f ms; resident %.0f MiB before, %.0f after\n",
                percentile(took_ms, 50), percentile(took_ms, 99), began_mib, mib);
    to.at_most("p99 in ms of the first call to a cold workspace",
               spread_of({percentile(took_ms, 99)}), 50);
    to.at_most("MiB of memory after touching 10,000 workspaces", spread_of({mib}), 300);
  }
  std::vector<double> restarts_s;
  for (int round = 0; round < with.rounds; ++round) {
    const auto begun = clock::now();
    const server_process again{with.program, folder.path()};
    fetch(again.port(), "GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    restarts_s.push_back(std::chrono::duration<double>(clock::now() - begun).count());
  }
  to.at_most("seconds from the start with 10,000 workspaces to /health", spread_of(restarts_s), 1);
}

} // namespace crm::bench
