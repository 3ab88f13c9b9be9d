// SPDX-License-Identifier: Apache-2.0
#include "transport/local_client.hpp"

#include "protocol/log.hpp"
#include "transport/local_messages.hpp"

#include <utility>

namespace crm::transport {

namespace {

crm::error owner_gone() {
  return {error_code::storage,
          "the process that owns the data folder ended during the call, whose outcome is unknown: "
          "read before you repeat it",
          {},
          100};
}

/// A completion<T> must be copyable to live in a std::function.
template <class T, class Read>
std::function<void(result<json>)> reading(completion<T> done, Read read) {
  return [shared = std::make_shared<completion<T>>(std::move(done)), read](result<json> outcome) {
    (*shared)(outcome ? result<T>{read(*outcome)} : result<T>{std::move(outcome).error()});
  };
}

} // namespace

result<std::unique_ptr<local_client>>
local_client::connect(const std::filesystem::path& folder,
                      const std::vector<const tool_spec*>& tools) {
  const auto socket = connect_to(folder);
  if (!socket)
    return socket.error();
  std::unique_ptr<local_client> client{new local_client{*socket, tools}};
  client->channel_.start();
  return client;
}

local_client::local_client(int socket, const std::vector<const tool_spec*>& tools)
    : tools_(tools),
      channel_(
          socket, [this](std::string line) { on_line(line); }, [this] { fail_all(); }) {}

local_client::~local_client() {
  channel_.close();
}

void local_client::submit(call work) {
  const auto& user = std::get<local_user>(work.from);
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      work.deadline - std::chrono::steady_clock::now());
  json request{{"op", "call"},
               {"workspace", user.workspace},
               {"actor", user.actor},
               {"tool", std::move(work.tool)},
               {"args", std::move(work.args)},
               {"client", std::move(work.origin.client)},
               {"requestId", std::move(work.origin.request_id)},
               {"timeoutMs", left.count()},
               {"kind", name_of(work.kind)},
               {"progress", static_cast<bool>(work.progress)}};
  ask(std::move(request), reading(std::move(work.done), reply_from_local),
      std::move(work.progress));
}

void local_client::identify(credential from, completion<principal> done) {
  const auto& user = std::get<local_user>(from);
  done(principal{user.workspace, user.actor, all_scopes()});
}

void local_client::create_workspace(std::string name, std::string id,
                                    completion<workspace_info> done) {
  ask({{"op", "create_workspace"}, {"name", std::move(name)}, {"workspace", std::move(id)}},
      reading(std::move(done), workspace_from_local));
}

void local_client::list_workspaces(completion<std::vector<workspace_info>> done) {
  ask({{"op", "list_workspaces"}}, reading(std::move(done), [](const json& value) {
        std::vector<workspace_info> list;
        for (const json& each : value)
          list.push_back(workspace_from_local(each));
        return list;
      }));
}

void local_client::create_token(token_request wish, completion<issued_token> done) {
  ask({{"op", "create_token"}, {"wish", to_local(wish)}},
      reading(std::move(done), [](const json& value) {
        return issued_token{value.value("token", std::string{}), value.value("id", std::string{})};
      }));
}

void local_client::revoke_token(std::string id, completion<std::string> done) {
  ask({{"op", "revoke_token"}, {"token", std::move(id)}},
      reading(std::move(done), [](const json& value) { return value.get<std::string>(); }));
}

void local_client::set_tier(std::string workspace, std::string tier, completion<std::string> done) {
  ask({{"op", "set_tier"}, {"workspace", std::move(workspace)}, {"tier", std::move(tier)}},
      reading(std::move(done), [](const json& value) { return value.get<std::string>(); }));
}

change_watch local_client::watch(change_listener listener) {
  auto held = board_.watch(std::move(listener));
  bool first = false;
  {
    const std::lock_guard lock{guard_};
    first = !std::exchange(watching_, true);
  }
  if (first)
    ask({{"op", "watch"}}, [](const result<json>& outcome) {
      if (!outcome)
        log_line(log_level::warning, "local_watch", {{"text", outcome.error().message}});
    });
  return held;
}

void local_client::ask(json request, answer_function answer, progress_listener progress) {
  bool sent = false;
  {
    const std::lock_guard lock{guard_};
    if (connected_) {
      request["id"] = ++last_id_;
      sent = channel_.send(dump_json(request));
      if (sent)
        asked_.emplace(last_id_, asked_request{std::move(answer), std::move(progress)});
    }
  }
  if (!sent)
    answer(crm::error{error_code::overloaded,
                      "the process that owns the data folder is gone: repeat the call",
                      {},
                      100});
}

void local_client::on_line(const std::string& line) {
  auto message = parse_json(line);
  if (!message || !message->is_object())
    return log_line(log_level::error, "local_answer", {{"bytes", line.size()}});
  if (const auto how_far = message->find("progress"); how_far != message->end())
    return on_progress(*how_far);
  if (const auto changes = message->find("changes"); changes != message->end())
    return board_.tell(changes->value("workspace", std::string{}), changes_from_local(*changes));
  if (!message->value("id", json{}).is_number_integer())
    return log_line(log_level::error, "local_answer", {{"bytes", line.size()}});
  on_answer(*std::move(message));
}

void local_client::on_answer(json answer) {
  answer_function asked;
  {
    const std::lock_guard lock{guard_};
    const auto found = asked_.find(answer["id"].get<std::int64_t>());
    if (found == asked_.end())
      return;
    asked = std::move(found->second.answer);
    asked_.erase(found);
  }
  asked(read_local_answer(std::move(answer)));
}

void local_client::on_progress(const json& how_far) {
  const call_progress news = progress_from_local(how_far);
  progress_listener listener;
  {
    const std::lock_guard lock{guard_};
    if (const auto found = asked_.find(news.id); found != asked_.end())
      listener = found->second.progress;
  }
  if (listener)
    listener(news.done, news.total);
}

void local_client::fail_all() {
  std::map<std::int64_t, asked_request> asked;
  {
    const std::lock_guard lock{guard_};
    connected_ = false;
    asked = std::exchange(asked_, {});
  }
  for (const auto& [id, request] : asked)
    request.answer(owner_gone());
}

} // namespace crm::transport
