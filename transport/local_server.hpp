// SPDX-License-Identifier: Apache-2.0
// The owner's side of the local socket: other processes on the same data folder (a second stdio
// client, the command line) hand their calls to the process that owns it.
#pragma once

#include "protocol/administration.hpp"
#include "protocol/call.hpp"

#include <filesystem>
#include <memory>

namespace crm::transport {

/// Serves the local socket of a folder while it lives. The gateway and the administration must
/// outlive it.
class local_server {
public:
  /// Listens in the folder, mode 0600. @errors storage.
  static result<std::unique_ptr<local_server>> start(const std::filesystem::path& folder,
                                                     gateway& target, administration& admin);
  /// Ends all connections; calls under way are answered to nobody.
  ~local_server();

private:
  class listener;
  explicit local_server(std::unique_ptr<listener> running);

  std::unique_ptr<listener> listener_;
};

} // namespace crm::transport
