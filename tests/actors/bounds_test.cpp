// SPDX-License-Identifier: Apache-2.0
// What is bounded stays bounded: open files, threads, calls under way; and every call is answered.
#include "tests/support/many_calls.hpp"
#include "tests/support/open_files.hpp"
#include "tests/support/sales_records.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

using crm::json;
using crm::test::many_calls;
using crm::test::test_system;

namespace {

std::string workspace_named(std::size_t number) {
  return "ws-" + std::to_string(number);
}

/// What the answers to many calls come to.
struct tally {
  std::atomic<int> failed{0};
  std::atomic<int> created{0};
};

/// Sends random calls to random workspaces.
void roam(test_system& system, unsigned seed, int calls_left, tally& count) {
  std::mt19937 random{seed};
  many_calls calls{system.get(), 16};
  for (; calls_left > 0; --calls_left) {
    const std::string workspace = workspace_named(random() % 100);
    const auto kind = random() % 8;
    const auto listen = [&count, kind](const crm::result<crm::tool_reply>& outcome) {
      count.failed += outcome ? 0 : 1;
      count.created += outcome && kind == 0 ? 1 : 0;
    };
    switch (kind) {
    case 0:
      calls.send("create_contact", {{"firstName", "A"}, {"lastName", workspace}}, listen,
                 workspace);
      break;
    case 1:
      calls.send("search_contacts", {{"query", workspace}}, listen, workspace);
      break;
    case 2:
      calls.send("forecast_pipeline", json::object(), listen, workspace);
      break;
    default:
      calls.send("list_contacts", {{"limit", 5}}, listen, workspace);
    }
  }
}

/// Waits until a condition holds; the test's own time limit ends it when it never does.
void wait_until(const std::function<bool()>& holds) {
  while (!holds())
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
}

crm::result<crm::tool_reply> run(test_system& system, crm::call work) {
  std::promise<crm::result<crm::tool_reply>> promise;
  work.done = crm::completion<crm::tool_reply>{
      [&](crm::result<crm::tool_reply> outcome) { promise.set_value(std::move(outcome)); }};
  system.get().submit(std::move(work));
  return promise.get_future().get();
}

} // namespace

TEST_CASE("20,000 calls over 100 workspaces succeed with 50 open, and files and threads bounded") {
  const std::size_t files_before = crm::test::open_files();
  const std::size_t threads_before = crm::test::threads();
  crm::actors::system_options options;
  options.open_workspaces_max = 50;
  test_system system{options};
  for (std::size_t i = 0; i < 100; ++i)
    system.create_workspace(workspace_named(i));
  tally count;
  std::vector<std::thread> callers;
  std::atomic<std::size_t> running{4};
  for (unsigned i = 0; i < 4; ++i)
    callers.emplace_back([&, i] {
      roam(system, i, 5'000, count);
      --running;
    });
  std::size_t files = 0;
  std::size_t threads = 0;
  std::uint64_t open = 0;
  while (running > 0) {
    files = std::max(files, crm::test::open_files());
    threads = std::max(threads, crm::test::threads());
    open = std::max(open, system.get().counted().open_workspaces);
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
  }
  for (std::thread& each : callers)
    each.join();
  CHECK(count.failed == 0);
  CHECK(system.get().counted().shed_calls == 0);
  CHECK(open <= 50);
  CHECK(open >= 40);
  // Two for each open file, control.db with its log, the lock, one that counts, and one of a
  // file that is just being closed for each of the 8 threads.
  CHECK(files <= files_before + 2 * 50 + 2 + 1 + 1 + 8);
  CHECK(threads <= threads_before + crm::limits::scheduler_threads + crm::limits::background_threads
                       + crm::limits::webhook_threads + crm::limits::log_sync_threads + 4 + 4);

  int contacts = 0;
  for (std::size_t i = 0; i < 100; ++i) {
    const std::string workspace = workspace_named(i);
    const auto page = system.call("list_contacts", {{"limit", 100}}, workspace);
    contacts += page.page()["total"].get<int>();
    for (const json& each : page.data())
      CHECK(each["lastName"] == workspace);
  }
  CHECK(contacts == count.created);
}

TEST_CASE("a workspace that is idle is closed, and opens again for the next call") {
  crm::actors::system_options options;
  options.workspace_idle_ms_max = std::chrono::milliseconds{1};
  test_system system{options};
  for (int round = 0; round < 3; ++round) {
    CHECK(system.call("create_contact", {{"firstName", "A"}, {"lastName", "B"}}).ok());
    wait_until([&] { return system.get().counted().open_workspaces == 0; });
  }
  CHECK(system.call("list_contacts", json::object()).page()["total"] == 3);
}

TEST_CASE("one workspace waits for another's place, not for ever") {
  crm::actors::system_options options;
  options.open_workspaces_max = 1;
  test_system system{options};
  system.create_workspace("other");
  many_calls calls{system.get()};
  for (int i = 0; i < 200; ++i)
    calls.send("create_contact", {{"firstName", "A"}, {"lastName", "B"}}, nullptr,
               i % 2 == 0 ? "default" : "other");
  calls.wait();
  CHECK(calls.failed() == 0);
  CHECK(system.get().counted().open_workspaces <= 1);
}

TEST_CASE("calls over the bound are refused at once, those within it are done, and room returns") {
  for (const bool of_workspace : {true, false}) {
    crm::actors::system_options options;
    (of_workspace ? options.workspace_in_flight_calls_max : options.in_flight_calls_max) = 4;
    test_system system{options};
    std::mutex guard;
    std::map<std::string, int> codes;
    {
      many_calls calls{system.get(), 1'000};
      for (int i = 0; i < 500; ++i)
        calls.send("create_contact", {{"firstName", "A"}, {"lastName", "B"}},
                   [&](const crm::result<crm::tool_reply>& outcome) {
                     const std::lock_guard lock{guard};
                     ++codes[outcome ? "" : std::string{crm::face_of(outcome.error().code).text}];
                   });
    }
    const std::string refusal = of_workspace ? "RATE_LIMITED" : "OVERLOADED";
    CHECK(codes[""] >= 4);
    CHECK(codes[""] + codes[refusal] == 500);
    CHECK(system.get().counted().shed_calls == static_cast<std::uint64_t>(codes[refusal]));
    const auto after = system.call("list_contacts", json::object());
    CHECK(after.page()["total"] == codes[""]);
  }
}

TEST_CASE("a call whose deadline has passed or whose caller has gone is not run") {
  test_system system;
  const auto create = [](std::chrono::steady_clock::time_point deadline) {
    return crm::call{crm::local_user{"default", "tester"},
                     "create_contact",
                     {{"firstName", "A"}, {"lastName", "B"}},
                     {"test", "req"},
                     deadline,
                     {}};
  };
  const auto now = std::chrono::steady_clock::now();
  const auto late = run(system, create(now - std::chrono::seconds{1}));
  REQUIRE(!late);
  CHECK(late.error().code == crm::error_code::overloaded);
  CHECK(late.error().message.find("nothing was done") != std::string::npos);

  std::promise<void> answered;
  crm::call gone = create(now + std::chrono::minutes{1});
  gone.done = crm::completion<crm::tool_reply>{[&](const crm::result<crm::tool_reply>& outcome) {
                                                 CHECK(!outcome);
                                                 answered.set_value();
                                               },
                                               [] { return true; }};
  system.get().submit(std::move(gone));
  answered.get_future().wait();

  CHECK(system.call("list_contacts", json::object()).page()["total"] == 0);
  CHECK(run(system, create(now + std::chrono::minutes{1})));
}

TEST_CASE("a system that stops with calls under way answers every one of them") {
  for (int round = 0; round < 5; ++round) {
    test_system system;
    std::atomic<int> succeeded{0};
    std::atomic<int> answered{0};
    {
      for (int i = 0; i < 300; ++i)
        system.get().submit(
            {crm::local_user{"default", "tester"},
             "create_contact",
             {{"firstName", "A"}, {"lastName", "B"}},
             {"test", "req"},
             std::chrono::steady_clock::now() + std::chrono::minutes{1},
             crm::completion<crm::tool_reply>{[&](const crm::result<crm::tool_reply>& outcome) {
               succeeded += outcome ? 1 : 0;
               ++answered;
               if (!outcome)
                 CHECK(outcome.error().code == crm::error_code::overloaded);
             }}});
    }
    system.stop();
    CHECK(answered == 300);
    system.restart();
    CHECK(system.call("list_contacts", json::object()).page()["total"] == succeeded.load());
    CHECK(crm::test::logged_changes(system) == succeeded);
  }
}

TEST_CASE("a workspace that floods is held back while another one calls, and loses no call") {
  crm::actors::system_options options;
  options.processors = 1;
  test_system system{options};
  system.create_workspace("quiet");
  const json person{{"firstName", "Ada"}, {"lastName", "Lovelace"}};
  const json get{{"contactId", system.call("create_contact", person, "quiet").data()["id"]}};
  std::atomic<bool> enough{false};
  std::atomic<int> created{0};
  std::vector<std::thread> floods;
  for (int i = 0; i < 8; ++i)
    floods.emplace_back([&] {
      while (!enough)
        created += system.call("create_contact", person).ok() ? 1 : 0;
    });
  while (system.get().counted().held_back == 0)
    REQUIRE(system.call("get_contact", get, "quiet").ok());
  const int created_before = created;
  while (created < created_before + 100)
    REQUIRE(system.call("get_contact", get, "quiet").ok());
  enough = true;
  for (std::thread& each : floods)
    each.join();
  const auto page = system.call("list_contacts", {{"limit", 1}});
  CHECK(page.page()["total"] == created.load());
}
