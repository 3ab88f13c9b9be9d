// SPDX-License-Identifier: Apache-2.0
// Every bound of the system on one page. At a bound the caller gets an error that says so; nothing
// hangs and nothing grows past it. Units stand last in the name.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace crm::limits {

// -- a request ---------------------------------------------------------------------------------

/// Bytes of one request body or one stdio line (design §4.2).
inline constexpr std::size_t body_bytes_max = 1024 * 1024;
/// Nesting of a JSON text. nlohmann_json 3.11.2 overflows the stack on dump at 100,000 levels.
inline constexpr std::size_t json_depth_max = 64;
/// Values in a JSON text.
inline constexpr std::size_t json_values_max = 100'000;
/// How long a call may take, from its arrival to its answer.
inline constexpr std::chrono::milliseconds call_timeout_ms{30'000};
/// Accepted values that an error lists.
inline constexpr std::size_t valid_options_max = 10;
/// Arguments that one validation error describes.
inline constexpr std::size_t error_details_max = 20;
/// Bytes of documents on one page of a list; the rest follows on the next page.
inline constexpr std::size_t page_bytes_max = 1024 * 1024;
/// Bytes of one answer's data.
inline constexpr std::size_t result_bytes_max = 8 * 1024 * 1024;

// -- workspaces --------------------------------------------------------------------------------

/// Calls of one workspace between admission and answer.
inline constexpr std::uint32_t workspace_in_flight_calls_max = 1'024;
/// Calls of all workspaces between admission and answer.
inline constexpr std::uint32_t in_flight_calls_max = 8'192;
/// Workspaces whose file is open; each costs two file descriptors and about 190 KiB.
inline constexpr std::size_t open_workspaces_max = 1'000;
/// A workspace that had no call for so long is closed.
inline constexpr std::chrono::milliseconds workspace_idle_ms_max{60'000};
/// Calls that share one commit (design §3.3).
inline constexpr std::size_t commit_calls_max = 128;
/// Threads that run actors; they block in fdatasync (feasibility: 8 are best on 2 cores).
inline constexpr std::size_t scheduler_threads = 8;

// -- the disk ------------------------------------------------------------------------------------

/// With less room than this the server reports itself unhealthy: a log of 4 MiB per busy workspace
/// must still fit.
inline constexpr std::uint64_t disk_free_bytes_min = 32 * 1024 * 1024;
/// How long a look at the disk counts.
inline constexpr std::chrono::milliseconds disk_check_ms{1'000};

// -- the local socket ----------------------------------------------------------------------------

/// Bytes of one line: an answer of `result_bytes_max`, escaped as a string.
inline constexpr std::size_t local_line_bytes_max = 20 * 1024 * 1024;
/// Bytes that wait for a process that does not read.
inline constexpr std::size_t local_unsent_bytes_max = 64 * 1024 * 1024;
/// Processes that are connected at once.
inline constexpr std::size_t local_sessions_max = 64;

} // namespace crm::limits
