// SPDX-License-Identifier: Apache-2.0
#include "transport/local_server.hpp"

#include "protocol/limits.hpp"
#include "protocol/log.hpp"
#include "transport/line_channel.hpp"
#include "transport/local_messages.hpp"

#include <atomic>
#include <cerrno>
#include <chrono>
#include <list>
#include <mutex>
#include <thread>

#include <sys/socket.h>
#include <unistd.h>

namespace crm::transport {

namespace {

using clock = std::chrono::steady_clock;

/// How often the other process is told how far its call is, the last report aside.
constexpr std::chrono::milliseconds progress_interval{20};

/// One connected process. Answers may come after it has left: they hold the session weakly.
class session : public std::enable_shared_from_this<session> {
public:
  explicit session(local_services services) : services_(services) {}

  void serve(int socket) {
    channel_.emplace(
        socket, [this](std::string line) { on_line(line); }, [this] { gone_ = true; });
    channel_->start();
    send_line(std::string{local_hello});
  }

  bool gone() const { return gone_; }

private:
  void on_line(const std::string& line) {
    auto request = parse_json(line);
    if (!request || !request->is_object() || !request->value("id", json{}).is_number_integer())
      return log_line(log_level::error, "local_request", {{"bytes", line.size()}});
    const std::int64_t id = (*request)["id"];
    const std::string op = request->value("op", std::string{});
    if (op == "call")
      return run_call(id, *std::move(request));
    if (op == "watch")
      return watch_changes(id);
    if (op == "create_workspace")
      return services_.admin.create_workspace(request->value("name", std::string{}),
                                              request->value("workspace", std::string{}),
                                              answering<workspace_info>(id));
    if (op == "list_workspaces")
      return services_.admin.list_workspaces(answering<std::vector<workspace_info>>(id));
    if (op == "create_token")
      return create_token(id, *request);
    if (op == "revoke_token")
      return services_.admin.revoke_token(request->value("token", std::string{}),
                                          answering<std::string>(id));
    if (op == "set_tier")
      return services_.admin.set_tier(request->value("workspace", std::string{}),
                                      request->value("tier", std::string{}),
                                      answering<std::string>(id));
    send(id, crm::error{error_code::invalid_request, "unknown operation: is one of the two "
                                                     "processes of an older version?"});
  }

  void run_call(std::int64_t id, json request) {
    const std::chrono::milliseconds left{request.value("timeoutMs", std::int64_t{0})};
    const auto watch = weak_from_this();
    progress_listener progress;
    if (request.value("progress", false))
      progress = [watch, id, due = clock::time_point{}](std::int64_t done,
                                                        std::int64_t total) mutable {
        const auto now = clock::now();
        const auto self = watch.lock();
        if (!self || (now < due && done < total))
          return;
        due = now + progress_interval;
        self->send_line(local_progress({id, done, total}));
      };
    services_.crm.submit({.from = local_user{request.value("workspace", std::string{}),
                                             request.value("actor", std::string{})},
                          .tool = request.value("tool", std::string{}),
                          .args = std::move(request["args"]),
                          .origin = {request.value("client", std::string{}),
                                     request.value("requestId", std::string{})},
                          .deadline = std::chrono::steady_clock::now() + left,
                          .done = completion<tool_reply>{answer_function<tool_reply>(id),
                                                         [watch] {
                                                           const auto self = watch.lock();
                                                           return !self || self->gone_;
                                                         }},
                          .kind = call_kind_named(request.value("kind", std::string{})),
                          .progress = std::move(progress)});
  }

  void watch_changes(std::int64_t id) {
    watch_ = services_.changes.watch(
        [watch = weak_from_this()](const std::string& workspace, const auto& changed) {
          if (const auto self = watch.lock())
            self->send_line(local_changes(workspace, changed));
        });
    send(id, result<json>{json(true)});
  }

  void create_token(std::int64_t id, const json& request) {
    auto wish = token_request_from_local(request.value("wish", json::object()));
    if (!wish)
      return send(id, wish.error());
    services_.admin.create_token(*std::move(wish), answering<issued_token>(id));
  }

  template <class T>
  static json value_of(const T& value) {
    if constexpr (std::is_same_v<T, std::string>)
      return value;
    else if constexpr (std::is_same_v<T, issued_token>)
      return {{"token", value.token}, {"id", value.id}};
    else if constexpr (std::is_same_v<T, std::vector<workspace_info>>) {
      json list = json::array();
      for (const workspace_info& each : value)
        list.push_back(to_local(each));
      return list;
    } else
      return to_local(value);
  }

  template <class T>
  std::function<void(result<T>)> answer_function(std::int64_t id) {
    return [watch = weak_from_this(), id](result<T> outcome) {
      if (const auto self = watch.lock())
        self->send(id, outcome ? result<json>{value_of(*outcome)} : outcome.error());
    };
  }

  template <class T>
  completion<T> answering(std::int64_t id) {
    return completion<T>{answer_function<T>(id)};
  }

  void send(std::int64_t id, const result<json>& outcome) { send_line(local_answer(id, outcome)); }

  void send_line(std::string line) {
    if (!channel_->send(std::move(line)))
      channel_->close();
  }

  local_services services_;
  change_watch watch_;
  std::atomic<bool> gone_{false};
  // Last: its threads end before what they use.
  std::optional<line_channel> channel_;
};

} // namespace

class local_server::listener {
public:
  listener(int socket, local_services services)
      : socket_(socket), services_(services), acceptor_([this] { accept_all(); }) {}

  ~listener() {
    stopping_ = true;
    ::shutdown(socket_, SHUT_RDWR);
    acceptor_.join();
    ::close(socket_);
    sessions_.clear();
  }

private:
  void accept_all() {
    for (;;) {
      const int connected = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
      if (stopping_)
        return;
      if (connected < 0) {
        log_line(log_level::error, "local_accept", {{"errno", errno}});
        std::this_thread::sleep_for(accept_retry_ms);
        continue;
      }
      sessions_.remove_if([](const auto& each) { return each->gone(); });
      if (sessions_.size() >= limits::local_sessions_max || !is_same_user(connected)) {
        ::close(connected);
        continue;
      }
      sessions_.push_back(std::make_shared<session>(services_));
      sessions_.back()->serve(connected);
    }
  }

  static bool is_same_user(int connected) {
    ucred peer{};
    socklen_t size = sizeof peer;
    return ::getsockopt(connected, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0
           && (peer.uid == ::geteuid() || peer.uid == 0);
  }

  /// After a failed accept (no file descriptor is left, for instance).
  static constexpr std::chrono::milliseconds accept_retry_ms{100};

  int socket_;
  local_services services_;
  std::atomic<bool> stopping_{false};
  std::list<std::shared_ptr<session>> sessions_;
  std::thread acceptor_;
};

result<std::unique_ptr<local_server>> local_server::start(const std::filesystem::path& folder,
                                                          local_services services) {
  const auto socket = listen_in(folder);
  if (!socket)
    return socket.error();
  return std::unique_ptr<local_server>{
      new local_server{std::make_unique<listener>(*socket, services)}};
}

local_server::local_server(std::unique_ptr<listener> running) : listener_(std::move(running)) {}

local_server::~local_server() = default;

} // namespace crm::transport
