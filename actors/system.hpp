// SPDX-License-Identifier: Apache-2.0
// The actors of one data folder, running: what main.cpp composes with a transport.
#pragma once

#include "protocol/administration.hpp"
#include "protocol/call.hpp"
#include "protocol/changes.hpp"
#include "protocol/environment.hpp"
#include "protocol/inbox.hpp"
#include "protocol/limits.hpp"
#include "protocol/outbound_target.hpp"
#include "protocol/service_counters.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

namespace crm::actors {

/// How a system is set up; the defaults are those of limits.hpp.
struct system_options {
  std::filesystem::path folder;
  /// What this process is, for whoever finds the folder locked: `serve --mode http`.
  std::string role;
  environment surroundings;
  /// A workspace that is created if it does not exist; empty for none.
  std::string ensure_workspace = {};
  std::size_t open_workspaces_max = limits::open_workspaces_max;
  std::size_t commit_calls_max = limits::commit_calls_max;
  std::uint32_t workspace_in_flight_calls_max = limits::workspace_in_flight_calls_max;
  std::uint32_t in_flight_calls_max = limits::in_flight_calls_max;
  std::chrono::milliseconds workspace_idle_ms_max = limits::workspace_idle_ms_max;
  std::size_t scheduler_threads = limits::scheduler_threads;
  /// Processors that workspaces share; see fair_share.
  std::size_t processors = std::max(1U, std::thread::hardware_concurrency());
  /// Webhooks that are sent at the same time.
  std::size_t webhook_threads = limits::webhook_threads;
  /// Tests let webhooks reach this machine.
  target_rules webhook_targets = target_rules::public_only;
  std::chrono::milliseconds webhook_timeout_ms = limits::webhook_timeout_ms;
  /// Tests let the actors of runs fail; see run_services.
  std::function<bool()> run_may_ask = {};
};

/// Owns the data folder, the router, the authority and the workspaces. Its destructor stops them in
/// order: calls are answered, files are closed.
class system : public gateway, public inbox, public administration, public change_source {
public:
  /// Locks the folder and starts the actors. @errors conflict when another process holds the folder
  /// (the message names it) or a newer program wrote it; validation; storage.
  static result<std::unique_ptr<system>> start(system_options options);
  ~system() override;

  void submit(call work) override;
  void identify(credential from, completion<principal> done) override;
  const std::vector<const tool_spec*>& tools() const override;
  bool healthy() const override;

  void receive(inbound_message message) override;

  void create_workspace(std::string name, std::string id, completion<workspace_info> done) override;
  void list_workspaces(completion<std::vector<workspace_info>> done) override;
  void create_token(token_request wish, completion<issued_token> done) override;
  void revoke_token(std::string id, completion<std::string> done) override;
  void set_tier(std::string workspace, std::string tier, completion<std::string> done) override;

  change_watch watch(change_listener listener) override;

  /// Reports unhealthy from now on, so that balancers turn away before the end.
  void begin_drain();

  /// Returns the 32 bytes that this installation signs with; the same after a restart.
  const std::string& server_key() const;

  /// Has every workspace look whether something is due: after a clock was moved.
  void look_at_clock();

  /// Returns what the actors have counted.
  service_counters counted() const;

private:
  struct parts;
  explicit system(std::unique_ptr<parts> running);

  std::unique_ptr<parts> parts_;
};

/// Returns the real clock and the secure generator.
environment real_environment();

/// Returns 32 bytes from the secure generator.
std::string random_key();

/// Returns HMAC-SHA256 of a text under a key, 32 bytes.
std::string sign(std::string_view key, std::string_view text);

/// Returns the catalogue without a running system: for a process that forwards to another one.
const std::vector<const tool_spec*>& all_tool_specs();

/// Returns docs/tools.md.
std::string tools_document();

/// Returns whether there is a tier of that name. @errors validation, naming the valid tiers.
result<void> check_tier(const std::string& name);

/// Checks the change log of a workspace's file that no process has open; returns its rows.
/// @errors conflict, naming the first row that does not verify; not_found; storage.
result<std::int64_t> verify_workspace(const std::filesystem::path& folder,
                                      const std::string& workspace);

} // namespace crm::actors
