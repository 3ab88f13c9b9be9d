// SPDX-License-Identifier: Apache-2.0
// A data file with something in it, for tests of what reaches the disk when.
#pragma once

#include "storage/database.hpp"
#include "tests/support/test_shard.hpp"

#include <cstdint>
#include <filesystem>

namespace crm::test {

/// A table of rows that fill half a page each.
struct filled_file {
  temp_folder folder;
  storage::database db = need(storage::database::open(folder.path() / "test.db"));

  filled_file() { need(db.script("create table t (n integer primary key, body blob)")); }

  void add(std::int64_t rows) {
    need(db.run("insert into t (body) select randomblob(2000) from"
                " (with recursive up (n) as (select 1 union all select n + 1 from up where n < ?)"
                " select n from up)",
                rows));
  }

  std::int64_t count() { return number(db, "select count(*) from t"); }

  /// What another process would find if this one were killed now.
  storage::database after_kill() const {
    const auto copy = folder.path() / "copy";
    std::filesystem::remove_all(copy);
    std::filesystem::create_directory(copy);
    for (const char* name : {"test.db", "test.db-wal"})
      std::filesystem::copy_file(folder.path() / name, copy / name);
    return need(storage::database::open(copy / "test.db"));
  }
};

} // namespace crm::test
