// SPDX-License-Identifier: Apache-2.0
// The HTTP front with a route that says hello: the ceiling of every figure measured through it.
//
//   bench_front_hello [port] [io threads]
#include "transport/http/http_front.hpp"

#include <csignal>
#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
  using namespace crm::transport;
  sigset_t ends{};
  ::sigemptyset(&ends);
  ::sigaddset(&ends, SIGINT);
  ::sigaddset(&ends, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &ends, nullptr);

  http_options options;
  options.port = static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 0);
  options.io_threads = static_cast<std::size_t>(argc > 2 ? std::atoi(argv[2]) : 2);
  http_front front{std::move(options),
                   {{"GET", "/hello", [](const http_request&, exchange reply) {
                       reply.respond(json_response(200, R"({"hello":"world"})"));
                     }}}};
  if (const auto started = front.start(); !started) {
    std::fprintf(stderr, "%s\n", started.error().message.c_str());
    return 1;
  }
  std::printf("%d\n", front.port());
  std::fflush(stdout);
  int signal = 0;
  ::sigwait(&ends, &signal);
  front.drain(std::chrono::seconds{5});
  return 0;
}
