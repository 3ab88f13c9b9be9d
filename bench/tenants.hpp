// SPDX-License-Identifier: Apache-2.0
// Data folders for measurements, written before a server opens them: many workspaces in little
// time, without a process or a request for each.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace crm::bench {

/// Returns the id of the workspace with this number; all are equally long.
std::string workspace_name(std::size_t number);

/// Adds workspaces 0 to `count` - 1 to a data folder, and returns a token for each that may do
/// everything. @pre no server has the folder open.
std::vector<std::string> add_workspaces(const std::filesystem::path& folder, std::size_t count);

/// Gives workspaces 1 to `count` - 1 copies of the file of workspace 0.
/// @pre no server has the folder open.
void copy_first_workspace(const std::filesystem::path& folder, std::size_t count);

} // namespace crm::bench
