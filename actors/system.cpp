// SPDX-License-Identifier: Apache-2.0
#include "actors/system.hpp"

#include "actors/authority.hpp"
#include "actors/log_syncer.hpp"
#include "actors/router.hpp"
#include "actors/thrifty_sharing.hpp"
#include "actors/tools/catalogue.hpp"
#include "actors/webhook_sender.hpp"
#include "protocol/log.hpp"
#include "storage/data_folder.hpp"
#include "storage/digest.hpp"
#include "storage/plan.hpp"
#include "storage/shard.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scheduler/coordinator.hpp>
#include <caf/send.hpp>

#include <atomic>
#include <future>

namespace crm::actors {

namespace {

/// How long the end of the program waits for files to be closed.
constexpr std::chrono::seconds stop_timeout{30};

/// CAF as this program uses it: `sharing` costs nothing when idle (`stealing` burns a core), and a
/// busy actor gives its thread up after so many messages.
class scheduler_config : public caf::actor_system_config {
public:
  explicit scheduler_config(std::size_t threads) {
    load<caf::scheduler::coordinator<thrifty_sharing>>();
    set("scheduler.max-threads", threads + limits::background_threads);
    set("scheduler.max-throughput", std::size_t{300});
  }
};

/// A completion whose answer a thread outside the actors waits for.
template <class T>
struct awaited {
  std::shared_ptr<std::promise<result<T>>> promise = std::make_shared<std::promise<result<T>>>();
  handed<completion<T>> done = std::make_shared<completion<T>>(
      [promise = promise](result<T> outcome) { promise->set_value(std::move(outcome)); });

  result<T> get() {
    auto future = promise->get_future();
    if (future.wait_for(stop_timeout) != std::future_status::ready)
      return crm::error{error_code::overloaded, "the actors did not answer in time"};
    return future.get();
  }
};

template <class T>
handed<completion<T>> hand(completion<T> done) {
  return std::make_shared<completion<T>>(std::move(done));
}

template <class Actor>
void end_all(std::vector<Actor>& actors) {
  for (const Actor& each : std::exchange(actors, {}))
    caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
}

} // namespace

// The members end in reverse order: the actors before the folder whose lock they rely on.
struct system::parts {
  parts(storage::data_folder locked, const system_options& options)
      : folder(std::move(locked)), config(options.scheduler_threads), actors(config),
        count(std::make_shared<counters>()), changes(std::make_shared<change_board>()) {
    const std::filesystem::path path = folder.path();
    run_services services{{}, options.run_may_ask};
    for (std::size_t i = 0; i < options.webhook_threads; ++i)
      senders.push_back(actors.spawn<caf::detached>(
          webhook_sender,
          webhook_rules{options.webhook_targets, options.webhook_timeout_ms, ending}));
    services.senders = senders;
    for (std::size_t i = 0; i < limits::log_sync_threads; ++i)
      syncers.push_back(actors.spawn<caf::detached>(log_syncer));
    for (std::size_t i = 0; i < limits::checkpoint_sync_threads; ++i)
      checkpoint_syncers.push_back(actors.spawn<caf::detached>(checkpoint_syncer));
    routing = actors.spawn(
        router,
        router_setup{[path](const std::string& id) { return path / "workspaces" / (id + ".db"); },
                     options.surroundings, count,
                     router_limits{options.workspace_in_flight_calls_max,
                                   options.in_flight_calls_max, options.open_workspaces_max,
                                   options.commit_calls_max, options.workspace_idle_ms_max,
                                   options.processors},
                     services, syncers, checkpoint_syncers, changes});
    deciding = actors.spawn(authority, folder.control_file(), routing, options.surroundings);
    caf::anon_send(routing, meet_keeper{deciding});
  }

  storage::data_folder folder;
  scheduler_config config;
  caf::actor_system actors;
  std::shared_ptr<counters> count;
  /// Cuts short the webhooks under way.
  std::shared_ptr<std::atomic<bool>> ending = std::make_shared<std::atomic<bool>>(false);
  std::vector<webhook_actor> senders;
  std::vector<log_syncer_actor> syncers;
  std::vector<checkpoint_syncer_actor> checkpoint_syncers;
  std::shared_ptr<change_board> changes;
  router_actor routing;
  authority_actor deciding;
  std::string server_key;
  std::atomic<bool> stopping{false};
  std::atomic<bool> disk_writable{true};
  std::atomic<std::int64_t> look_at_disk_at_ms{0};
};

result<std::unique_ptr<system>> system::start(system_options options) {
  auto folder = storage::data_folder::open(options.folder, options.role);
  if (!folder)
    return std::move(folder).error();
  std::unique_ptr<system> running{new system{std::make_unique<parts>(*std::move(folder), options)}};
  awaited<std::string> opened;
  caf::anon_send(running->parts_->deciding, open_control{opened.done});
  auto key = opened.get();
  if (!key)
    return std::move(key).error();
  running->parts_->server_key = *std::move(key);
  if (!options.ensure_workspace.empty()) {
    awaited<bool> ensured;
    caf::anon_send(running->parts_->deciding,
                   ensure_workspace{options.ensure_workspace, ensured.done});
    if (auto outcome = ensured.get(); !outcome)
      return std::move(outcome).error();
  }
  return running;
}

system::system(std::unique_ptr<parts> running) : parts_(std::move(running)) {}

system::~system() {
  parts_->stopping = true;
  *parts_->ending = true;
  awaited<bool> routed;
  caf::anon_send(parts_->routing, stop_routing{routed.done});
  if (const auto outcome = routed.get(); !outcome)
    log_line(log_level::error, "stop", {{"text", outcome.error().message}});
  awaited<bool> decided;
  caf::anon_send(parts_->deciding, close_control{decided.done});
  if (const auto outcome = decided.get(); !outcome)
    log_line(log_level::error, "stop", {{"text", outcome.error().message}});
  // The handles must go before ~actor_system, which waits until nobody refers to an actor.
  parts_->routing = nullptr;
  parts_->deciding = nullptr;
  end_all(parts_->senders);
  end_all(parts_->syncers);
  end_all(parts_->checkpoint_syncers);
}

void system::submit(call work) {
  caf::anon_send(parts_->routing, submit_call{std::make_shared<call>(std::move(work))});
}

void system::identify(credential from, completion<principal> done) {
  caf::anon_send(parts_->routing, identify_caller{std::move(from), hand(std::move(done))});
}

void system::receive(inbound_message message) {
  caf::anon_send(parts_->routing,
                 submit_message{std::make_shared<inbound_message>(std::move(message))});
}

const std::vector<const tool_spec*>& system::tools() const {
  return all_tool_specs();
}

bool system::healthy() const {
  return !parts_->stopping;
}

void system::create_workspace(std::string name, std::string id, completion<workspace_info> done) {
  caf::anon_send(parts_->deciding,
                 actors::create_workspace{std::move(name), std::move(id), hand(std::move(done))});
}

void system::list_workspaces(completion<std::vector<workspace_info>> done) {
  caf::anon_send(parts_->deciding, actors::list_workspaces{hand(std::move(done))});
}

void system::create_token(token_request wish, completion<issued_token> done) {
  caf::anon_send(parts_->deciding, actors::create_token{std::move(wish), hand(std::move(done))});
}

void system::revoke_token(std::string id, completion<std::string> done) {
  caf::anon_send(parts_->deciding, actors::revoke_token{std::move(id), hand(std::move(done))});
}

void system::look_at_clock() {
  caf::anon_send(parts_->routing, actors::look_at_clock{});
}

void system::set_tier(std::string workspace, std::string tier, completion<std::string> done) {
  caf::anon_send(parts_->routing,
                 actors::set_tier{std::move(workspace), std::move(tier), hand(std::move(done))});
}

change_watch system::watch(change_listener listener) {
  return parts_->changes->watch(std::move(listener));
}

void system::begin_drain() {
  parts_->stopping = true;
}

const std::string& system::server_key() const {
  return parts_->server_key;
}

service_counters system::counted() const {
  return parts_->count->snapshot();
}

environment real_environment() {
  return storage::system_environment();
}

std::string random_key() {
  return storage::random_bytes(32);
}

std::string sign(std::string_view key, std::string_view text) {
  return storage::hmac_sha256(key, text);
}

const std::vector<const tool_spec*>& all_tool_specs() {
  return tools::tool_specs();
}

std::string tools_document() {
  return tools::tools_markdown();
}

result<void> check_tier(const std::string& name) {
  return storage::check_tier(name);
}

result<std::int64_t> verify_workspace(const std::filesystem::path& folder,
                                      const std::string& workspace) {
  auto locked = storage::data_folder::open(folder, "verify");
  if (!locked)
    return std::move(locked).error();
  const auto file = locked->workspace_file(workspace);
  if (!storage::is_workspace_id(workspace) || !std::filesystem::exists(file))
    return crm::error{error_code::not_found, "the workspace " + workspace + " has no data file"};
  auto opened = storage::shard::open(file, workspace, {});
  if (!opened)
    return std::move(opened).error();
  return storage::verify_chain(opened->db());
}

} // namespace crm::actors
