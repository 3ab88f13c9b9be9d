// SPDX-License-Identifier: Apache-2.0
// The folder that holds all data of one installation, and the lock that makes one process its
// owner.
#pragma once

#include "protocol/result.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace crm::storage {

/// A data folder owned by this process until the object is destroyed.
class data_folder {
public:
  /// Creates the folder (mode 0700) if it is missing and locks it. `role` tells others what this
  /// process is, such as `serve --mode http`. @errors conflict, naming the owner, when another
  /// process holds the folder; storage.
  static result<data_folder> open(const std::filesystem::path& folder, std::string_view role);

  data_folder(data_folder&& other) noexcept;
  data_folder& operator=(data_folder&& other) noexcept;
  ~data_folder();

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path control_file() const { return path_ / "control.db"; }
  /// @pre `is_workspace_id(workspace)`
  std::filesystem::path workspace_file(std::string_view workspace) const;

  /// Returns whether the folder can take more data: it is writable, and the disk is not as good as
  /// full (limits::disk_free_bytes_min).
  bool can_write() const;

private:
  data_folder(std::filesystem::path path, int lock) : path_(std::move(path)), lock_(lock) {}

  std::filesystem::path path_;
  int lock_ = -1;
};

/// Returns whether the text can name a workspace: 1 to 64 of a-z, 0-9, `-` and `_`, the first a
/// letter or digit. It becomes a file name, so nothing else ever may.
bool is_workspace_id(std::string_view text);

} // namespace crm::storage
