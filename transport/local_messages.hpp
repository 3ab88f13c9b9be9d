// SPDX-License-Identifier: Apache-2.0
// What goes over the local socket of a data folder: one JSON object per line. A request is
// {"id":n,"op":…,…}; its answer {"id":n,"value":…} or {"id":n,"error":{…}}. Unasked come
// {"progress":…} of a call and {"changes":…} after a commit. Both ends are the same program, so
// this is no contract for others.
#pragma once

#include "protocol/administration.hpp"
#include "protocol/call.hpp"
#include "protocol/changes.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace crm::transport {

/// Writes the answer to request `id`; `value` becomes its JSON.
std::string local_answer(std::int64_t id, const result<json>& outcome);

/// Reads the outcome out of an answer. @errors those that the other end answered.
result<json> read_local_answer(json answer);

/// How far the call of a request is.
struct call_progress {
  std::int64_t id;
  std::int64_t done;
  std::int64_t total;
};

std::string local_progress(const call_progress& how_far);
call_progress progress_from_local(const json& value);

/// Writes what a commit changed.
std::string local_changes(const std::string& workspace, const std::vector<changed_entity>& changed);
std::vector<changed_entity> changes_from_local(const json& value);

/// The kinds of calls by name; an unknown name is a tool's.
std::string_view name_of(call_kind kind);
call_kind call_kind_named(std::string_view name);

/// Writes a tool's answer. The texts travel as strings: parsing them again could change a number.
json to_local(const tool_reply& reply);
tool_reply reply_from_local(const json& value);

json to_local(const workspace_info& info);
workspace_info workspace_from_local(const json& value);

json to_local(const token_request& wish);
result<token_request> token_request_from_local(const json& value);

/// The owner's first line on every connection. A process that is being killed still leaves
/// connections in its backlog: only who has read this knows that the owner took it.
inline constexpr std::string_view local_hello = R"({"hello":1})";

/// Returns a socket that listens in the folder for this user alone. @errors storage.
result<int> listen_in(const std::filesystem::path& folder);

/// Returns a socket connected to the process that listens in the folder, its hello read.
/// @errors storage, also when no hello came within a second.
result<int> connect_to(const std::filesystem::path& folder);

} // namespace crm::transport
