// SPDX-License-Identifier: Apache-2.0
// What connections that do nothing cost: opens many, parked after one request each, and prints the
// growth of the server's resident memory per connection, the time of a request in between, the CPU
// that idling takes, and the memory that is left when all have gone.
//
//   bench_front_idle [connections]
#include "transport/http/http_front.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <netinet/in.h>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

using namespace crm::transport;
using clock_type = std::chrono::steady_clock;

double resident_kib(pid_t process) {
  std::ifstream statm{"/proc/" + std::to_string(process) + "/statm"};
  double total = 0;
  double resident = 0;
  statm >> total >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1024;
}

double cpu_seconds(pid_t process) {
  clockid_t clock{};
  timespec spent{};
  if (::clock_getcpuclockid(process, &clock) != 0 || ::clock_gettime(clock, &spent) != 0)
    return 0;
  return static_cast<double>(spent.tv_sec) + static_cast<double>(spent.tv_nsec) / 1e9;
}

int open_connection(std::uint16_t port) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
    return descriptor;
  ::close(descriptor);
  return -1;
}

/// Returns how long one request took, in milliseconds; negative when it was not answered.
double ask(int descriptor) {
  constexpr std::string_view request = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n";
  const auto before = clock_type::now();
  std::array<char, 4096> answer{};
  if (::send(descriptor, request.data(), request.size(), MSG_NOSIGNAL) < 0
      || ::recv(descriptor, answer.data(), answer.size(), 0) <= 0
      || !std::string_view{answer.data(), answer.size()}.starts_with("HTTP/1.1 200"))
    return -1;
  return std::chrono::duration<double, std::milli>(clock_type::now() - before).count();
}

/// The server's process: serves until it is told to end.
int serve(int tell_port) {
  sigset_t ends{};
  ::sigemptyset(&ends);
  ::sigaddset(&ends, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  http_front front{{}, {{"GET", "/hello", [](const http_request&, exchange reply) {
                           reply.respond(json_response(200, R"({"hello":"world"})"));
                         }}}};
  if (!front.start())
    return 1;
  const std::uint16_t port = front.port();
  if (::write(tell_port, &port, sizeof port) != sizeof port)
    return 1;
  int signal = 0;
  ::sigwait(&ends, &signal);
  front.drain(std::chrono::seconds{5});
  return 0;
}

void measure(pid_t server, std::uint16_t port, std::size_t wanted) {
  const int probe = open_connection(port);
  ask(probe);
  const double before_kib = resident_kib(server);
  const auto started = clock_type::now();
  std::vector<int> parked;
  std::size_t unanswered = 0;
  while (parked.size() < wanted) {
    const int descriptor = open_connection(port);
    if (descriptor < 0)
      break;
    unanswered += ask(descriptor) < 0 ? 1 : 0;
    parked.push_back(descriptor);
  }
  const double opened_s = std::chrono::duration<double>(clock_type::now() - started).count();
  const double with_kib = resident_kib(server);
  const double cpu_before_s = cpu_seconds(server);
  double slowest_ms = 0;
  constexpr int probes = 50;
  for (int i = 0; i < probes; ++i) {
    slowest_ms = std::max(slowest_ms, ask(probe));
    std::this_thread::sleep_for(std::chrono::milliseconds{100});
  }
  const double cpu_s = cpu_seconds(server) - cpu_before_s;
  std::printf("connections          %zu in %.2f s, %zu unanswered\n", parked.size(), opened_s,
              unanswered);
  std::printf("memory               %.2f KiB per connection\n",
              (with_kib - before_kib) / static_cast<double>(parked.size()));
  std::printf("slowest request      %.2f ms of %d in between\n", slowest_ms, probes);
  std::printf("cpu while idle       %.2f %% of a core\n", cpu_s / (probes * 0.1) * 100);
  for (const int descriptor : parked)
    ::close(descriptor);
  std::this_thread::sleep_for(std::chrono::seconds{1});
  std::printf("memory left behind   %.0f KiB\n", resident_kib(server) - before_kib);
  ::close(probe);
}

} // namespace

int main(int argc, char** argv) {
  const rlimit files = [] {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    return limit;
  }();
  const std::size_t wanted = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 10'000;
  if (files.rlim_cur < wanted + 100)
    std::fprintf(stderr, "the limit of open files, %zu, allows fewer connections\n",
                 static_cast<std::size_t>(files.rlim_cur));
  std::array<int, 2> pipe_ends{};
  if (::pipe(pipe_ends.data()) != 0)
    return 1;
  const pid_t server = ::fork();
  if (server == 0)
    return serve(pipe_ends[1]);
  std::uint16_t port = 0;
  if (::read(pipe_ends[0], &port, sizeof port) != sizeof port)
    return 1;
  measure(server, port, wanted);
  ::kill(server, SIGTERM);
  int status = 0;
  ::waitpid(server, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
