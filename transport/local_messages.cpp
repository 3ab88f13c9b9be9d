// SPDX-License-Identifier: Apache-2.0
#include "transport/local_messages.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

namespace crm::transport {

namespace {

constexpr const char* socket_name = "server.sock";

/// How long an owner may take to greet a process that has connected.
constexpr timeval hello_timeout{1, 0};

crm::error socket_error(const char* doing) {
  return {error_code::storage, std::string{"the local socket of the data folder: "} + doing + ": "
                                   + std::strerror(errno)};
}

/// A file descriptor that is closed when its owner leaves.
class owned_fd {
public:
  explicit owned_fd(int fd) : fd_(fd) {}
  owned_fd(const owned_fd&) = delete;
  owned_fd& operator=(const owned_fd&) = delete;
  ~owned_fd() {
    if (fd_ >= 0)
      ::close(fd_);
  }
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

private:
  int fd_;
};

/// The address of the folder's socket. An address holds at most 107 bytes (unix(7)); a longer path
/// is reached through the open folder.
sockaddr_un address_in(const std::filesystem::path& folder, int place) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::string path = (folder / socket_name).string();
  if (path.size() >= sizeof address.sun_path)
    path = "/proc/self/fd/" + std::to_string(place) + "/" + socket_name;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

error_code code_named(std::string_view text) {
  for (int code = 1; code <= static_cast<int>(error_code::not_implemented); ++code) {
    if (face_of(static_cast<error_code>(code)).text == text)
      return static_cast<error_code>(code);
  }
  return error_code::storage;
}

std::string text_of(const json& value, const char* member) {
  const auto found = value.find(member);
  return found != value.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

crm::error error_from(const json& value) {
  crm::error reason{code_named(text_of(value, "code")), text_of(value, "message")};
  if (const auto after = value.find("retryAfterMs"); after != value.end())
    reason.retry_after_ms = after->get<std::int64_t>();
  for (const json& row : value.value("details", json::array())) {
    error_detail detail{text_of(row, "path"), text_of(row, "got"), text_of(row, "expected")};
    detail.did_you_mean = text_of(row, "didYouMean");
    for (const json& option : row.value("validOptions", json::array()))
      detail.valid_options.push_back(option.get<std::string>());
    reason.details.push_back(std::move(detail));
  }
  return reason;
}

/// Reads exactly the owner's first line, so that what follows is left for the channel.
bool reads_hello(int socket) {
  const timeval forever{};
  const std::string expected = std::string{local_hello} + '\n';
  std::string line(expected.size(), '\0');
  return ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &hello_timeout, sizeof hello_timeout) == 0
         && ::recv(socket, line.data(), line.size(), MSG_WAITALL)
                == static_cast<ssize_t>(line.size())
         && line == expected
         && ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &forever, sizeof forever) == 0;
}

} // namespace

std::string local_answer(std::int64_t id, const result<json>& outcome) {
  json answer{{"id", id}};
  if (outcome)
    answer["value"] = *outcome;
  else
    answer["error"] = error_json(outcome.error());
  return dump_json(answer);
}

result<json> read_local_answer(json answer) {
  if (const auto reason = answer.find("error"); reason != answer.end())
    return error_from(*reason);
  return result<json>{std::move(answer["value"])};
}

std::string local_progress(const call_progress& how_far) {
  return dump_json(
      {{"progress", {{"id", how_far.id}, {"done", how_far.done}, {"total", how_far.total}}}});
}

call_progress progress_from_local(const json& value) {
  const auto number = [&](const char* name) { return value.value(name, std::int64_t{0}); };
  return {number("id"), number("done"), number("total")};
}

std::string local_changes(const std::string& workspace,
                          const std::vector<changed_entity>& changed) {
  json entities = json::array();
  for (const changed_entity& each : changed)
    entities.push_back({{"type", each.type}, {"id", each.id}});
  return dump_json({{"changes", {{"workspace", workspace}, {"entities", std::move(entities)}}}});
}

std::vector<changed_entity> changes_from_local(const json& value) {
  std::vector<changed_entity> changed;
  for (const json& each : value.value("entities", json::array()))
    changed.push_back({text_of(each, "type"), text_of(each, "id")});
  return changed;
}

std::string_view name_of(call_kind kind) {
  constexpr std::array<std::string_view, 3> names{"tool", "preview", "view"};
  return names.at(static_cast<std::size_t>(kind));
}

call_kind call_kind_named(std::string_view name) {
  for (const call_kind kind : {call_kind::preview, call_kind::view})
    if (name_of(kind) == name)
      return kind;
  return call_kind::tool;
}

json to_local(const tool_reply& reply) {
  return {{"data", reply.data}, {"page", reply.page}, {"warnings", reply.warnings}};
}

tool_reply reply_from_local(const json& value) {
  return {text_of(value, "data"), text_of(value, "page"), text_of(value, "warnings")};
}

json to_local(const workspace_info& info) {
  return {{"id", info.id}, {"name", info.name}, {"createdAt", info.created_at}};
}

workspace_info workspace_from_local(const json& value) {
  return {text_of(value, "id"), text_of(value, "name"), value.value("createdAt", std::int64_t{0})};
}

json to_local(const token_request& wish) {
  json value{
      {"workspace", wish.workspace}, {"actor", wish.actor}, {"scopes", wish.scopes.to_string()}};
  if (wish.expires_at)
    value["expiresAt"] = *wish.expires_at;
  return value;
}

result<token_request> token_request_from_local(const json& value) {
  const auto scopes = parse_scopes(text_of(value, "scopes"));
  if (!scopes)
    return scopes.error();
  token_request wish{text_of(value, "workspace"), text_of(value, "actor"), *scopes, std::nullopt};
  if (const auto expires = value.find("expiresAt"); expires != value.end())
    wish.expires_at = expires->get<std::int64_t>();
  return wish;
}

result<int> listen_in(const std::filesystem::path& folder) {
  const owned_fd place{::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
  owned_fd listener{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (place.get() < 0 || listener.get() < 0)
    return socket_error("open");
  // Whoever holds the folder's lock is the only one to listen here: what lies there is stale.
  if (::unlinkat(place.get(), socket_name, 0) != 0 && errno != ENOENT)
    return socket_error("remove the stale one");
  const sockaddr_un address = address_in(folder, place.get());
  if (::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return socket_error("bind");
  if (::chmod(address.sun_path, S_IRUSR | S_IWUSR) != 0)
    return socket_error("protect");
  if (::listen(listener.get(), 64) != 0)
    return socket_error("listen");
  return listener.release();
}

result<int> connect_to(const std::filesystem::path& folder) {
  const owned_fd place{::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
  owned_fd socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (place.get() < 0 || socket.get() < 0)
    return socket_error("open");
  const sockaddr_un address = address_in(folder, place.get());
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return socket_error("connect");
  if (!reads_hello(socket.get()))
    return crm::error{error_code::storage,
                      "the process that owns the data folder does not answer: it is ending, or of "
                      "another version"};
  return socket.release();
}

} // namespace crm::transport
