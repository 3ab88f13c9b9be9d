// SPDX-License-Identifier: Apache-2.0
// The owner's side of the local socket: other processes on the same data folder (a second stdio
// client, the command line) hand their calls to the process that owns it.
#pragma once

#include "protocol/administration.hpp"
#include "protocol/call.hpp"
#include "protocol/changes.hpp"

#include <filesystem>
#include <memory>

namespace crm::transport {

/// What the socket gives access to; it outlives the server.
struct local_services {
  gateway& crm;
  administration& admin;
  change_source& changes;
};

/// Serves the local socket of a folder while it lives.
class local_server {
public:
  /// Listens in the folder, mode 0600. @errors storage.
  static result<std::unique_ptr<local_server>> start(const std::filesystem::path& folder,
                                                     local_services services);
  /// Ends all connections; calls under way are answered to nobody.
  ~local_server();

private:
  class listener;
  explicit local_server(std::unique_ptr<listener> running);

  std::unique_ptr<listener> listener_;
};

} // namespace crm::transport
