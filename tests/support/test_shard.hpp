// SPDX-License-Identifier: Apache-2.0
// A workspace's file in a folder of its own, for tests that go below the actors.
#pragma once

#include "storage/entities.hpp"
#include "storage/shard.hpp"
#include "tests/support/temp_folder.hpp"
#include "tests/support/test_environment.hpp"

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace crm::test {

/// Returns the value of a result; ends the test when there is none.
template <class T>
T need(result<T> outcome) {
  if (!outcome)
    throw std::runtime_error{outcome.error().message};
  return *std::move(outcome);
}

inline void need(const result<void>& outcome) {
  if (!outcome)
    throw std::runtime_error{outcome.error().message};
}

/// Returns the number that a query with one row and one column gives. @pre `sql` is a literal.
template <class... Values>
std::int64_t number(storage::database& db, std::string_view sql, const Values&... values) {
  std::int64_t out = 0;
  if (!need(db.first(
          sql, [&](storage::row r) { out = r.integer(0); }, values...)))
    throw std::runtime_error{"no row"};
  return out;
}

/// Returns the text that a query with one row and one column gives. @pre `sql` is a literal.
template <class... Values>
std::string text(storage::database& db, std::string_view sql, const Values&... values) {
  std::string out;
  if (!need(db.first(
          sql, [&](storage::row r) { out = r.text(0); }, values...)))
    throw std::runtime_error{"no row"};
  return out;
}

/// A shard that can be closed, tampered with, and opened again.
class test_shard {
public:
  test_shard() { open(); }

  void open() { shard_ = need(storage::shard::open(file(), "default", environment_.get())); }
  void close() { shard_.reset(); }

  storage::shard& get() { return *shard_; }
  storage::database& db() { return shard_->db(); }
  test_environment& surroundings() { return environment_; }
  std::filesystem::path file() const { return folder_.path() / "default.db"; }

  storage::change_origin origin() const {
    return {.actor = "tester",
            .client = "test",
            .request_id = "req",
            .tool = "some_tool",
            .cause = "call",
            .reason = {},
            .now_ms = environment_.now_ms()};
  }

  storage::record create(const storage::entity_kind& kind, const json& fields) {
    return need(storage::create(*shard_, kind, fields, origin()));
  }

private:
  temp_folder folder_;
  test_environment environment_;
  std::optional<storage::shard> shard_;
};

} // namespace crm::test
