// SPDX-License-Identifier: Apache-2.0
// One SQLite file, one connection, one owner. Statements are prepared once per SQL literal and
// reset themselves; SQLite's codes become ours in one function; no SQLite type is seen from
// outside.
#pragma once

#include "protocol/result.hpp"
#include "storage/checkpoint_sync.hpp"
#include "storage/log_sync.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>

struct sqlite3;
struct sqlite3_stmt;

namespace crm::storage {

/// Bytes that are stored as they are, such as a digest.
struct blob {
  std::string bytes;
};

/// A value on its way into a statement.
using bound = std::variant<std::nullptr_t, std::int64_t, double, std::string_view, blob>;

/// Wraps an optional text: none becomes null.
bound bind_optional(const std::optional<std::string>& text);

/// Wraps an optional number: none becomes null.
bound bind_optional(std::optional<std::int64_t> number);

/// The row under a cursor. Views live until the next row.
class row {
public:
  explicit row(sqlite3_stmt* statement) : statement_(statement) {}

  bool is_null(int column) const;
  std::int64_t integer(int column) const;
  double real(int column) const;
  std::string_view text(int column) const;
  std::optional<std::int64_t> optional_integer(int column) const;
  std::optional<std::string> optional_text(int column) const;

private:
  sqlite3_stmt* statement_;
};

/// An open SQLite file. Not thread-safe: its owner alone uses it.
class database {
public:
  /// Opens or creates the file with the settings of design §3.2: WAL, FULL, EXCLUSIVE.
  /// @errors storage; conflict when another process holds the file.
  static result<database> open(const std::filesystem::path& file);

  database(database&& other) noexcept;
  database& operator=(database&& other) noexcept;
  ~database();

  /// Runs a statement that returns no rows. `sql` is a literal: it is prepared once per address.
  /// @errors conflict when a unique value is taken; storage.
  template <class... Values>
  result<void> run(std::string_view sql, const Values&... values) {
    const bound list[] = {to_bound(values)..., nullptr};
    return run_values(sql, {list, sizeof...(values)});
  }
  result<void> run_values(std::string_view sql, std::span<const bound> values);

  /// Hands each row of a query to `visit`, which returns false to stop. @errors storage.
  template <class Visit, class... Values>
  result<void> each(std::string_view sql, Visit visit, const Values&... values) {
    const bound list[] = {to_bound(values)..., nullptr};
    return each_values(
        sql, {list, sizeof...(values)},
        visit_function{&visit, [](void* v, row r) { return (*static_cast<Visit*>(v))(r); }});
  }

  /// Hands the first row, if there is one, to `visit`; returns whether there was one.
  template <class Visit, class... Values>
  result<bool> first(std::string_view sql, Visit visit, const Values&... values) {
    bool found = false;
    CRM_TRY(each(
        sql,
        [&](row r) {
          visit(r);
          found = true;
          return false;
        },
        values...));
    return found;
  }

  /// Runs a script of several statements, as migrations are. @errors storage.
  result<void> script(const char* sql);

  /// Gives back the memory of pages that nobody is about to read again.
  void forget_pages();

  /// Opens a transaction that may write.
  result<void> begin();
  /// Opens a transaction for what can be had again from what is durable already: its commit waits
  /// for no disk, and until the next other commit a crash of the machine may undo it, as a whole.
  result<void> begin_restorable();
  /// Makes the transaction durable. On an error the outcome may be unknown. @errors storage.
  result<void> commit();
  /// Commits without waiting for the disk: returns what the caller must wait for before it tells
  /// anybody. Whoever does so has much to write: more pages are kept in memory from then on.
  /// @errors storage.
  result<owed_sync> commit_ahead();
  /// Returns the sync that a commit has put off, for another thread to do; null when there is none.
  /// What is not done by then is waited for when the log begins anew.
  std::shared_ptr<checkpoint_sync> take_checkpoint_sync() {
    return std::exchange(untaken_, nullptr);
  }
  /// Undoes the open transaction, if there is one.
  void rollback();
  bool in_transaction() const;

  std::int64_t last_row_id() const;
  /// Returns how many rows this connection has changed since it was opened.
  std::int64_t rows_changed() const;

private:
  struct visit_function {
    void* visitor;
    bool (*call)(void*, row);
  };

  explicit database(sqlite3* handle) : handle_(handle) {}
  result<void> configure();
  result<sqlite3_stmt*> prepared(std::string_view sql);
  result<void> each_values(std::string_view sql, std::span<const bound> values,
                           visit_function visit);
  crm::error failure(std::string_view doing) const;
  result<void> checkpoint_if_due();
  void close();

  template <class Value>
  static bound to_bound(const Value& value) {
    if constexpr (std::is_same_v<Value, bound>)
      return value;
    else if constexpr (std::is_floating_point_v<Value>)
      return static_cast<double>(value);
    else if constexpr (std::is_integral_v<Value>)
      return static_cast<std::int64_t>(value);
    else if constexpr (std::is_same_v<
                           Value,
                           std::optional<
                               std::string>> || std::is_same_v<Value, std::optional<std::int64_t>>)
      return bind_optional(value);
    else if constexpr (std::is_same_v<Value, blob> || std::is_same_v<Value, std::nullptr_t>)
      return value;
    else
      return std::string_view{value};
  }

  sqlite3* handle_ = nullptr;
  /// The open transaction was opened by `begin_restorable`.
  bool restorable_ = false;
  bool keeps_many_pages_ = false;
  /// Pages of the log, as of the last commit; SQLite has its address.
  std::unique_ptr<int> log_pages_ = std::make_unique<int>(0);
  /// The sync after the last checkpoint, and the same until somebody took it.
  std::shared_ptr<checkpoint_sync> copied_;
  std::shared_ptr<checkpoint_sync> untaken_;
  std::unordered_map<const char*, sqlite3_stmt*> statements_;
};

} // namespace crm::storage
