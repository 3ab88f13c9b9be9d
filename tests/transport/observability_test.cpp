// SPDX-License-Identifier: Apache-2.0
// What an operator can see of a running server, and what nobody may see there.
#include "protocol/log.hpp"
#include "tests/support/fake_gateway.hpp"
#include "tests/support/raw_client.hpp"
#include "transport/http/http_front.hpp"
#include "transport/metrics.hpp"
#include "transport/rest_api.hpp"

#include <array>
#include <cstdio>
#include <doctest/doctest.h>
#include <unistd.h>

using namespace crm;
using namespace crm::test;
using namespace crm::transport;

namespace {

/// The routes of the program over a fake gateway that answers what a test wants.
class observed_server {
public:
  observed_server() {
    gateway_.set_token("good", {"acme", "ann", {scope::read, scope::write}});
    gateway_.set_token("operator", {"acme", "otto", {scope::cloud_admin}});
    gateway_.on_submit = [](call work) {
      work.trace->workspace = "acme";
      if (work.args.contains("fail"))
        return work.done(crm::error{error_code::not_found, work.args["fail"]});
      work.done(tool_reply{dump_json(work.args)});
    };
    auto routes = rest_routes(observed_, {});
    routes.push_back(metrics_route(observed_, {}, [this] {
      return numbers_.page({.commits = 3, .committed_calls = 12, .calls_in_flight = 5},
                           front_->stats());
    }));
    front_.emplace(http_options{}, std::move(routes));
    REQUIRE(front_->start());
  }

  raw_response get(const std::string& path, const std::string& headers = {},
                   const std::string& host = "localhost") {
    return ask(front_->port(),
               "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n" + headers + "\r\n");
  }

  raw_response call_tool(const std::string& body, const std::string& headers = {}) {
    return ask(front_->port(),
               "POST /mcp/call HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good\r\n" + headers
                   + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  }

  std::string page() { return get("/metrics").body; }

private:
  fake_gateway gateway_;
  metrics numbers_{gateway_.tools()};
  observed_gateway observed_{gateway_, [this](const call_report& report) {
                               numbers_.count(report);
                               log_call(report);
                             }};
  std::optional<http_front> front_;
};

bool has_line(const std::string& page, const std::string& line) {
  return ("\n" + page).find("\n" + line + "\n") != std::string::npos;
}

/// Everything that the process writes to stderr while it lives.
class stderr_capture {
public:
  stderr_capture() : file_(std::tmpfile()), stderr_(::dup(STDERR_FILENO)) {
    ::dup2(::fileno(file_), STDERR_FILENO);
  }
  stderr_capture(const stderr_capture&) = delete;
  stderr_capture& operator=(const stderr_capture&) = delete;
  ~stderr_capture() {
    ::dup2(stderr_, STDERR_FILENO);
    ::close(stderr_);
    std::fclose(file_);
    set_log_level(log_level::warning);
  }

  std::string text() const {
    std::string all;
    std::array<char, 4096> block{};
    for (ssize_t size = 0; (size = ::pread(::fileno(file_), block.data(), block.size(),
                                           static_cast<off_t>(all.size())))
                           > 0;)
      all.append(block.data(), static_cast<std::size_t>(size));
    return all;
  }

private:
  std::FILE* file_;
  int stderr_;
};

} // namespace

TEST_CASE("the metrics count calls by tool and code, and time them by tool") {
  observed_server server;
  for (int i = 0; i < 3; ++i)
    CHECK(server.call_tool(R"({"tool":"read_thing","args":{}})").status == 200);
  CHECK(server.call_tool(R"({"tool":"read_thing","args":{"fail":"x"}})").status == 404);
  CHECK(server.call_tool(R"({"tool":"write_thing","args":{}})").status == 200);
  const std::string page = server.page();
  CAPTURE(page);
  CHECK(has_line(page, R"(vantage_crm_calls_total{code="OK",tool="read_thing"} 3)"));
  CHECK(has_line(page, R"(vantage_crm_calls_total{code="NOT_FOUND",tool="read_thing"} 1)"));
  CHECK(has_line(page, R"(vantage_crm_calls_total{code="OK",tool="write_thing"} 1)"));
  CHECK(has_line(page, R"(vantage_crm_call_duration_seconds_count{tool="read_thing"} 4)"));
  CHECK(has_line(page, "# TYPE vantage_crm_call_duration_seconds histogram"));
  CHECK(page.find("erase_things") == std::string::npos);
}

TEST_CASE("the metrics show the numbers of the actors and of the front") {
  observed_server server;
  const std::string page = server.page();
  CAPTURE(page);
  CHECK(has_line(page, "vantage_crm_commits_total 3"));
  CHECK(has_line(page, "vantage_crm_committed_calls_total 12"));
  CHECK(has_line(page, "vantage_crm_calls_in_flight 5"));
  CHECK(has_line(page, "vantage_crm_http_requests_total 1"));
  CHECK(has_line(page, "vantage_crm_http_connections 1"));
  CHECK(has_line(page, "vantage_crm_http_streams 0"));
}

TEST_CASE("names that clients invent make no lines of their own in the metrics") {
  observed_server server;
  for (int i = 0; i < 20; ++i)
    server.call_tool(R"({"tool":"invented_)" + std::to_string(i) + R"(","args":{"fail":"x"}})");
  const std::string page = server.page();
  CHECK(page.find("invented") == std::string::npos);
  CHECK(has_line(page, R"(vantage_crm_calls_total{code="NOT_FOUND",tool="unknown"} 20)"));
}

TEST_CASE("the metrics are for clients of this machine and for cloud-admin tokens") {
  observed_server server;
  const raw_response local = server.get("/metrics");
  CHECK(local.status == 200);
  CHECK(local.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8");
  struct row {
    const char* headers;
    int status;
  };
  const row rows[] = {
      {"X-Forwarded-For: 127.0.0.1\r\n", 401},
      {"Forwarded: for=127.0.0.1\r\n", 401},
      {"Via: 1.1 proxy\r\n", 401},
      {"Origin: http://localhost\r\n", 401},
      {"X-Forwarded-For: 1.2.3.4\r\nAuthorization: Bearer unknown\r\n", 401},
      {"X-Forwarded-For: 1.2.3.4\r\nAuthorization: Bearer good\r\n", 403},
      {"X-Forwarded-For: 1.2.3.4\r\nAuthorization: Bearer operator\r\n", 200},
  };
  CHECK(server.get("/metrics", "", "rebound.example.com").status == 401);
  CHECK(server.get("/metrics", "", "127.0.0.1:3001").status == 200);
  for (const row& r : rows) {
    CAPTURE(r.headers);
    const raw_response answer = server.get("/metrics", r.headers);
    CHECK(answer.status == r.status);
    CHECK((answer.body.find("vantage_crm_commits_total") != std::string::npos)
          == (r.status == 200));
  }
}

TEST_CASE("a call is one JSON line at info, and nothing at warning") {
  observed_server server;
  const stderr_capture written;
  server.call_tool(R"({"tool":"read_thing","args":{}})");
  CHECK(written.text().empty());
  set_log_level(log_level::info);
  server.call_tool(R"({"tool":"write_thing","args":{"fail":"x"}})");
  const json line = json::parse(written.text());
  CHECK(line["level"] == "info");
  CHECK(line["event"] == "call");
  CHECK(line["tool"] == "write_thing");
  CHECK(line["code"] == "NOT_FOUND");
  CHECK(line["workspace"] == "acme");
  CHECK(line["ms"].is_number());
  CHECK(line["request"].get<std::string>().size() == 15);
}

TEST_CASE("nothing that a client sends appears in the log, at any level") {
  observed_server server;
  const stderr_capture written;
  set_log_level(log_level::debug);
  const std::string planted = "planted-7f3a";
  const std::string secret = "vcrm_" + planted;
  const std::string bodies[] = {
      R"({"tool":"write_thing","args":{"email":")" + secret + R"("}})",
      R"({"tool":"write_thing","args":{"fail":")" + secret + R"("}})",
      R"({"tool":")" + secret + R"(","args":{}})",
      R"({")" + secret + R"(":1})",
      "{" + secret,
  };
  for (const std::string& body : bodies)
    server.call_tool(body, "User-Agent: " + secret + "\r\nX-Custom: " + secret + "\r\n");
  for (const std::string& path : {"/" + secret, "/health?" + secret, "/mcp/tools?" + secret})
    server.get(path, "Authorization: Bearer " + secret + "\r\nCookie: " + secret + "\r\n");
  server.get("/metrics", "Via: x\r\nAuthorization: Bearer " + secret + "\r\n");
  server.call_tool("x", "Bad Header " + secret + "\r\n");
  const std::string log = written.text();
  CAPTURE(log);
  CHECK(log.find("\"event\":\"call\"") != std::string::npos);
  CHECK(log.find(planted) == std::string::npos);
  CHECK(server.page().find(planted) == std::string::npos);
}
