// SPDX-License-Identifier: Apache-2.0
// What workflows cost those who write: the latency of creates that each trigger a run, against the
// same creates in a workspace without workflows, in turns within one run of this program. And what
// the calls of a workspace notice while its webhooks go to targets that hang, send without end,
// redirect or ask to wait.
//
//   bench_workflow_latency [--writes 5000] [--writers 16] [--rounds 5] [--folder DIR]
//
// The wall-clock figures depend on the machine; the ratios are what to look at.
#include "actors/system.hpp"
#include "tests/support/http_receiver.hpp"
#include "tests/support/temp_folder.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <future>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono;
using crm::json;

struct settings {
  int writes = 5'000;
  int writers = 16;
  int rounds = 5;
  std::string folder = {};
};

/// One call of the local user of a workspace, waited for; ends the program when it fails.
json call(crm::actors::system& target, const std::string& workspace, const std::string& tool,
          json args) {
  std::promise<std::string> promise;
  auto envelope = promise.get_future();
  target.submit({crm::local_user{workspace, "bench"},
                 tool,
                 std::move(args),
                 {"bench", "bench"},
                 steady_clock::now() + minutes{5},
                 crm::completion<crm::tool_reply>{[&](crm::result<crm::tool_reply> outcome) {
                   promise.set_value(crm::envelope_of(outcome));
                 }}});
  json answer = json::parse(envelope.get());
  if (answer.at("success") == true)
    return answer;
  std::fprintf(stderr, "%s: %s\n", tool.c_str(), answer.dump().c_str());
  std::exit(1);
}

/// The milliseconds that each of so many creates took, with so many writers at once.
std::vector<double> write(crm::actors::system& target, const std::string& workspace, int writers,
                          int writes) {
  std::vector<std::vector<double>> taken(static_cast<std::size_t>(writers));
  std::vector<std::thread> threads;
  for (auto& mine : taken)
    threads.emplace_back([&, each = writes / writers] {
      for (int i = 0; i < each; ++i) {
        const auto start = steady_clock::now();
        call(target, workspace, "create_contact",
             {{"firstName", "Ada"}, {"lastName", "Lovelace"}, {"notes", "Met at the fair."}});
        mine.push_back(duration<double, std::milli>(steady_clock::now() - start).count());
      }
    });
  for (std::thread& each : threads)
    each.join();
  std::vector<double> all;
  for (const auto& mine : taken)
    all.insert(all.end(), mine.begin(), mine.end());
  return all;
}

void define_workflow(crm::actors::system& target, const std::string& workspace) {
  const json task{{"type", "task"}, {"subject", "Welcome {{trigger.after.firstName}}"}};
  call(target, workspace, "create_workflow",
       {{"name", "welcome"},
        {"trigger", {{"type", "record.created"}, {"config", {{"entityType", "contact"}}}}},
        {"actions",
         {{{"type", "call_tool"},
           {"order", 1},
           {"config", {{"tool", "create_activity"}, {"args", task}}}}}}});
}

std::int64_t runs(crm::actors::system& target, const std::string& workspace,
                  const std::string& status) {
  return call(target, workspace, "list_executions", {{"status", status}, {"limit", 1}})
      .at("page")
      .at("total");
}

/// Waits until every run has ended; returns how long that took.
double drain(crm::actors::system& target, const std::string& workspace, std::int64_t expected) {
  const auto start = steady_clock::now();
  while (runs(target, workspace, "completed") < expected)
    std::this_thread::sleep_for(milliseconds{50});
  return duration<double>(steady_clock::now() - start).count();
}

double at(const std::vector<double>& sorted, double part) {
  return sorted[static_cast<std::size_t>(part * static_cast<double>(sorted.size() - 1))];
}

void report(const std::string& what, std::vector<double> plain, std::vector<double> busy) {
  std::sort(plain.begin(), plain.end());
  std::sort(busy.begin(), busy.end());
  std::printf("%s, %zu calls each way\n", what.c_str(), busy.size());
  for (const auto& [name, part] : {std::pair{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}})
    std::printf("  %s  without %7.3f ms  with %7.3f ms  ratio %.2f\n", name, at(plain, part),
                at(busy, part), at(busy, part) / at(plain, part));
}

void create_workspace(crm::actors::system& target, const std::string& id) {
  std::promise<void> created;
  target.create_workspace(
      id, id, crm::completion<crm::workspace_info>{[&](const auto&) { created.set_value(); }});
  created.get_future().wait();
}

/// Creates and reads of a workspace, before and while 200 of its runs are at such targets.
void measure_hostile_targets(crm::actors::system& target, const settings& with) {
  using crm::test::http_receiver;
  create_workspace(target, "hostile");
  call(target, "hostile", "create_workflow",
       {{"name", "tell"},
        {"trigger", {{"type", "record.created"}, {"config", {{"entityType", "company"}}}}},
        {"actions",
         {{{"type", "webhook"}, {"order", 1}, {"config", {{"url", "{{trigger.after.notes}}"}}}}}}});
  std::promise<void> end;
  const auto ended = end.get_future().share();
  http_receiver hanging{[&](int, const auto&) { ended.wait(); }};
  http_receiver endless{[&](int socket, const auto&) {
    http_receiver::write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n");
    const std::string part(64 * 1024, 'x');
    while (::send(socket, part.data(), part.size(), MSG_NOSIGNAL) > 0) {
    }
  }};
  http_receiver elsewhere{
      http_receiver::status("302 Found", "Location: http://169.254.169.254/latest/meta-data\r\n")};
  http_receiver busy{http_receiver::status("429 Too Many Requests", "Retry-After: 1\r\n")};
  const auto calm = write(target, "hostile", with.writers, with.writes);
  for (int i = 0; i < 50; ++i) {
    for (const http_receiver* each : {&hanging, &endless, &elsewhere, &busy})
      call(target, "hostile", "create_company", {{"name", "C"}, {"notes", each->url()}});
  }
  const auto meanwhile = write(target, "hostile", with.writers, with.writes);
  const std::int64_t unfinished =
      runs(target, "hostile", "pending") + runs(target, "hostile", "running");
  report(std::to_string(with.writers) + " writers beside hostile webhooks", calm, meanwhile);
  std::printf("  of 200 runs %lld were still under way at the end\n",
              static_cast<long long>(unfinished));
  end.set_value();
}

settings read_settings(int argc, char** argv) {
  settings read;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    if (name == "--writes")
      read.writes = std::atoi(argv[i + 1]);
    else if (name == "--writers")
      read.writers = std::atoi(argv[i + 1]);
    else if (name == "--rounds")
      read.rounds = std::atoi(argv[i + 1]);
    else if (name == "--folder")
      read.folder = argv[i + 1];
  }
  return read;
}

} // namespace

int main(int argc, char** argv) {
  const settings with = read_settings(argc, argv);
  const crm::test::temp_folder own;
  crm::actors::system_options options;
  options.folder = with.folder.empty() ? own.path() : std::filesystem::path{with.folder};
  options.role = "bench";
  options.surroundings = crm::actors::real_environment();
  options.ensure_workspace = "plain";
  options.webhook_targets = crm::target_rules::loopback_too;
  const auto started = crm::actors::system::start(options);
  if (!started) {
    std::fprintf(stderr, "%s\n", started.error().message.c_str());
    return 1;
  }
  crm::actors::system& target = **started;
  create_workspace(target, "busy");
  define_workflow(target, "busy");

  std::vector<double> plain;
  std::vector<double> busy;
  double drained_s = 0;
  write(target, "plain", with.writers, with.writes / 10);
  for (int round = 1; round <= with.rounds; ++round) {
    const int writes = with.writes / with.rounds;
    const auto slow = write(target, "busy", with.writers, writes);
    busy.insert(busy.end(), slow.begin(), slow.end());
    drained_s += drain(target, "busy", static_cast<std::int64_t>(busy.size()));
    const auto fast = write(target, "plain", with.writers, writes);
    plain.insert(plain.end(), fast.begin(), fast.end());
  }
  report(std::to_string(with.writers) + " writers", std::move(plain), std::move(busy));
  std::printf("  every write had its one run; the last ended %.1f s after the last write, all "
              "rounds together\n",
              drained_s);
  measure_hostile_targets(target, with);
  return 0;
}
