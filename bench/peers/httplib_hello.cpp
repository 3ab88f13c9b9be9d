// SPDX-License-Identifier: Apache-2.0
// cpp-httplib by itself with a hello: what the front is compared with. Its defaults would measure
// Nagle's algorithm and five requests per connection; what a user would change first is changed.
//
//   bench_httplib_hello       prints the port that the system chose
#include <cstdio>
#include <httplib.h>

int main() {
  httplib::Server server;
  server.set_tcp_nodelay(true);
  server.set_keep_alive_max_count(1'000'000);
  server.new_task_queue = [] { return new httplib::ThreadPool{40}; };
  server.Get("/hello", [](const httplib::Request&, httplib::Response& response) {
    response.set_content(R"({"hello":"world"})", "application/json");
  });
  std::printf("port %d\n", server.bind_to_any_port("127.0.0.1"));
  std::fflush(stdout);
  return server.listen_after_bind() ? 0 : 1;
}
