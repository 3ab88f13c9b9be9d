// SPDX-License-Identifier: Apache-2.0
#include "storage/gathered_wal.hpp"

#include "tests/support/filled_file.hpp"

#include <doctest/doctest.h>

#include <string>

using crm::storage::database;
using crm::test::filled_file;
using crm::test::need;
using crm::test::number;

TEST_CASE("what is committed stands in the files when the commit returns, of whatever length") {
  filled_file file;
  std::int64_t rows = 0;
  for (const std::int64_t more : {1, 7, 55, 65, 500}) {
    need(file.db.begin());
    file.add(more);
    need(file.db.commit());
    rows += more;
    database copy = file.after_kill();
    CHECK(number(copy, "select count(*) from t") == rows);
    CHECK(crm::test::text(copy, "pragma integrity_check") == "ok");
  }
}

TEST_CASE(
    "a transaction that outgrows the cache reads what it wrote, and is undone without trace") {
  filled_file file;
  file.add(10);
  need(file.db.begin());
  file.add(3'000);
  CHECK(file.count() == 3'010);
  need(file.db.run("update t set body = randomblob(2001) where n % 3 = 0"));
  CHECK(number(file.db, "select count(*) from t where length(body) = 2001") == 1'003);
  file.db.rollback();
  CHECK(file.count() == 10);
  need(file.db.begin());
  file.add(3'000);
  need(file.db.run("update t set body = randomblob(2001) where n % 3 = 0"));
  need(file.db.commit());
  database copy = file.after_kill();
  CHECK(number(copy, "select sum(length(body)) from t")
        == number(file.db, "select sum(length(body)) from t"));
  CHECK(crm::test::text(copy, "pragma integrity_check") == "ok");
}

TEST_CASE("many open files share the buffers of their logs") {
  filled_file one;
  filled_file other;
  for (int round = 0; round < 50; ++round) {
    one.add(3);
    other.add(5);
  }
  database first = one.after_kill();
  database second = other.after_kill();
  CHECK(number(first, "select count(*) from t") == 150);
  CHECK(number(second, "select count(*) from t") == 250);
}
