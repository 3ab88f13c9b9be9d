// SPDX-License-Identifier: Apache-2.0
// What clients cost that do nothing, hardly anything, or have gone without a word.
#include "bench/must_hold/sections.hpp"

#include <cstdio>
#include <string_view>
#include <thread>

#include <sys/socket.h>
#include <unistd.h>

namespace crm::bench {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::size_t idle_connections = 10'000;
constexpr std::size_t dripping_connections = 1'000;
constexpr std::size_t abandoned_streams = 100;
constexpr std::chrono::seconds watched_for{10};

/// Connections of one kind, closed together.
class open_connections {
public:
  open_connections() = default;
  open_connections(const open_connections&) = delete;
  open_connections& operator=(const open_connections&) = delete;
  ~open_connections() {
    for (const int fd : fds_)
      ::close(fd);
  }

  void open(std::uint16_t port, std::size_t count, std::string_view begin_with) {
    for (std::size_t i = 0; i < count; ++i) {
      fds_.push_back(connect_to(port));
      ::send(fds_.back(), begin_with.data(), begin_with.size(), MSG_NOSIGNAL);
    }
  }

  /// Sends one byte on each; one whose deadline came is opened anew.
  void drip(std::uint16_t port) {
    for (int& fd : fds_) {
      char byte = 'x';
      const bool answered = ::recv(fd, &byte, 1, MSG_DONTWAIT) >= 0;
      if (!answered && ::send(fd, &byte, 1, MSG_NOSIGNAL) == 1)
        continue;
      ::close(fd);
      fd = connect_to(port);
      ::send(fd, drip_begin.data(), drip_begin.size(), MSG_NOSIGNAL);
    }
  }

  static constexpr std::string_view drip_begin = "GET /health HTTP/1.1\r\nHost: a\r\nX-Slow: ";

private:
  std::vector<int> fds_;
};

/// Opens an event stream on a session of its own; nobody will read it.
std::string stream_request(std::uint16_t port, const std::string& token) {
  const std::string common = "Host: 127.0.0.1\r\nAuthorization: Bearer " + token
                             + "\r\nAccept: application/json, text/event-stream\r\n";
  const std::string body =
      R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25",)"
      R"("capabilities":{},"clientInfo":{"name":"bench","version":"1"}}})";
  const std::string answer = exchange(
      port, "POST /mcp HTTP/1.1\r\n" + common + "Content-Type: application/json\r\nContent-Length: "
                + std::to_string(body.size()) + "\r\n\r\n" + body);
  constexpr std::string_view name = "Mcp-Session-Id: ";
  const auto at = answer.find(name);
  if (at == std::string::npos)
    give_up("no session: " + answer);
  const std::string session =
      answer.substr(at + name.size(), answer.find("\r\n", at) - at - name.size());
  return "GET /mcp HTTP/1.1\r\n" + common + "Mcp-Session-Id: " + session
         + "\r\nMCP-Protocol-Version: 2025-11-25\r\n\r\n";
}

double in_mib(std::uint64_t bytes) {
  return static_cast<double>(bytes) / (1024 * 1024);
}

/// The value of a line of GET /metrics.
double metric(std::uint16_t port, const std::string& name) {
  const std::string page = fetch(port, "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  const auto at = page.find("\n" + name + " ");
  return at == std::string::npos ? -1 : std::stod(page.substr(at + name.size() + 2));
}

} // namespace

void measure_idle(const settings& with, report& to) {
  crm_server ours{with, 1};
  const std::uint16_t port = ours.port();
  run_load(plain_gets(port, "/health", 32, 1));
  const std::uint64_t before = ours.process().resident_bytes();
  load_result health;
  std::uint64_t during = 0;
  {
    open_connections idle;
    open_connections dripping;
    open_connections streams;
    idle.open(port, idle_connections, "GET /health HTTP/1.1\r\nHost: a\r\n\r\n");
    dripping.open(port, dripping_connections, open_connections::drip_begin);
    for (std::size_t i = 0; i < abandoned_streams; ++i)
      streams.open(port, 1, stream_request(port, ours.contacts().tokens()[0]));
    for (int i = 0; i < 100 && metric(port, "vantage_crm_http_streams") < abandoned_streams; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds{10});
    std::printf("open: %.0f connections, %.0f streams\n",
                metric(port, "vantage_crm_http_connections"),
                metric(port, "vantage_crm_http_streams"));
    std::thread asking{
        [&] { health = run_load(plain_gets(port, "/health", 1, watched_for.count())); }};
    for (const auto end = clock::now() + watched_for; clock::now() < end;) {
      dripping.drip(port);
      std::this_thread::sleep_for(std::chrono::seconds{1});
      during = std::max(during, ours.process().resident_bytes());
    }
    asking.join();
  }
  for (int i = 0; i < 100 && metric(port, "vantage_crm_http_connections") > 1; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds{100});
  std::this_thread::sleep_for(std::chrono::seconds{2});
  const std::uint64_t after = ours.process().resident_bytes();
  const double growth_kib = (in_mib(during) - in_mib(before)) * 1024
                            / (idle_connections + dripping_connections + abandoned_streams);
  std::printf(
      "resident: %.1f MiB before, %.1f during, %.1f after; /health p50 %.2f ms, p99 %.2f ms "
      "of %llu\n",
      in_mib(before), in_mib(during), in_mib(after), health.p50_ms, health.p99_ms,
      static_cast<unsigned long long>(health.calls));
  to.at_most("/health p99 in ms beside 10,000 idle, 1,000 dripping, 100 streams",
             spread_of({health.p99_ms}), 50);
  to.at_most("KiB of memory per connection", spread_of({growth_kib}), 16);
  const double left_mib = in_mib(after) - in_mib(before);
  to.at_most("MiB left when all have gone", spread_of({left_mib}), 8);
}

void measure_idle_cpu(const settings& with, report& to) {
  crm_server ours{with, 1};
  ours.contacts().add_contacts(1);
  std::vector<double> percents;
  for (int round = 0; round < with.rounds; ++round) {
    const double before_s = ours.process().cpu_seconds();
    std::this_thread::sleep_for(watched_for);
    percents.push_back((ours.process().cpu_seconds() - before_s) * 100
                       / static_cast<double>(watched_for.count()));
  }
  to.at_most("% of a core when nobody calls", spread_of(percents), 1);
}

} // namespace crm::bench
