// SPDX-License-Identifier: Apache-2.0
// Composes the program: options -> actors -> gateway -> stdio or HTTP. The only place of this layer
// that sees the actors.
#include "actors/system.hpp"
#include "protocol/log.hpp"
#include "protocol/mcp/crm_service.hpp"
#include "transport/folder_gateway.hpp"
#include "transport/http/http_front.hpp"
#include "transport/local_client.hpp"
#include "transport/local_server.hpp"
#include "transport/mcp/endpoint.hpp"
#include "transport/metrics.hpp"
#include "transport/observed_gateway.hpp"
#include "transport/options.hpp"
#include "transport/periodic_task.hpp"
#include "transport/rest_api.hpp"
#include "transport/stdio_server.hpp"
#include "transport/webhook_routes.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <future>
#include <iostream>
#include <iterator>
#include <memory>
#include <thread>

#include <pthread.h>

/// jemalloc reads its settings here: a thread of its own returns memory that is free for ten
/// seconds, also when no more calls come.
extern "C" {
const char* malloc_conf = "background_thread:true";
}

namespace {

using namespace crm;
using transport::command;
using transport::options;

constexpr int exit_failure = 1;
constexpr int exit_usage = 2;
/// How long a stopping server lets calls under way finish.
constexpr std::chrono::seconds drain_timeout{10};

int fail(const crm::error& reason, int status = exit_failure) {
  std::cerr << "vantage-crm: " << reason.message << '\n';
  return status;
}

log_level level_named(std::string_view name) {
  if (name == "error")
    return log_level::error;
  if (name == "info")
    return log_level::info;
  return name == "debug" ? log_level::debug : log_level::warning;
}

/// The actors of a folder and the socket through which other processes reach them.
struct folder_owner {
  std::unique_ptr<actors::system> actors;
  std::unique_ptr<transport::local_server> local;
};

result<folder_owner> own_folder(const options& asked, std::string role,
                                const std::string& ensure_workspace) {
  auto started = actors::system::start({.folder = asked.data,
                                        .role = std::move(role),
                                        .surroundings = actors::real_environment(),
                                        .ensure_workspace = ensure_workspace,
                                        .open_workspaces_max = asked.open_workspaces_max,
                                        .commit_calls_max = asked.commit_calls_max});
  if (!started)
    return std::move(started).error();
  auto local = transport::local_server::start(asked.data, {**started, **started, **started});
  if (!local)
    return std::move(local).error();
  return folder_owner{*std::move(started), *std::move(local)};
}

/// What the protocol core gets of the world; `key` signs what clients carry for us.
mcp::surroundings mcp_surroundings(const std::string& key) {
  mcp::surroundings around;
  static_cast<environment&>(around) = actors::real_environment();
  around.mac = [key](std::string_view text) { return actors::sign(key, text); };
  return around;
}

// -- serve ---------------------------------------------------------------------------------------

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

result<void> check_http(const options& asked) {
  if (asked.no_auth && !is_loopback(asked.host))
    return crm::error{error_code::validation, "--no-auth is for loopback addresses only"};
  const bool protected_elsewhere = !asked.tls_cert.empty() || asked.behind_tls_proxy;
  if (!is_loopback(asked.host) && !protected_elsewhere)
    return crm::error{error_code::validation,
                      "refusing to serve plain HTTP on " + asked.host
                          + ": give --tls-cert and --tls-key, or --behind-tls-proxy if a proxy in "
                            "front terminates TLS"};
  return {};
}

/// One of two processors is enough for the sockets: a second thread would take turns with the first
/// and with the actors (reads at 32 connections: 31,000/s with one, 27,000/s with two).
std::size_t io_threads() {
  return std::thread::hardware_concurrency() <= 2 ? 1 : limits::io_threads;
}

/// Where the server answers; its port may be one that the kernel chose.
std::string own_url(const options& asked, const transport::http_front& front) {
  const bool ipv6 = asked.host.find(':') != std::string::npos;
  return (asked.tls_cert.empty() ? "http://" : "https://")
         + (ipv6 ? "[" + asked.host + "]" : asked.host) + ":" + std::to_string(front.port());
}

/// What the MCP endpoint checks requests against: the names under which clients reach the server.
/// `serving` is where requests come from, so it is set when one is answered.
transport::gate_options gate_of(const options& asked, const transport::http_front* const& serving) {
  transport::gate_options gate{.hosts = {asked.host}};
  gate.public_url = [&asked, &serving] {
    return asked.public_url.empty() ? own_url(asked, *serving) : asked.public_url;
  };
  if (const auto name = transport::host_of_url(asked.public_url); !name.empty())
    gate.hosts.push_back(name);
  else if (!is_loopback(asked.host))
    gate.hosts_checked = transport::host_check::any;
  return gate;
}

/// Waits for the signal to stop; a SIGHUP reloads the certificate.
void wait_for_stop(const sigset_t& signals, transport::http_front& front) {
  for (int signal = 0; sigwait(&signals, &signal) == 0;) {
    if (signal != SIGHUP)
      return;
    if (const auto reloaded = front.reload_tls(); !reloaded)
      log_line(log_level::error, "tls_reload", {{"text", reloaded.error().message}});
  }
}

int serve_http(const options& asked, const sigset_t& signals) {
  if (const auto allowed = check_http(asked); !allowed)
    return fail(allowed.error(), exit_usage);
  auto owner = own_folder(asked, "serve --mode http", asked.no_auth ? "default" : "");
  if (!owner)
    return fail(owner.error());
  const transport::http_front* serving = nullptr;
  transport::rest_options rest;
  if (asked.no_auth) {
    std::cerr << "vantage-crm: --no-auth: everyone on this machine acts as the owner of the "
                 "workspace default\n";
    rest.everyone = local_user{"default", "local"};
    rest.gate = std::make_shared<transport::request_gate>(gate_of(asked, serving));
  }
  transport::http_options front_options{
      .host = asked.host, .port = asked.port, .io_threads = io_threads()};
  front_options.trusted_proxies = asked.trusted_proxies;
  if (!asked.tls_cert.empty())
    front_options.tls = transport::tls_files{asked.tls_cert, asked.tls_key};
  const auto numbers = std::make_shared<transport::metrics>(owner->actors->tools());
  transport::observed_gateway observed{*owner->actors,
                                       [numbers](const transport::call_report& report) {
                                         numbers->count(report);
                                         transport::log_call(report);
                                       }};
  const auto service = mcp::make_crm_service(observed, *owner->actors,
                                             mcp_surroundings(owner->actors->server_key()));
  const auto endpoint = std::make_shared<transport::mcp_endpoint>(
      service, observed, transport::endpoint_options{rest, gate_of(asked, serving)});
  auto routes = transport::rest_routes(observed, rest);
  std::ranges::move(endpoint->routes(), std::back_inserter(routes));
  std::ranges::move(transport::webhook_routes(*owner->actors), std::back_inserter(routes));
  routes.push_back(transport::metrics_route(
      observed, rest, [&] { return numbers->page(owner->actors->counted(), serving->stats()); }));
  transport::http_front front{std::move(front_options), std::move(routes)};
  serving = &front;
  const transport::periodic_task ticker{std::chrono::seconds{1}, [&] { endpoint->tick(); }};
  if (const auto started = front.start(); !started)
    return fail(started.error());
  std::cerr << "vantage-crm: serving " << owner->actors->tools().size() << " tools on "
            << own_url(asked, front) << '\n';
  wait_for_stop(signals, front);
  owner->actors->begin_drain();
  endpoint->end_streams();
  front.drain(drain_timeout);
  return 0;
}

int serve_stdio(const options& asked, const sigset_t& signals) {
  transport::folder_gateway gateway{
      asked.data,
      [&]() -> result<transport::opened_folder> {
        auto owner = own_folder(asked, "serve --mode stdio", asked.workspace);
        if (!owner)
          return std::move(owner).error();
        // Whoever holds one of them keeps the whole owner alive.
        auto shared = std::make_shared<folder_owner>(*std::move(owner));
        return transport::opened_folder{{shared, shared->actors.get()},
                                        {shared, shared->actors.get()}};
      },
      actors::all_tool_specs()};
  transport::observed_gateway observed{gateway, &transport::log_call};
  const local_user user{asked.workspace, "local"};
  transport::stdio_server server{
      mcp::make_crm_service(observed, gateway, mcp_surroundings(actors::random_key())),
      {user, principal{user.workspace, user.actor, all_scopes()}}};
  std::thread stopper{[&] {
    int signal = 0;
    while (sigwait(&signals, &signal) == 0 && signal == SIGHUP)
      continue;
    server.stop();
  }};
  const int status = server.run();
  ::pthread_kill(stopper.native_handle(), SIGTERM);
  stopper.join();
  return status;
}

// -- the other subcommands -----------------------------------------------------------------------

/// Runs `ask` on the folder: as its owner when nobody else is, else through the owner.
template <class T>
result<T> administer(const options& asked,
                     const std::function<void(administration&, completion<T>)>& ask) {
  std::promise<result<T>> promise;
  auto answer = promise.get_future();
  const auto done = [&] {
    return completion<T>{[&](result<T> outcome) { promise.set_value(std::move(outcome)); }};
  };
  auto owner = own_folder(asked, "administration", "");
  if (owner) {
    ask(*owner->actors, done());
    return answer.get();
  }
  if (owner.error().code != error_code::conflict)
    return std::move(owner).error();
  auto client = transport::local_client::connect(asked.data, actors::all_tool_specs());
  if (!client)
    return std::move(owner).error();
  ask(**client, done());
  return answer.get();
}

int set_tier(const options& asked, const std::string& workspace, const std::string& tier) {
  if (const auto known = actors::check_tier(tier); !known)
    return fail(known.error(), exit_usage);
  const auto set = administer<std::string>(
      asked, [&](auto& admin, auto done) { admin.set_tier(workspace, tier, std::move(done)); });
  if (!set)
    return fail(set.error());
  std::cerr << "workspace " << workspace << " has the tier " << *set << '\n';
  return 0;
}

int create_workspace(const options& asked) {
  if (!asked.tier.empty())
    if (const auto known = actors::check_tier(asked.tier); !known)
      return fail(known.error(), exit_usage);
  const auto created = administer<workspace_info>(asked, [&](auto& admin, auto done) {
    admin.create_workspace(asked.subject, asked.id, std::move(done));
  });
  if (!created)
    return fail(created.error());
  std::cout << created->id << '\n';
  return asked.tier.empty() ? 0 : set_tier(asked, created->id, asked.tier);
}

int list_workspaces(const options& asked) {
  const auto listed = administer<std::vector<workspace_info>>(
      asked, [](auto& admin, auto done) { admin.list_workspaces(std::move(done)); });
  if (!listed)
    return fail(listed.error());
  for (const workspace_info& each : *listed)
    std::cout << each.id << '\t' << each.name << '\n';
  return 0;
}

int create_token(const options& asked) {
  token_request wish{asked.workspace, asked.actor, asked.scopes, std::nullopt};
  if (asked.expires_in)
    wish.expires_at = actors::real_environment().now_ms() + asked.expires_in->count();
  const auto issued = administer<issued_token>(
      asked, [&](auto& admin, auto done) { admin.create_token(wish, std::move(done)); });
  if (!issued)
    return fail(issued.error());
  std::cerr << "token " << issued->id << " for workspace " << asked.workspace << ", scope "
            << asked.scopes.to_string() << "; it is shown this once:\n";
  std::cout << issued->token << '\n';
  return 0;
}

int revoke_token(const options& asked) {
  const auto revoked = administer<std::string>(
      asked, [&](auto& admin, auto done) { admin.revoke_token(asked.subject, std::move(done)); });
  if (!revoked)
    return fail(revoked.error());
  std::cerr << "token " << *revoked << " is revoked\n";
  return 0;
}

int verify(const options& asked) {
  const auto rows = actors::verify_workspace(asked.data, asked.workspace);
  if (!rows)
    return fail(rows.error());
  std::cout << "the change log of " << asked.workspace << " verifies: " << *rows << " rows\n";
  return 0;
}

int run(const options& asked, const sigset_t& signals) {
  set_log_level(level_named(asked.log_level));
  switch (asked.what) {
  case command::serve:
    if (std::getenv("CONVEX_URL") != nullptr)
      std::cerr << "vantage-crm: CONVEX_URL is not needed and is ignored\n";
    return asked.mode == transport::serve_mode::http ? serve_http(asked, signals)
                                                     : serve_stdio(asked, signals);
  case command::workspace_create:
    return create_workspace(asked);
  case command::workspace_list:
    return list_workspaces(asked);
  case command::token_create:
    return create_token(asked);
  case command::token_revoke:
    return revoke_token(asked);
  case command::workspace_tier:
    return set_tier(asked, asked.workspace, asked.subject);
  case command::verify:
    return verify(asked);
  case command::tools:
    std::cout << actors::tools_document();
    return 0;
  case command::version:
    std::cout << "vantage-crm " CRM_VERSION "\n";
    return 0;
  case command::help:
    std::cout << transport::help_text(asked.help_on);
    return 0;
  }
  return exit_failure;
}

/// Signals are waited for, not handled: every thread inherits the mask that is set here.
sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP})
    sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  // A broken pipe and a file over its size limit are errors of the call that meets them.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  return signals;
}

} // namespace

int main(int argc, char** argv) {
  const sigset_t signals = block_signals();
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const auto asked =
      crm::transport::read_options(arguments, [](const char* name) { return std::getenv(name); });
  if (!asked)
    return fail(asked.error(), exit_usage);
  return run(*asked, signals);
}
