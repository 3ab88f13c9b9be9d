// SPDX-License-Identifier: Apache-2.0
// The command line and the environment, read once into a plain struct (design §4.1).
#pragma once

#include "protocol/principal.hpp"
#include "protocol/result.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crm::transport {

/// What the program is asked to do.
enum class command : std::uint8_t {
  serve,
  workspace_create,
  workspace_list,
  workspace_tier,
  token_create,
  token_revoke,
  tools,
  verify,
  version,
  help,
};

/// How `serve` talks to its clients.
enum class serve_mode : std::uint8_t { stdio, http };

/// Everything that the command line and the environment say.
struct options {
  command what = command::serve;
  serve_mode mode = serve_mode::stdio;
  std::string host = "127.0.0.1";
  std::uint16_t port = 3001;
  std::filesystem::path data;
  std::string workspace = "default";
  /// Where clients reach the server from outside; empty when that is its own address.
  std::string public_url;
  bool no_auth = false;
  /// A proxy in front terminates TLS: plain HTTP may then be bound to any address.
  bool behind_tls_proxy = false;
  std::filesystem::path tls_cert;
  std::filesystem::path tls_key;
  std::vector<std::string> trusted_proxies;
  std::string log_level = "warning";
  std::size_t open_workspaces_max;
  std::size_t commit_calls_max;

  /// The name or id that a subcommand is about.
  std::string subject;
  std::string id;
  std::string actor = "cli";
  /// Of `workspace create`; empty for the default one.
  std::string tier;
  scope_set scopes;
  std::optional<std::chrono::milliseconds> expires_in;
  /// Of `help`: whose help.
  command help_on = command::serve;
};

/// Returns the value of an environment variable, or null.
using environment_lookup = std::function<const char*(const char* name)>;

/// Reads the arguments behind the program's name. Flags may stand before or behind the subcommand.
/// @errors validation: what is wrong, and what would be right.
result<options> read_options(const std::vector<std::string>& arguments,
                             const environment_lookup& variable);

/// Returns the help text of a subcommand.
std::string help_text(command what);

} // namespace crm::transport
