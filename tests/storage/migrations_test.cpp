// SPDX-License-Identifier: Apache-2.0
#include "storage/migrations.hpp"

#include "storage/control.hpp"
#include "tests/support/test_shard.hpp"

#include <doctest/doctest.h>

#include <string>

using crm::storage::database;
using crm::storage::migration;
using crm::test::need;
using crm::test::number;
using crm::test::text;

namespace {

constexpr migration first{1, "0001_first", "create table a (x); insert into a values (1);"};
constexpr migration second{2, "0002_second", "create table b (x); insert into a values (2);"};
constexpr migration broken{2, "0002_broken", "create table b (x); insert into nowhere values (2);"};

std::int64_t version_of(database& db) {
  return number(db, "select * from pragma_user_version");
}

std::string schema_of(database& db) {
  return text(db, "select group_concat(sql, ';') from (select sql from sqlite_schema order by "
                  "name)");
}

} // namespace

TEST_CASE("every step is applied once, in order, with its number") {
  const crm::test::temp_folder folder;
  database db = need(database::open(folder.path() / "m.db"));
  const migration one[] = {first};
  const migration two[] = {first, second};
  need(crm::storage::migrate(db, {}));
  CHECK(version_of(db) == 0);
  need(crm::storage::migrate(db, one));
  CHECK(version_of(db) == 1);
  for (int again = 0; again < 3; ++again) {
    need(crm::storage::migrate(db, two));
    CHECK(version_of(db) == 2);
    CHECK(text(db, "select group_concat(x) from a") == "1,2");
  }
}

TEST_CASE("a step that fails leaves nothing of itself and everything of the steps before") {
  const crm::test::temp_folder folder;
  database db = need(database::open(folder.path() / "m.db"));
  const migration bad[] = {first, broken};
  CHECK(!crm::storage::migrate(db, bad));
  CHECK(!db.in_transaction());
  CHECK(version_of(db) == 1);
  CHECK(number(db, "select count(*) from sqlite_schema where name = 'b'") == 0);
  const migration good[] = {first, second};
  need(crm::storage::migrate(db, good));
  CHECK(version_of(db) == 2);
}

TEST_CASE("a file of a newer program is refused with the versions, and is not touched") {
  crm::test::test_shard data;
  const std::int64_t known = version_of(data.db());
  need(data.db().script("pragma user_version = 9000"));
  const std::string schema = schema_of(data.db());
  data.close();
  const auto refused = crm::storage::shard::open(data.file(), "default", data.surroundings().get());
  REQUIRE(!refused);
  CHECK(refused.error().code == crm::error_code::conflict);
  CHECK(refused.error().message.find("newer vantage-crm") != std::string::npos);
  CHECK(refused.error().message.find("9000") != std::string::npos);
  CHECK(refused.error().message.find(std::to_string(known)) != std::string::npos);
  database db = need(database::open(data.file()));
  CHECK(version_of(db) == 9000);
  CHECK(schema_of(db) == schema);
}

TEST_CASE("a workspace's file that is opened again has the same schema and the same secret") {
  crm::test::test_shard data;
  const std::string schema = schema_of(data.db());
  const std::string key = data.get().cursor_key();
  CHECK(version_of(data.db()) == crm::storage::shard_migrations.back().number);
  CHECK(key.size() == 32);
  data.close();
  data.open();
  CHECK(schema_of(data.db()) == schema);
  CHECK(data.get().cursor_key() == key);
}

TEST_CASE("the scripts of the program are numbered without a gap") {
  for (const auto& scripts : {crm::storage::control_migrations, crm::storage::shard_migrations}) {
    int expected = 0;
    for (const migration& script : scripts)
      CHECK(script.number == ++expected);
  }
}

TEST_CASE("a workspace's file opens under no other name than its own") {
  crm::test::test_shard data;
  data.close();
  const auto other = crm::storage::shard::open(data.file(), "other", data.surroundings().get());
  REQUIRE(!other);
  CHECK(other.error().code == crm::error_code::conflict);
  CHECK(other.error().message.find("belongs to the workspace default") != std::string::npos);
}
