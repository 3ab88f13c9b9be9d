// SPDX-License-Identifier: Apache-2.0
// A list that is walked by cursor while another client inserts and deletes meets every record that
// was there throughout exactly once.
#include "tests/support/many_calls.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

using crm::json;
using crm::test::many_calls;
using crm::test::test_system;

namespace {

/// Creates `count` records and returns their ids.
std::vector<std::string> create_many(test_system& system, const std::string& tool, int count,
                                     const std::function<json(int)>& args) {
  std::vector<std::string> ids;
  std::mutex guard;
  many_calls calls{system.get()};
  for (int i = 0; i < count; ++i)
    calls.send(tool, args(i), [&](const crm::result<crm::tool_reply>& outcome) {
      const std::lock_guard lock{guard};
      ids.push_back(json::parse(outcome->data)["id"]);
    });
  calls.wait();
  REQUIRE(calls.failed() == 0);
  return ids;
}

/// Runs `disturb` again and again on another thread for as long as it lives.
class other_client {
public:
  explicit other_client(std::function<void(int)> disturb)
      : thread_([this, disturb = std::move(disturb)] {
          while (!stop_)
            disturb(++rounds_);
        }) {}
  ~other_client() {
    stop_ = true;
    thread_.join();
  }
  /// Waits until the client has begun.
  void wait() const {
    while (rounds_ == 0)
      std::this_thread::yield();
  }
  int rounds() const { return rounds_; }

private:
  std::atomic<bool> stop_{false};
  std::atomic<int> rounds_{0};
  std::thread thread_;
};

struct walk_row {
  const char* tool;
  json args;
};

/// Walks a list from its first page to its last and counts how often each id is met.
std::map<std::string, int> walk(test_system& system, const walk_row& row) {
  std::map<std::string, int> met;
  json args = row.args;
  for (;;) {
    const auto page = system.call(row.tool, args);
    REQUIRE(page.ok());
    CHECK(page.data().size() == page.page()["returned"]);
    for (const json& each : page.data())
      ++met[each["id"].get<std::string>()];
    if (page.page()["nextCursor"].is_null())
      return met;
    args["cursor"] = page.page()["nextCursor"];
  }
}

void check_met(const std::map<std::string, int>& met, const std::vector<std::string>& stays) {
  int missed = 0;
  int repeated = 0;
  for (const std::string& id : stays)
    missed += met.count(id) == 0 ? 1 : 0;
  for (const auto& [id, times] : met)
    repeated += times > 1 ? 1 : 0;
  CHECK(missed == 0);
  CHECK(repeated == 0);
}

json some_contact(int i) {
  json args = {{"firstName", i % 3 == 0 ? "Ada" : "Bob"},
               {"lastName", "N" + std::to_string(i)},
               {"type", "client"},
               {"customFields", {{"tier", "gold"}}}};
  std::string notes;
  for (int words = i % 7; words > 0; --words)
    notes += "ada ";
  args["notes"] = notes + "met ada";
  return args;
}

} // namespace

TEST_CASE("walking 10,000 contacts while others come and go meets each exactly once") {
  test_system system;
  system.define_field("contact", "tier", "text");
  system.define_field("contact", "blob", "text");
  const auto stays = create_many(system, "create_contact", 10'000, some_contact);
  std::vector<std::string> leaving = create_many(system, "create_contact", 1'000, some_contact);
  other_client other{[&](int round) {
    system.call("create_contact", some_contact(round));
    system.call("create_contact", some_contact(round + 1));
    if (!leaving.empty()) {
      system.call("delete_contact", {{"contactId", leaving.back()}});
      leaving.pop_back();
    }
  }};
  other.wait();
  for (const walk_row& row :
       std::vector<walk_row>{{"list_contacts", {{"limit", 100}}},
                             {"list_contacts", {{"type", "client"}, {"limit", 97}}},
                             {"list_contacts_by_custom_field",
                              {{"fieldKey", "tier"}, {"fieldValue", "gold"}, {"limit", 100}}}}) {
    CAPTURE(row.tool);
    check_met(walk(system, row), stays);
  }
  CHECK(other.rounds() > 0);
}

TEST_CASE("walking a search while others come and go meets each match exactly once") {
  test_system system;
  system.define_field("contact", "tier", "text");
  system.define_field("contact", "blob", "text");
  const auto stays = create_many(system, "create_contact", 1'500, some_contact);
  std::vector<std::string> leaving = create_many(system, "create_contact", 500, some_contact);
  const other_client other{[&](int round) {
    system.call("create_contact", some_contact(round));
    system.call(
        "create_contact",
        {{"firstName", "Unrelated"}, {"lastName", "X"}, {"notes", std::string(3'000, 'y')}});
    if (!leaving.empty()) {
      system.call("delete_contact", {{"contactId", leaving.back()}});
      leaving.pop_back();
    }
  }};
  other.wait();
  check_met(walk(system, {"search_contacts", {{"query", "ada"}, {"limit", 50}}}), stays);
}

TEST_CASE("walking 10,000 activities of a type while others come meets each exactly once") {
  test_system system;
  system.define_field("contact", "tier", "text");
  system.define_field("contact", "blob", "text");
  const auto now = system.surroundings().now_ms();
  const auto some = [now](int i) {
    // Many share one moment, so that the time alone does not order them.
    return json{{"type", "call"}, {"subject", "A"}, {"occurredAt", now - i % 50}};
  };
  const auto stays = create_many(system, "create_activity", 10'000, some);
  const other_client other{[&](int round) { system.call("create_activity", some(round)); }};
  other.wait();
  check_met(walk(system, {"list_activities_by_type", {{"type", "call"}, {"limit", 100}}}), stays);
  check_met(walk(system, {"list_activities", {{"limit", 100}}}), stays);
}

TEST_CASE("a page of large records ends early, and the next one goes on") {
  test_system system;
  system.define_field("company", "blob", "text");
  const auto stays = create_many(system, "create_company", 300, [](int i) {
    return json{{"name", "A" + std::to_string(i)},
                {"industry", "x"},
                {"notes", std::string(5'000, 'n')},
                {"description", std::string(5'000, 'd')},
                {"customFields", {{"blob", std::string(10'000, 'b')}}}};
  });
  const auto first = system.call("list_companies", {{"limit", 100}});
  CHECK(first.page()["returned"] < 100);
  CHECK(first.page()["total"] == 300);
  check_met(walk(system, {"list_companies", {{"limit", 100}}}), stays);
  check_met(walk(system, {"list_companies", {{"industry", "x"}, {"limit", 100}}}), stays);
  check_met(walk(system, {"search_companies", {{"query", "a"}, {"limit", 50}}}), stays);
}
