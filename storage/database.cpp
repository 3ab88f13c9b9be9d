// SPDX-License-Identifier: Apache-2.0
#include "storage/database.hpp"

#include "protocol/log.hpp"
#include "storage/gathered_wal.hpp"
#include "storage/search_rank.hpp"

#include <sqlite3.h>

#include <mutex>
#include <utility>

namespace crm::storage {

namespace {

/// Once per process, before the first file: no memory statistics (a global lock) and no page cache
/// per connection until it is used (67 instead of 139 KiB for an open shard).
void configure_library() {
  static std::once_flag once;
  std::call_once(once, [] {
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    sqlite3_config(SQLITE_CONFIG_PAGECACHE, nullptr, 0, 0);
    sqlite3_initialize();
  });
}

/// The one place where SQLite's codes become ours. The library's text goes to the log only.
crm::error translate(int extended_code, const char* text, std::string_view doing) {
  const int code = extended_code & 0xFF;
  if (extended_code == SQLITE_CONSTRAINT_UNIQUE || extended_code == SQLITE_CONSTRAINT_PRIMARYKEY)
    return {error_code::conflict, "a value that must be unique is taken"};
  log_line(log_level::error, "sqlite",
           {{"doing", std::string{doing}}, {"code", extended_code}, {"text", text}});
  if (code == SQLITE_FULL)
    return {error_code::storage, "the disk is full: nothing was written"};
  if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
    return {error_code::storage, "another process holds the data file", {}, 1'000};
  if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
    return {error_code::storage, "the workspace's data file is damaged; restore it from a backup"};
  return {error_code::storage, "the storage failed while " + std::string{doing}};
}

class bind_visitor {
public:
  bind_visitor(sqlite3_stmt* statement, int index) : statement_(statement), index_(index) {}

  int operator()(std::nullptr_t) const { return sqlite3_bind_null(statement_, index_); }
  int operator()(std::int64_t value) const { return sqlite3_bind_int64(statement_, index_, value); }
  int operator()(double value) const { return sqlite3_bind_double(statement_, index_, value); }
  // The caller's values outlive the steps of the statement, which is reset before we return.
  int operator()(std::string_view text) const {
    const char* bytes = text.data() == nullptr ? "" : text.data();
    return sqlite3_bind_text64(statement_, index_, bytes, text.size(), SQLITE_STATIC, SQLITE_UTF8);
  }
  int operator()(const blob& value) const {
    return sqlite3_bind_blob64(statement_, index_, value.bytes.data(), value.bytes.size(),
                               SQLITE_STATIC);
  }

private:
  sqlite3_stmt* statement_;
  int index_;
};

/// Returns a statement to its start whichever way its user leaves.
class reset_guard {
public:
  explicit reset_guard(sqlite3_stmt* statement) : statement_(statement) {}
  reset_guard(const reset_guard&) = delete;
  reset_guard& operator=(const reset_guard&) = delete;
  ~reset_guard() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }

private:
  sqlite3_stmt* statement_;
};

/// The order matters: EXCLUSIVE before WAL keeps the index of the log in memory and leaves two file
/// descriptors instead of three. The log's file keeps its size when it begins anew: to lengthen it
/// takes a sync that writes the inode, too. `temp_store` keeps sub-journals out of /var/tmp, and
/// what a purge erases is overwritten in the file. Without `recursive_triggers` a REPLACE removes
/// rows and fires no delete trigger: the change log's would be passed by.
constexpr const char* settings = R"sql(
pragma locking_mode = exclusive;
pragma journal_mode = wal;
pragma synchronous = full;
pragma temp_store = memory;
pragma secure_delete = on;
pragma journal_size_limit = 16777216;
pragma cache_size = -2000;
pragma trusted_schema = off;
pragma cell_size_check = on;
pragma recursive_triggers = on;
)sql";

/// From so many pages on, some 8 MiB, the log is copied into the database. Measured with creates of
/// 256 connections: a tenth more than with 1,000, SQLite's own measure, and 4,000 a tenth more
/// again, but then p99 is 41 instead of 34 ms.
constexpr int checkpoint_pages = 2'000;

/// A workspace in which calls pile up gets 8 MB of page cache instead of 2: every new e-mail goes
/// to a page of its own of an index. Measured with creates of 256 connections: an eighth more,
/// and 1.6 reads of the files for each create instead of 2.9.
constexpr const char* keep_many_pages = "pragma cache_size = -8000";

} // namespace

bound bind_optional(const std::optional<std::string>& text) {
  return text ? bound{std::string_view{*text}} : bound{nullptr};
}

bound bind_optional(std::optional<std::int64_t> number) {
  return number ? bound{*number} : bound{nullptr};
}

bool row::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::int64_t row::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

double row::real(int column) const {
  return sqlite3_column_double(statement_, column);
}

std::string_view row::text(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  return bytes == nullptr ? std::string_view{} : std::string_view{bytes, size};
}

std::optional<std::int64_t> row::optional_integer(int column) const {
  return is_null(column) ? std::nullopt : std::optional{integer(column)};
}

std::optional<std::string> row::optional_text(int column) const {
  return is_null(column) ? std::nullopt : std::optional{std::string{text(column)}};
}

result<database> database::open(const std::filesystem::path& file) {
  configure_library();
  CRM_TRY(register_gathered_wal());
  sqlite3* handle = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
                    | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(file.c_str(), &handle, flags, gathered_wal);
  database opened{handle};
  if (code != SQLITE_OK)
    return translate(code, sqlite3_errstr(code), "opening a data file");
  CRM_TRY(opened.configure());
  return opened;
}

result<void> database::configure() {
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  sqlite3_limit(handle_, SQLITE_LIMIT_ATTACHED, 0);
  sqlite3_limit(handle_, SQLITE_LIMIT_LENGTH, 16 * 1024 * 1024);
  // In place of SQLite's own, which would copy the log within a commit whose sync is put off.
  sqlite3_wal_hook(
      handle_,
      [](void* log_pages, sqlite3*, const char*, int pages) {
        *static_cast<int*>(log_pages) = pages;
        return SQLITE_OK;
      },
      log_pages_.get());
  CRM_TRY(register_search_rank(handle_));
  return script(settings);
}

database::database(database&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)),
      restorable_(std::exchange(other.restorable_, false)), log_pages_(std::move(other.log_pages_)),
      copied_(std::move(other.copied_)), untaken_(std::move(other.untaken_)),
      statements_(std::move(other.statements_)) {
  other.statements_.clear();
}

database& database::operator=(database&& other) noexcept {
  if (this != &other) {
    close();
    handle_ = std::exchange(other.handle_, nullptr);
    restorable_ = std::exchange(other.restorable_, false);
    log_pages_ = std::move(other.log_pages_);
    copied_ = std::move(other.copied_);
    untaken_ = std::move(other.untaken_);
    statements_ = std::exchange(other.statements_, {});
  }
  return *this;
}

database::~database() {
  close();
}

void database::close() {
  for (const auto& [sql, statement] : statements_)
    sqlite3_finalize(statement);
  statements_.clear();
  if (handle_ == nullptr)
    return;
  if (copied_ && !copied_->finish()) // the log is the only copy that is safe
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  // Closing runs the last checkpoint; a failure there loses nothing, the log is replayed at open.
  if (const int code = sqlite3_close_v2(std::exchange(handle_, nullptr)); code != SQLITE_OK)
    log_line(log_level::error, "sqlite_close", {{"code", code}});
}

result<sqlite3_stmt*> database::prepared(std::string_view sql) {
  if (const auto known = statements_.find(sql.data()); known != statements_.end())
    return known->second;
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK)
    return failure("preparing a statement");
  statements_.emplace(sql.data(), statement);
  return statement;
}

result<void> database::each_values(std::string_view sql, std::span<const bound> values,
                                   visit_function visit) {
  const auto statement = prepared(sql);
  if (!statement)
    return statement.error();
  const reset_guard guard{*statement};
  int index = 0;
  for (const bound& value : values) {
    if (std::visit(bind_visitor{*statement, ++index}, value) != SQLITE_OK)
      return failure("binding a value");
  }
  for (;;) {
    const int code = sqlite3_step(*statement);
    if (code == SQLITE_DONE)
      return {};
    if (code != SQLITE_ROW)
      return failure("running a statement");
    if (!visit.call(visit.visitor, row{*statement}))
      return {};
  }
}

result<void> database::run_values(std::string_view sql, std::span<const bound> values) {
  return each_values(sql, values, {nullptr, [](void*, row) { return true; }});
}

result<void> database::script(const char* sql) {
  if (sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) != SQLITE_OK)
    return failure("running a script");
  return {};
}

void database::forget_pages() {
  sqlite3_db_release_memory(handle_);
}

constexpr std::string_view begin_sql = "begin immediate";

result<void> database::begin() {
  return run(begin_sql);
}

// SQLite takes these while it prepares them, so they are scripts.
constexpr const char* wait_for_no_disk = "pragma synchronous = normal";
constexpr const char* wait_for_disk = "pragma synchronous = full";

result<void> database::begin_restorable() {
  CRM_TRY(script(wait_for_no_disk));
  restorable_ = true;
  auto begun = begin();
  if (!begun)
    rollback(); // so that the next transaction waits for the disk again
  return begun;
}

constexpr std::string_view commit_sql = "commit";

result<void> database::commit() {
  if (!restorable_) {
    CRM_TRY(run(commit_sql));
    return checkpoint_if_due();
  }
  {
    const straight_writes here;
    CRM_TRY(run(commit_sql));
  }
  restorable_ = false;
  CRM_TRY(script(wait_for_disk));
  return checkpoint_if_due();
}

result<owed_sync> database::commit_ahead() {
  if (!std::exchange(keeps_many_pages_, true))
    CRM_TRY(script(keep_many_pages));
  owed_sync owed;
  {
    const later_sync here;
    CRM_TRY(run(commit_sql));
    owed = here.owed();
  }
  CRM_TRY(checkpoint_if_due());
  return owed;
}

constexpr const char* sync_nothing = "pragma synchronous = off";

/// Copies the log into the database. The log is synced first, so that a crash finds everything
/// there; the sync of the database takes some 5 ms of a busy disk, and is left to others. A copy
/// that fails loses nothing: the log is kept, and the next commit tries again.
result<void> database::checkpoint_if_due() {
  if (*log_pages_ < checkpoint_pages)
    return {};
  sqlite3_file* log = nullptr;
  sqlite3_file* file = nullptr;
  sqlite3_file_control(handle_, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
  sqlite3_file_control(handle_, "main", SQLITE_FCNTL_FILE_POINTER, &file);
  if (const int code = log->pMethods->xSync(log, SQLITE_SYNC_NORMAL); code != SQLITE_OK)
    return translate(code, sqlite3_errstr(code), "syncing a log");
  CRM_TRY(script(sync_nothing));
  const int code =
      sqlite3_wal_checkpoint_v2(handle_, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  CRM_TRY(script(wait_for_disk));
  if (code != SQLITE_OK) {
    log_line(log_level::warning, "sqlite_checkpoint", {{"code", code}});
    return {};
  }
  *log_pages_ = 0;
  // The owner goes on reading meanwhile; xSync touches nothing of the file but its descriptor.
  copied_ = std::make_shared<checkpoint_sync>(
      [file] { return file->pMethods->xSync(file, SQLITE_SYNC_NORMAL) == SQLITE_OK; });
  untaken_ = copied_;
  keep_log_until(log, copied_);
  return {};
}

constexpr std::string_view rollback_sql = "rollback";

void database::rollback() {
  // SQLite may have rolled back by itself; then there is nothing left to undo.
  if (in_transaction()) {
    if (const auto undone = run(rollback_sql); !undone)
      log_line(log_level::error, "rollback", {{"text", undone.error().message}});
  }
  if (std::exchange(restorable_, false)) {
    if (const auto restored = script(wait_for_disk); !restored)
      log_line(log_level::error, "rollback", {{"text", restored.error().message}});
  }
}

bool database::in_transaction() const {
  return sqlite3_get_autocommit(handle_) == 0;
}

std::int64_t database::last_row_id() const {
  return sqlite3_last_insert_rowid(handle_);
}

std::int64_t database::rows_changed() const {
  return sqlite3_total_changes64(handle_);
}

crm::error database::failure(std::string_view doing) const {
  return translate(sqlite3_extended_errcode(handle_), sqlite3_errmsg(handle_), doing);
}

} // namespace crm::storage
