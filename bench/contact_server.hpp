// SPDX-License-Identifier: Apache-2.0
// Servers that keep contacts, ours and its peer, and the loads that are put on either of them.
#pragma once

#include "bench/http_load.hpp"
#include "bench/server_process.hpp"
#include "tests/support/temp_folder.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace crm::bench {

/// What is measured, and how long.
struct settings {
  /// Our server.
  std::string program;
  /// The folder of the Node peer; its packages are installed.
  std::string node_peer;
  /// The program with stock cpp-httplib.
  std::string httplib_peer;
  int seconds = 2;
  int rounds = 5;
};

/// Where contacts can be created and read: a port, and a token for each workspace.
class contact_target {
public:
  contact_target(std::uint16_t port, std::vector<std::string> tokens)
      : port_(port), tokens_(std::move(tokens)) {}

  std::uint16_t port() const { return port_; }
  const std::vector<std::string>& tokens() const { return tokens_; }

  /// Creates contacts in every workspace, for the gets.
  void add_contacts(std::size_t per_workspace);
  /// Creates contacts in one workspace as fast as it goes.
  void add_many(std::size_t workspace, std::size_t count) const;

  load_plan creates(std::size_t connections, int seconds) const;
  load_plan gets(std::size_t connections, int seconds) const;
  load_plan lists(std::size_t connections, int seconds) const;
  load_plan searches(std::size_t connections, int seconds) const;
  /// Gets that leave out workspace 0.
  load_plan gets_of_others(std::size_t connections, int seconds) const;

  std::string create_request(std::size_t workspace, const std::string& unique) const;

private:
  std::uint16_t port_;
  std::vector<std::string> tokens_;
  /// The requests for the contacts of each workspace, ready to be sent.
  std::vector<std::vector<std::string>> get_requests_;
};

/// Requests GET `path`, over and over.
load_plan plain_gets(std::uint16_t port, const std::string& path, std::size_t connections,
                     int seconds);

/// Our server on a fresh folder with some workspaces.
class crm_server {
public:
  crm_server(const settings& with, std::size_t workspaces,
             const std::vector<std::string>& options = {});

  contact_target& contacts() { return contacts_; }
  const server_process& process() const { return process_; }
  std::uint16_t port() const { return process_.port(); }

private:
  crm::test::temp_folder folder_;
  std::vector<std::string> tokens_;
  server_process process_;
  contact_target contacts_;
};

/// Node's http with better-sqlite3 (bench/peers/node).
class node_peer {
public:
  node_peer(const settings& with, std::size_t workspaces);

  contact_target& contacts() { return contacts_; }

private:
  crm::test::temp_folder folder_;
  child_process process_;
  contact_target contacts_;
};

} // namespace crm::bench
