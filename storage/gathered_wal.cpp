// SPDX-License-Identifier: Apache-2.0
#include "storage/gathered_wal.hpp"

#include <sqlite3.h>

#include <memory>
#include <new>
#include <string>
#include <utility>

namespace crm::storage {

namespace {

/// Some 30 pages: what is longer goes out in several writes.
constexpr std::size_t gathered_bytes_max = 120 * 1024;

/// One buffer per thread, so that open files hold none.
thread_local std::string spare;
/// Whether writes of this thread wait for others.
thread_local bool gathers = true;
/// Takes note of the syncs of this thread that are put off; null while none is.
thread_local later_sync* syncs_later = nullptr;

/// What SQLite writes, and syncs, when it begins a log anew (its file format, section 4.1).
constexpr std::size_t header_bytes = 32;

/// A write-ahead log. SQLite allocates it, with room for the system's own file behind it.
struct log_file {
  sqlite3_file base;
  /// SQLite keeps it until the file is closed.
  sqlite3_filename name;
  sqlite3_int64 begins_at;
  std::string gathered;
  /// There once a sync was put off.
  std::shared_ptr<log_sync> sync;
  /// What it holds is in the database; it may be written over once that is on the disk.
  std::shared_ptr<checkpoint_sync> copied;

  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); } // NOLINT
};

log_file& log_of(sqlite3_file* file) {
  return *reinterpret_cast<log_file*>(file); // NOLINT: `base` is its first member
}

/// Waits until the database has what the log holds. If the disk refuses it, so does the log.
int give_up_content(log_file& log) {
  if (!log.copied)
    return SQLITE_OK;
  if (!log.copied->finish())
    return SQLITE_IOERR_FSYNC;
  log.copied = nullptr;
  return SQLITE_OK;
}

/// What could not be written is dropped: whoever asked for the sync hears of the failure.
int write_out(log_file& log) {
  if (log.gathered.empty())
    return SQLITE_OK;
  if (const int code = give_up_content(log); code != SQLITE_OK) {
    log.gathered.clear();
    return code;
  }
  sqlite3_file* real = log.real();
  const int code = real->pMethods->xWrite(real, log.gathered.data(),
                                          static_cast<int>(log.gathered.size()), log.begins_at);
  log.gathered.clear();
  spare = std::exchange(log.gathered, {});
  return code;
}

/// Calls a method of the system's file once everything gathered has been written.
template <class Method, class... Args>
int after_writing(sqlite3_file* file, Method method, Args... args) {
  log_file& log = log_of(file);
  if (const int code = write_out(log); code != SQLITE_OK)
    return code;
  return (log.real()->pMethods->*method)(log.real(), args...);
}

int close_log(sqlite3_file* file) {
  log_file& log = log_of(file);
  const int written = write_out(log);
  const int closed = log.real()->pMethods->xClose(log.real());
  std::destroy_at(&log);
  return written != SQLITE_OK ? written : closed;
}

int write_log(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 at) {
  log_file& log = log_of(file);
  if (!gathers) {
    if (const int code = give_up_content(log); code != SQLITE_OK)
      return code;
    return after_writing(file, &sqlite3_io_methods::xWrite, bytes, size, at);
  }
  const auto more = static_cast<std::size_t>(size);
  const bool continues = at == log.begins_at + static_cast<sqlite3_int64>(log.gathered.size())
                         && log.gathered.size() + more <= gathered_bytes_max;
  if (!log.gathered.empty() && !continues) {
    if (const int code = write_out(log); code != SQLITE_OK)
      return code;
  }
  try {
    if (log.gathered.empty()) {
      log.begins_at = at;
      log.gathered = std::exchange(spare, {});
      log.gathered.reserve(gathered_bytes_max);
    }
    log.gathered.append(static_cast<const char*>(bytes), more);
  } catch (const std::bad_alloc&) {
    return SQLITE_IOERR_NOMEM;
  }
  return SQLITE_OK;
}

int sync_log(sqlite3_file* file, int flags) {
  log_file& log = log_of(file);
  const bool begins_anew = log.begins_at == 0 && log.gathered.size() == header_bytes;
  if (const int code = write_out(log); code != SQLITE_OK)
    return code;
  if (syncs_later != nullptr && !begins_anew) {
    if (!log.sync)
      log.sync = log_sync::open(log.name);
    if (syncs_later->put_off(log.sync))
      return SQLITE_OK;
  }
  return log.real()->pMethods->xSync(log.real(), flags);
}

/// The methods of a log. In exclusive locking mode SQLite keeps no shared memory for one.
constexpr sqlite3_io_methods log_methods{
    .iVersion = 1,
    .xClose = close_log,
    .xRead =
        [](sqlite3_file* file, void* to, int size, sqlite3_int64 at) {
          return after_writing(file, &sqlite3_io_methods::xRead, to, size, at);
        },
    .xWrite = write_log,
    .xTruncate =
        [](sqlite3_file* file, sqlite3_int64 size) {
          return after_writing(file, &sqlite3_io_methods::xTruncate, size);
        },
    .xSync = sync_log,
    .xFileSize =
        [](sqlite3_file* file, sqlite3_int64* size) {
          return after_writing(file, &sqlite3_io_methods::xFileSize, size);
        },
    .xLock = [](sqlite3_file* file,
                int level) { return after_writing(file, &sqlite3_io_methods::xLock, level); },
    .xUnlock = [](sqlite3_file* file,
                  int level) { return after_writing(file, &sqlite3_io_methods::xUnlock, level); },
    .xCheckReservedLock =
        [](sqlite3_file* file, int* held) {
          return after_writing(file, &sqlite3_io_methods::xCheckReservedLock, held);
        },
    .xFileControl =
        [](sqlite3_file* file, int what, void* value) {
          return after_writing(file, &sqlite3_io_methods::xFileControl, what, value);
        },
    .xSectorSize =
        [](sqlite3_file* file) {
          sqlite3_file* real = log_of(file).real();
          return real->pMethods->xSectorSize(real);
        },
    .xDeviceCharacteristics =
        [](sqlite3_file* file) {
          sqlite3_file* real = log_of(file).real();
          return real->pMethods->xDeviceCharacteristics(real);
        },
    .xShmMap = nullptr,
    .xShmLock = nullptr,
    .xShmBarrier = nullptr,
    .xShmUnmap = nullptr,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

sqlite3_vfs* system_files(sqlite3_vfs* ours) {
  return static_cast<sqlite3_vfs*>(ours->pAppData);
}

int open_file(sqlite3_vfs* ours, sqlite3_filename name, sqlite3_file* file, int flags,
              int* flags_out) {
  sqlite3_vfs* system = system_files(ours);
  if ((flags & SQLITE_OPEN_WAL) == 0)
    return system->xOpen(system, name, file, flags, flags_out);
  auto* log = new (file) log_file{};
  log->name = name;
  const int code = system->xOpen(system, name, log->real(), flags, flags_out);
  if (code == SQLITE_OK)
    log->base.pMethods = &log_methods;
  else
    std::destroy_at(log);
  return code;
}

int register_once() {
  sqlite3_vfs* system = sqlite3_vfs_find(nullptr);
  if (system == nullptr)
    return SQLITE_ERROR;
  // All but opening is the system's, whose methods look at nothing but their arguments.
  static sqlite3_vfs ours = *system;
  ours.pNext = nullptr;
  ours.zName = gathered_wal;
  ours.szOsFile = static_cast<int>(sizeof(log_file)) + system->szOsFile;
  ours.pAppData = system;
  ours.xOpen = open_file;
  return sqlite3_vfs_register(&ours, 0);
}

} // namespace

result<void> register_gathered_wal() {
  static const int code = register_once();
  if (code != SQLITE_OK)
    return crm::error{error_code::storage, sqlite3_errstr(code)};
  return {};
}

void keep_log_until(sqlite3_file* log, std::shared_ptr<checkpoint_sync> copied) {
  log_of(log).copied = std::move(copied);
}

straight_writes::straight_writes() {
  gathers = false;
}

straight_writes::~straight_writes() {
  gathers = true;
}

later_sync::later_sync() {
  syncs_later = this;
}

later_sync::~later_sync() {
  syncs_later = nullptr;
}

bool later_sync::put_off(std::shared_ptr<log_sync> sync) {
  owed_ = owed_sync{std::move(sync)};
  return static_cast<bool>(owed_);
}

} // namespace crm::storage
