// SPDX-License-Identifier: Apache-2.0
#include "actors/tools/catalogue.hpp"
#include "tests/actors/oracle_calls.hpp"
#include "tests/support/test_system.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

namespace oracle = crm::test::oracle;
using oracle::json;

namespace {

constexpr int calls_wanted = 5'000;

/// The program and the model, side by side.
class comparison {
public:
  comparison() : calls_(model_, 20'261'122) {}

  void restart() { system_.restart(); }

  /// Makes one more call and compares the answers; a list is sometimes continued.
  void step() {
    system_.surroundings().advance(std::chrono::milliseconds{calls_.below(6LL * 60 * 60 * 1000)});
    oracle::call made = calls_.next(system_.surroundings().now_ms());
    for (json cursor = compare(made); cursor.is_string() && !calls_.happens(3);
         cursor = compare(made))
      made.args["cursor"] = cursor;
  }

  const std::map<std::string, int>& counts() const { return counts_; }
  int calls() const { return made_; }

  /// Compares the whole change log: one row for each changed record, and no other.
  void compare_log() {
    oracle::call made{"list_audit_log", {{"limit", 200}}, "ann", system_.surroundings().now_ms()};
    for (json cursor = compare(made); cursor.is_string(); cursor = compare(made))
      made.args["cursor"] = cursor;
  }
  std::vector<std::string> tools() const { return calls_.tools(); }

private:
  /// Returns the cursor behind the answer, or null.
  json compare(oracle::call& made) {
    ++made_;
    ++counts_[made.tool];
    const auto got = system_.call_as(crm::local_user{"default", made.actor}, made.tool,
                                     crm::json::parse(made.args.dump()));
    CAPTURE(made_);
    CAPTURE(made.tool);
    CAPTURE(made.args.dump());
    const json envelope = json::parse(got.envelope.dump());
    CAPTURE(envelope.dump());
    REQUIRE(got.ok());
    if (envelope["data"].is_object() && envelope["data"].contains("id")) {
      made.new_id = envelope["data"]["id"];
      if (made.tool.starts_with("create_") || made.tool.starts_with("add_"))
        REQUIRE(ids_.insert(made.new_id).second);
    }
    if (made.tool == "replay_execution") {
      made.new_trigger = envelope["data"]["trigger"];
      await_runs();
    }
    const oracle::answer expected = model_.run(made);
    return compare(envelope, expected);
  }

  /// Asks until no run is under way: the model has no time in between.
  void await_runs() {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{60};
    for (const char* status : {"pending", "running"}) {
      while (system_.call("list_executions", {{"status", status}}).page()["total"] != 0)
        REQUIRE(std::chrono::steady_clock::now() < deadline);
    }
  }

  json compare(const json& envelope, const oracle::answer& expected) {
    json data = envelope["data"];
    if (data.is_object() && data.contains("signingSecret")) {
      REQUIRE(data["signingSecret"].is_string());
      data.erase("signingSecret");
    }
    if (data.is_array()) {
      for (json& row : data)
        sort_changes(row);
    }
    REQUIRE(data == expected.data);
    json twins = json::array();
    if (envelope.contains("warnings"))
      twins = envelope["warnings"][0]["ids"];
    REQUIRE(twins == expected.twins);
    if (expected.page.is_null()) {
      REQUIRE(!envelope.contains("page"));
      return nullptr;
    }
    json page = envelope["page"];
    const json cursor = page["nextCursor"];
    page.erase("nextCursor");
    REQUIRE(page == expected.page);
    REQUIRE(cursor.is_string() == expected.more);
    if (expected.more)
      model_.remember_cursor(cursor, expected.last);
    return cursor;
  }

  /// The order of the fields that one change touched says nothing.
  static void sort_changes(json& row) {
    if (!row.contains("changes"))
      return;
    std::sort(row["changes"].begin(), row["changes"].end(),
              [](const json& a, const json& b) { return a["field"] < b["field"]; });
  }

  crm::test::test_system system_;
  oracle::model model_;
  oracle::caller calls_;
  std::set<std::string> ids_;
  std::map<std::string, int> counts_;
  int made_ = 0;
};

} // namespace

TEST_CASE("the tools answer what a plain model answers, over thousands of random calls") {
  comparison both;
  while (both.calls() < calls_wanted / 2)
    both.step();
  both.compare_log();
  both.restart();
  while (both.calls() < calls_wanted)
    both.step();
  both.compare_log();
  const auto offered = both.tools();
  for (const crm::tool_spec* tool : crm::tools::tool_specs()) {
    CAPTURE(tool->name);
    CHECK(std::count(offered.begin(), offered.end(), tool->name) == 1);
    const auto made = both.counts().find(std::string{tool->name});
    REQUIRE(made != both.counts().end());
    CHECK(made->second >= 10);
  }
}
