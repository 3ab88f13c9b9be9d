// SPDX-License-Identifier: Apache-2.0
// cpp-httplib by itself, with its defaults and hello: what the front is compared with.
//
//   bench_httplib_hello PORT
#include <cstdlib>
#include <httplib.h>

int main(int argc, char** argv) {
  httplib::Server server;
  server.Get("/hello", [](const httplib::Request&, httplib::Response& response) {
    response.set_content(R"({"hello":"world"})", "application/json");
  });
  return server.listen("127.0.0.1", argc > 1 ? std::atoi(argv[1]) : 8080) ? 0 : 1;
}
