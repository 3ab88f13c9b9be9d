// SPDX-License-Identifier: Apache-2.0
// Commits that do not wait for the disk, and checkpoints whose sync is put off.
#include "storage/database.hpp"
#include "tests/support/disk_syncs.hpp"
#include "tests/support/filled_file.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <thread>

using crm::storage::database;
using crm::test::disk_syncs;
using crm::test::need;
using crm::test::number;

namespace {

/// A file that is written in transactions.
struct written_file : crm::test::filled_file {
  std::filesystem::path path = folder.path() / "test.db";
  std::filesystem::path log = folder.path() / "test.db-wal";

  void begin_and_add(std::int64_t rows) {
    need(db.begin());
    add(rows);
  }

  void add_and_commit(std::int64_t rows) {
    begin_and_add(rows);
    need(db.commit());
  }
};

/// What a machine finds that lost its power: a database and a log, as the disk had them.
std::int64_t rows_after_power_loss(const std::filesystem::path& file,
                                   const std::filesystem::path& log) {
  const crm::test::temp_folder folder;
  std::filesystem::copy_file(file, folder.path() / "test.db");
  std::filesystem::copy_file(log, folder.path() / "test.db-wal");
  database db = need(database::open(folder.path() / "test.db"));
  CHECK(crm::test::text(db, "pragma integrity_check") == "ok");
  return number(db, "select count(*) from t");
}

/// Rows of which a log of two thousand pages has not got room for two.
constexpr std::int64_t many_rows = 3'200;

} // namespace

TEST_CASE("a commit ahead returns before the disk has it, and says what to wait for") {
  written_file file;
  file.add_and_commit(1);
  disk_syncs disk;
  disk.hold();
  file.begin_and_add(10);
  const auto owed = need(file.db.commit_ahead());
  REQUIRE(owed);
  std::thread waiting{[&] { CHECK(owed.wait()); }};
  disk.wait_until_held(1);
  file.begin_and_add(10); // the file is used meanwhile
  disk.release();
  waiting.join();
  need(file.db.commit());
  CHECK(rows_after_power_loss(file.path, file.log) == 21);
}

TEST_CASE("a commit ahead that wrote nothing leaves nothing to wait for") {
  written_file file;
  need(file.db.begin());
  CHECK(!need(file.db.commit_ahead()));
}

TEST_CASE("one sync does for all that was written before it, and for nothing behind it") {
  written_file file;
  file.add_and_commit(1);
  file.begin_and_add(1);
  const auto first = need(file.db.commit_ahead());
  file.begin_and_add(1);
  const auto second = need(file.db.commit_ahead());
  need(second.wait());
  disk_syncs disk;
  disk.fail_nth(1);
  need(first.wait());
  file.begin_and_add(1);
  CHECK(!need(file.db.commit_ahead()).wait());
}

TEST_CASE("a log whose sync failed is never said to be on the disk again") {
  written_file file;
  file.add_and_commit(1);
  file.begin_and_add(1);
  const auto owed = need(file.db.commit_ahead());
  disk_syncs disk;
  disk.fail_nth(1);
  CHECK(!owed.wait());
  CHECK(!owed.wait());
  file.begin_and_add(1);
  CHECK(!need(file.db.commit_ahead()).wait());
}

TEST_CASE("until a checkpoint's sync is done, the old data file and the log hold everything") {
  written_file file;
  file.add_and_commit(many_rows);
  const auto old = file.folder.path() / "old.db";
  std::filesystem::copy_file(file.path, old);
  file.add_and_commit(many_rows);
  const auto sync = file.db.take_checkpoint_sync();
  REQUIRE(sync);
  CHECK(file.db.take_checkpoint_sync() == nullptr);
  CHECK(rows_after_power_loss(old, file.log) == 2 * many_rows);
  SUBCASE("done by another thread") {
    std::thread{[&] { CHECK(sync->finish()); }}.join();
  }
  SUBCASE("done by the next commit") {}
  file.add_and_commit(1);
  CHECK(sync->finish());
  CHECK(rows_after_power_loss(file.path, file.log) == 2 * many_rows + 1);
}

TEST_CASE(
    "when a checkpoint's sync fails, the log is kept, the next commit fails, and all is there") {
  written_file file;
  file.add_and_commit(many_rows);
  const auto old = file.folder.path() / "old.db";
  std::filesystem::copy_file(file.path, old);
  file.add_and_commit(many_rows);
  const auto sync = file.db.take_checkpoint_sync();
  REQUIRE(sync);
  {
    disk_syncs disk;
    disk.fail_nth(1);
    CHECK(!sync->finish());
  }
  file.begin_and_add(1);
  CHECK(!file.db.commit());
  file.db.rollback();
  CHECK(rows_after_power_loss(old, file.log) == 2 * many_rows);
  SUBCASE("closed, and opened again") {
    file.db = need(database::open(file.folder.path() / "other.db"));
    CHECK(rows_after_power_loss(old, file.log) == 2 * many_rows);
    file.db = need(database::open(file.path));
    CHECK(number(file.db, "select count(*) from t") == 2 * many_rows);
  }
}
