// SPDX-License-Identifier: Apache-2.0
#include "storage/executions.hpp"
#include "tests/support/file_size_bound.hpp"
#include "tests/support/test_shard.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

using crm::json;
using crm::storage::execution;
using crm::test::need;
using crm::test::number;
using crm::test::test_shard;

namespace {

/// Notes the run of a workflow for a change that stands in the log, in the open transaction.
std::string note(test_shard& data, std::int64_t change) {
  execution added;
  added.workflow = "wfl_1";
  added.change_seq = change;
  added.chain = "wfl_1/con_1|";
  added.created_at = data.surroundings().now_ms();
  need(crm::storage::note_triggered(data.get(), added));
  return added.id;
}

std::vector<std::string> note_some(test_shard& data, std::int64_t count) {
  std::vector<std::string> ids;
  need(data.get().begin());
  for (std::int64_t change = 1; change <= count; ++change)
    ids.push_back(note(data, change));
  need(data.get().commit());
  return ids;
}

/// The ids of all runs, oldest first.
std::vector<std::string> listed(test_shard& data) {
  std::vector<std::string> ids;
  const auto page = need(
      crm::storage::list_executions(data.get(), {std::nullopt, "pending"}, {100, std::nullopt}));
  for (const json& doc : json::parse(page.data))
    ids.insert(ids.begin(), doc.at("id").get<std::string>());
  CHECK(page.total == static_cast<std::int64_t>(ids.size()));
  return ids;
}

std::int64_t noted(test_shard& data) {
  return number(data.db(), "select count(*) from triggered_runs");
}

} // namespace

TEST_CASE("a run that is only noted is listed under the id that it was noted with") {
  test_shard data;
  const auto ids = note_some(data, 3);
  CHECK(listed(data) == ids);
  CHECK(noted(data) == 0);
  data.close();
  data.open();
  CHECK(listed(data) == ids);
}

TEST_CASE("a run that was noted before the file was closed is due when it is opened") {
  test_shard data;
  const auto ids = note_some(data, 2);
  data.close();
  data.open();
  const std::int64_t now_ms = data.surroundings().now_ms();
  CHECK(need(crm::storage::next_execution(data.get())) == now_ms);
  CHECK(need(crm::storage::due_executions(data.get(), now_ms, 10)).size() == 2);
  CHECK(listed(data) == ids);
}

TEST_CASE("a run is gone with the transaction that noted it, listed meanwhile or not") {
  for (const bool looked_up : {false, true}) {
    CAPTURE(looked_up);
    test_shard data;
    const auto ids = note_some(data, 1);
    need(data.get().begin());
    note(data, 2);
    if (looked_up)
      CHECK(listed(data).size() == 2);
    need(data.get().rollback());
    CHECK(listed(data) == ids);
  }
}

TEST_CASE("only as many noted runs are looked up as can be started, the oldest first") {
  test_shard data;
  const auto ids = note_some(data, 10);
  const std::int64_t now_ms = data.surroundings().now_ms();
  CHECK(need(crm::storage::due_executions(data.get(), now_ms, 4)).size() == 4);
  CHECK(noted(data) == 6);
  CHECK(need(crm::storage::due_executions(data.get(), now_ms, 4)).size() == 4);
  CHECK(noted(data) == 6);
  CHECK(listed(data) == ids);
}

TEST_CASE("a workflow that is paused holds the runs that are only noted too") {
  test_shard data;
  note_some(data, 3);
  need(data.get().begin());
  need(crm::storage::park_executions(data.get(), "wfl_1", crm::storage::parking::parked));
  need(data.get().commit());
  CHECK(need(crm::storage::due_executions(data.get(), data.surroundings().now_ms(), 10)).empty());
  CHECK(need(crm::storage::next_execution(data.get())) == std::nullopt);
}

TEST_CASE("on a full disk the runs that are only noted are listed, and none of them starts") {
  test_shard data;
  const auto ids = note_some(data, 3);
  {
    const auto log = data.file().string() + "-wal";
    const crm::test::file_size_bound full{std::filesystem::file_size(log)};
    CHECK(listed(data) == ids);
    CHECK(need(crm::storage::due_executions(data.get(), data.surroundings().now_ms(), 10)).empty());
    CHECK(noted(data) == 3);
  }
  CHECK(listed(data) == ids);
  CHECK(noted(data) == 0);
}
