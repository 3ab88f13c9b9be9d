// SPDX-License-Identifier: Apache-2.0
#include "storage/database.hpp"

#include "tests/support/open_files.hpp"
#include "tests/support/test_shard.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <string>
#include <string_view>

using crm::storage::database;
using crm::test::need;
using crm::test::number;
using crm::test::text;
using namespace std::string_view_literals;

namespace {

database opened(const crm::test::temp_folder& folder) {
  return need(database::open(folder.path() / "test.db"));
}

database with_table(const crm::test::temp_folder& folder) {
  database db = opened(folder);
  need(db.script("create table t (k text primary key, n integer check (n < 100)) without rowid"));
  return db;
}

} // namespace

TEST_CASE("a data file is opened with the settings that make an acknowledged write durable") {
  const crm::test::temp_folder folder;
  database db = opened(folder);
  CHECK(text(db, "select * from pragma_journal_mode") == "wal");
  CHECK(number(db, "select * from pragma_synchronous") == 2);
  CHECK(text(db, "select * from pragma_locking_mode") == "exclusive");
  CHECK(number(db, "select * from pragma_temp_store") == 2);
}

TEST_CASE("an open data file costs two file descriptors") {
  const crm::test::temp_folder folder;
  const std::size_t before = crm::test::open_files();
  database db = with_table(folder);
  need(db.run("insert into t values ('a', 1)"));
  CHECK(crm::test::open_files() == before + 2);
}

TEST_CASE("a data file has one connection: a second one is refused while the first is open") {
  const crm::test::temp_folder folder;
  {
    const database first = with_table(folder);
    const auto second = database::open(folder.path() / "test.db");
    REQUIRE(!second);
    CHECK(second.error().code == crm::error_code::storage);
    CHECK(second.error().message.find("another process") != std::string::npos);
    CHECK(second.error().retry_after_ms);
  }
  CHECK(database::open(folder.path() / "test.db"));
}

TEST_CASE("a file that is no data file is refused and left as it is") {
  const crm::test::temp_folder folder;
  const std::string junk(8192, 'x');
  std::ofstream{folder.path() / "test.db"} << junk;
  const auto read = database::open(folder.path() / "test.db");
  REQUIRE(!read);
  CHECK(read.error().code == crm::error_code::storage);
  CHECK(read.error().message.find("damaged") != std::string::npos);
  std::ifstream again{folder.path() / "test.db"};
  CHECK(std::string{std::istreambuf_iterator<char>{again}, {}} == junk);
}

TEST_CASE("a data file is never reached through a symbolic link") {
  const crm::test::temp_folder folder;
  { const database db = with_table(folder); }
  std::filesystem::create_symlink(folder.path() / "test.db", folder.path() / "link.db");
  CHECK(!database::open(folder.path() / "link.db"));
}

TEST_CASE("a unique value that is taken is a conflict, any other failure is the storage's") {
  const crm::test::temp_folder folder;
  database db = with_table(folder);
  need(db.run("insert into t values ('a', 1)"));
  const auto twice = db.run("insert into t values ('a', 2)");
  REQUIRE(!twice);
  CHECK(twice.error().code == crm::error_code::conflict);
  for (const std::string_view sql :
       {"insert into t values ('b', 1000)"sv, "insert into nowhere values (1)"sv, "bogus"sv}) {
    const auto failed = db.run(sql);
    REQUIRE(!failed);
    CHECK(failed.error().code == crm::error_code::storage);
    CHECK(failed.error().message.find("insert") == std::string::npos); // no SQL to the caller
  }
  CHECK(number(db, "select count(*) from t") == 1);
}

TEST_CASE("a transaction that is rolled back leaves nothing, and can be rolled back twice") {
  const crm::test::temp_folder folder;
  database db = with_table(folder);
  need(db.begin());
  CHECK(db.in_transaction());
  need(db.run("insert into t values ('a', 1)"));
  db.rollback();
  db.rollback();
  CHECK(!db.in_transaction());
  CHECK(number(db, "select count(*) from t") == 0);
  need(db.begin());
  need(db.run("insert into t values ('a', 1)"));
  need(db.commit());
  CHECK(number(db, "select count(*) from t") == 1);
}

TEST_CASE("a query that is left half-way holds nothing back") {
  const crm::test::temp_folder folder;
  database db = with_table(folder);
  for (const std::string_view key : {"a"sv, "b"sv, "c"sv})
    need(db.run("insert into t values (?, 1)", key));
  int seen = 0;
  need(db.each("select k from t order by k", [&](crm::storage::row r) {
    ++seen;
    return r.text(0) != "b";
  }));
  CHECK(seen == 2);
  need(db.begin());
  need(db.run("delete from t"));
  need(db.commit());
  CHECK(!need(db.first("select k from t", [](crm::storage::row) {})));
}

TEST_CASE("every value comes back as it went in, NUL and emptiness included") {
  const crm::test::temp_folder folder;
  database db = opened(folder);
  need(db.script("create table v (id integer primary key, x)"));
  const auto with_nul = "a\0b"sv;
  need(db.run("insert into v values (1, ?)", with_nul));
  need(db.run("insert into v values (2, ?)", std::string_view{}));
  need(db.run("insert into v values (3, ?)", nullptr));
  need(db.run("insert into v values (4, ?)", std::optional<std::string>{}));
  need(db.run("insert into v values (5, ?)", std::numeric_limits<std::int64_t>::min()));
  need(db.run("insert into v values (6, ?)", 0.1));
  need(db.run("insert into v values (7, ?)", crm::storage::blob{std::string{"\xFF\0", 2}}));
  CHECK(text(db, "select x from v where id = 1") == with_nul);
  CHECK(number(db, "select x = ? from v where id = 1", with_nul) == 1);
  CHECK(text(db, "select typeof(x) || length(x) from v where id = 2") == "text0");
  CHECK(number(db, "select count(*) from v where x is null") == 2);
  CHECK(number(db, "select x from v where id = 5") == std::numeric_limits<std::int64_t>::min());
  need(db.each("select x from v where id = 6", [](crm::storage::row r) {
    CHECK(r.real(0) == 0.1);
    return true;
  }));
  CHECK(text(db, "select x from v where id = 7") == std::string_view{"\xFF\0", 2});
}

TEST_CASE("what is committed is there after the file is closed and opened again") {
  const crm::test::temp_folder folder;
  {
    database db = with_table(folder);
    need(db.run("insert into t values ('kept', 1)"));
    need(db.begin());
    need(db.run("insert into t values ('lost', 1)"));
  }
  database db = opened(folder);
  CHECK(text(db, "select group_concat(k) from t") == "kept");
}
