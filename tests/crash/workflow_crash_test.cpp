// SPDX-License-Identifier: Apache-2.0
// Ends a server with SIGKILL at each fault point of the workflow engine, again and again on the
// same data, and then counts. CRM_CRASHES sets how often per point (100).
#include "actors/system.hpp"
#include "storage/digest.hpp"
#include "tests/support/http_receiver.hpp"
#include "tests/support/temp_folder.hpp"

#include <doctest/doctest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <future>
#include <map>
#include <set>

using crm::json;
using namespace std::chrono_literals;

namespace {

std::string variable(const char* name, const std::string& otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : text;
}

/// The server under test, in this process.
class server {
public:
  explicit server(const std::string& folder) {
    crm::actors::system_options options;
    options.folder = folder;
    options.role = "crash test";
    options.surroundings = crm::storage::system_environment();
    options.ensure_workspace = "default";
    options.webhook_targets = crm::target_rules::loopback_too;
    running_ = *crm::actors::system::start(std::move(options));
  }

  json call(const std::string& tool, json args) {
    std::promise<std::string> promise;
    auto envelope = promise.get_future();
    running_->submit({crm::local_user{"default", "tester"},
                      tool,
                      std::move(args),
                      {"test", "req"},
                      std::chrono::steady_clock::now() + 60s,
                      crm::completion<crm::tool_reply>{[&](crm::result<crm::tool_reply> outcome) {
                        promise.set_value(crm::envelope_of(outcome));
                      }}});
    return json::parse(envelope.get());
  }

  std::int64_t total(const std::string& tool, json args = json::object()) {
    return call(tool, std::move(args)).at("page").at("total");
  }

  /// Asks until no run is unfinished.
  bool settle() {
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    while (std::chrono::steady_clock::now() < deadline) {
      if (total("list_executions", {{"status", "pending"}}) == 0
          && total("list_executions", {{"status", "running"}}) == 0)
        return true;
    }
    return false;
  }

private:
  std::unique_ptr<crm::actors::system> running_;
};

void define_workflow(server& running) {
  if (running.total("list_workflows") > 0)
    return;
  running.call(
      "create_workflow",
      {{"name", "crash"},
       {"trigger", {{"type", "record.created"}, {"config", {{"entityType", "contact"}}}}},
       {"actions",
        {{{"type", "call_tool"},
          {"order", 1},
          {"config",
           {{"tool", "create_activity"},
            {"args",
             {{"type", "task"}, {"subject", "one"}, {"contactId", "{{trigger.after.id}}"}}}}}},
         {{"type", "webhook"},
          {"order", 2},
          {"config",
           {{"url", "{{trigger.after.notes}}"},
            {"body", {{"run", "{{execution.id}}"}, {"at", "{{now}}"}}}}}},
         {{"type", "call_tool"},
          {"order", 3},
          {"config",
           {{"tool", "create_activity"},
            {"args",
             {{"type", "note"}, {"subject", "two"}, {"contactId", "{{trigger.after.id}}"}}}}}}}}});
}

/// Runs the case below in a process of its own, and returns how it ended.
int run_child(const std::string& folder, const std::string& url, const std::string& fault) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::setenv("CRM_CRASH_FOLDER", folder.c_str(), 1);
    ::setenv("CRM_CRASH_URL", url.c_str(), 1);
    ::setenv("VANTAGE_FAULT", fault.c_str(), 1);
    ::execl("/proc/self/exe", "crash", "-ns", "-tc=the server that is killed", "-m",
            static_cast<char*>(nullptr));
    ::_exit(127);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

std::set<std::string> acknowledged(const std::string& folder) {
  std::ifstream file{folder + "/acknowledged"};
  std::set<std::string> ids;
  for (std::string id; std::getline(file, id);)
    ids.insert(id);
  return ids;
}

/// Counts the activities of each contact.
std::map<std::string, int> per_contact(server& running, const std::string& type) {
  std::map<std::string, int> counts;
  json args{{"type", type}, {"limit", 100}};
  for (;;) {
    const json page = running.call("list_activities_by_type", args);
    for (const json& each : page.at("data"))
      ++counts[each.at("contactId").get<std::string>()];
    if (page.at("page").at("nextCursor").is_null())
      return counts;
    args["cursor"] = page["page"]["nextCursor"];
  }
}

void check_exactly_once(const std::string& folder, const crm::test::http_receiver& receiver) {
  server running{folder};
  REQUIRE(running.settle());
  const std::int64_t contacts = running.total("list_contacts");
  CHECK(running.total("list_executions", {{"status", "completed"}}) == contacts);
  CHECK(running.total("list_executions") == contacts);
  for (const char* type : {"task", "note"}) {
    const auto counts = per_contact(running, type);
    CHECK(static_cast<std::int64_t>(counts.size()) == contacts);
    for (const auto& [contact, count] : counts)
      CHECK_MESSAGE(count == 1, contact);
    for (const std::string& id : acknowledged(folder))
      CHECK_MESSAGE(counts.contains(id), id);
  }
  std::map<std::string, std::string> bodies;
  for (const auto& request : receiver.all()) {
    const auto [known, is_new] = bodies.emplace(request.header("webhook-id"), request.body);
    CHECK(known->second == request.body);
  }
  bodies.erase(""); // requests that the kill cut off before their head was whole
  CHECK(static_cast<std::int64_t>(bodies.size()) == contacts);
}

} // namespace

TEST_CASE("the server that is killed" * doctest::skip()) {
  const std::string folder = variable("CRM_CRASH_FOLDER", "");
  if (folder.empty())
    return;
  server running{folder};
  define_workflow(running);
  for (int i = 0; i < 3; ++i) {
    const json made = running.call(
        "create_contact",
        {{"firstName", "N"}, {"lastName", "L"}, {"notes", variable("CRM_CRASH_URL", "")}});
    std::ofstream{folder + "/acknowledged", std::ios::app}
        << made.at("data").at("id").get<std::string>() << std::endl;
  }
  running.settle();
}

TEST_CASE("after kill -9 at any fault point every effect is there exactly once") {
  const int crashes = std::atoi(variable("CRM_CRASHES", "100").c_str());
  for (const char* point : {"step.before", "step.uncommitted", "step.committed", "webhook.sending",
                            "webhook.sent", "trigger.committed"}) {
    CAPTURE(std::string{point});
    const crm::test::temp_folder folder;
    const crm::test::http_receiver receiver{crm::test::http_receiver::status("200 OK")};
    int killed = 0;
    for (int i = 0; i < crashes; ++i) {
      const int status = run_child(folder.path().string(), receiver.url(),
                                   std::string{point} + ":" + std::to_string(1 + i % 3));
      killed += WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL ? 1 : 0;
      CHECK_MESSAGE((WIFSIGNALED(status) || WEXITSTATUS(status) == 0), status);
    }
    CHECK(killed > 0);
    MESSAGE(std::string{point}, ": ", killed, " of ", crashes, " were killed there");
    check_exactly_once(folder.path().string(), receiver);
  }
}
