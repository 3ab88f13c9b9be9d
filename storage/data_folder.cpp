// SPDX-License-Identifier: Apache-2.0
#include "storage/data_folder.hpp"

#include "protocol/limits.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace crm::storage {

namespace {

crm::error folder_error(const std::filesystem::path& folder, std::string_view what, int code) {
  return {error_code::storage, std::string{what} + " " + folder.string() + ": "
                                   + std::error_code(code, std::system_category()).message()};
}

std::string owner_of(int lock) {
  std::array<char, 256> text{};
  const auto size = ::pread(lock, text.data(), text.size(), 0);
  return size > 0 ? std::string(text.data(), static_cast<std::size_t>(size)) : "another process";
}

result<void> sign(int lock, const std::filesystem::path& folder, std::string_view role) {
  const std::string text =
      "process " + std::to_string(::getpid()) + " (vantage-crm " + std::string{role} + ")";
  if (::ftruncate(lock, 0) != 0
      || ::pwrite(lock, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
    return folder_error(folder, "cannot write the lock of", errno);
  return {};
}

} // namespace

result<data_folder> data_folder::open(const std::filesystem::path& folder, std::string_view role) {
  std::error_code failed;
  std::filesystem::create_directories(folder / "workspaces", failed);
  if (failed)
    return folder_error(folder, "cannot create the data folder", failed.value());
  if (::chmod(folder.c_str(), S_IRWXU) != 0)
    return folder_error(folder, "cannot protect the data folder", errno);
  const int lock = ::open((folder / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0)
    return folder_error(folder, "cannot lock the data folder", errno);
  data_folder opened{std::filesystem::absolute(folder), lock};
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0)
    return error{error_code::conflict,
                 "the data folder " + folder.string() + " is in use by " + owner_of(lock)};
  CRM_TRY(sign(lock, folder, role));
  return opened;
}

data_folder::data_folder(data_folder&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

data_folder& data_folder::operator=(data_folder&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(lock_, other.lock_);
  return *this;
}

data_folder::~data_folder() {
  if (lock_ >= 0)
    ::close(lock_);
}

std::filesystem::path data_folder::workspace_file(std::string_view workspace) const {
  return path_ / "workspaces" / (std::string{workspace} + ".db");
}

bool data_folder::can_write() const {
  struct statvfs disk {};
  if (::access(path_.c_str(), W_OK) != 0 || ::statvfs(path_.c_str(), &disk) != 0)
    return false;
  return (disk.f_flag & ST_RDONLY) == 0
         && disk.f_bavail * disk.f_frsize >= limits::disk_free_bytes_min;
}

bool is_workspace_id(std::string_view text) {
  if (text.empty() || text.size() > 64 || text.front() == '-' || text.front() == '_')
    return false;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    if (!plain)
      return false;
  }
  return true;
}

} // namespace crm::storage
