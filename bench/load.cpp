// SPDX-License-Identifier: Apache-2.0
// The load program: calls/s, p50 and p99 of create, get, list and search over HTTP keep-alive, by
// connections and by workspaces; and what group commit gains, against the same program with at most
// one call per commit, in the same run.
//
//   bench_load build/release/vantage-crm [--seconds 3] [--rounds 3]
#include "bench/http_load.hpp"
#include "bench/server_process.hpp"
#include "tests/support/temp_folder.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace {

using namespace crm::bench;

struct settings {
  std::string program;
  int seconds = 3;
  int rounds = 3;
};

/// A server with some workspaces, each with a token and some contacts to read.
class prepared_server {
public:
  prepared_server(const settings& with, std::size_t workspaces,
                  const std::vector<std::string>& options = {})
      : seconds_(with.seconds), server_(with.program, folder_.path(), options) {
    for (std::size_t i = 0; i < workspaces; ++i)
      tokens_.push_back(server_.add_workspace("w" + std::to_string(i)));
    for (const std::string& token : tokens_) {
      for (int n = 0; n < contacts_per_workspace; ++n) {
        const auto answer =
            nlohmann::json::parse(fetch(server_.port(), create(token, std::to_string(n))));
        ids_.push_back(answer["data"]["id"]);
      }
    }
  }

  load_result run(const std::string& what, std::size_t connections) {
    load_plan plan;
    plan.port = server_.port();
    plan.connections = connections;
    plan.duration = std::chrono::seconds{seconds_};
    plan.request = [&](std::size_t connection, std::uint64_t number) {
      const std::size_t workspace = (connection + number) % tokens_.size();
      const std::string& token = tokens_[workspace];
      if (what == "create")
        return create(token, std::to_string(connection) + "-" + std::to_string(number));
      if (what == "get")
        return call_request(token, "get_contact",
                            R"({"contactId":")" + some_id(workspace, number) + R"("})");
      if (what == "list")
        return call_request(token, "list_contacts", R"({"limit":100})");
      return call_request(token, "search_contacts", R"({"query":"ada lovel"})");
    };
    return run_load(plan);
  }

private:
  static constexpr int contacts_per_workspace = 100;

  static std::string create(const std::string& token, const std::string& unique) {
    return call_request(token, "create_contact",
                        R"({"firstName":"Ada","lastName":"Lovelace )" + unique + R"(","email":"ada)"
                            + unique
                            + R"(@example.com","phone":"+44 20 7946 0000","tags":["vip","math"],)"
                              R"("notes":"Met at the fair; asked for an offer in spring."})");
  }

  const std::string& some_id(std::size_t workspace, std::uint64_t number) const {
    return ids_[workspace * contacts_per_workspace + number % contacts_per_workspace];
  }

  int seconds_;
  crm::test::temp_folder folder_;
  server_process server_;
  std::vector<std::string> tokens_;
  std::vector<std::string> ids_;
};

void print_row(const std::string& what, std::size_t workspaces, std::size_t connections,
               const load_result& result) {
  std::printf("%-22s %10zu %11zu %11.0f %9.2f %9.2f %7llu\n", what.c_str(), workspaces, connections,
              result.calls_per_s, result.p50_ms, result.p99_ms,
              static_cast<unsigned long long>(result.failed()));
  std::fflush(stdout);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void print_table(const settings& with) {
  std::printf("%-22s %10s %11s %11s %9s %9s %7s\n", "call", "workspaces", "connections", "calls/s",
              "p50 ms", "p99 ms", "failed");
  for (const std::size_t workspaces : {std::size_t{1}, std::size_t{64}}) {
    prepared_server server{with, workspaces};
    for (const char* what : {"get", "list", "search", "create"}) {
      for (const std::size_t connections : {std::size_t{1}, std::size_t{32}, std::size_t{256}})
        print_row(what, workspaces, connections, server.run(what, connections));
    }
  }
}

/// Alternates between the two servers, so that a drift of the machine touches both.
void print_group_commit(const settings& with) {
  prepared_server grouped{with, 1};
  prepared_server single{with, 1, {"--commit-calls-max", "1"}};
  std::vector<double> ratios;
  for (int round = 0; round < with.rounds; ++round) {
    const load_result many = grouped.run("create", 32);
    const load_result one = single.run("create", 32);
    print_row("create, group commit", 1, 32, many);
    print_row("create, one per commit", 1, 32, one);
    ratios.push_back(many.calls_per_s / one.calls_per_s);
  }
  std::printf("group commit / one per commit: %.2f (median of %d)\n", median(ratios), with.rounds);
}

} // namespace

int main(int argc, char** argv) {
  settings with;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--seconds") == 0 && i + 1 < argc)
      with.seconds = std::atoi(argv[++i]);
    else if (std::strcmp(argv[i], "--rounds") == 0 && i + 1 < argc)
      with.rounds = std::atoi(argv[++i]);
    else
      with.program = argv[i];
  }
  if (with.program.empty()) {
    std::fprintf(stderr, "usage: bench_load PROGRAM [--seconds 3] [--rounds 3]\n");
    return 2;
  }
  print_table(with);
  print_group_commit(with);
  return 0;
}
