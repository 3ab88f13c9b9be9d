// SPDX-License-Identifier: Apache-2.0
// The gateway of stdio: opens the data folder at the first call, as its owner or, when another
// process owns it, through that process; and again when that process has gone.
#pragma once

#include "protocol/call.hpp"
#include "transport/local_client.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>

namespace crm::transport {

/// Opens the folder as its owner. @errors conflict when another process owns it; storage.
using open_as_owner = std::function<result<std::shared_ptr<gateway>>()>;

/// A gateway that is opened when it is first used.
class folder_gateway : public gateway {
public:
  folder_gateway(std::filesystem::path folder, open_as_owner open,
                 const std::vector<const tool_spec*>& tools)
      : folder_(std::move(folder)), open_(std::move(open)), tools_(tools) {}

  void submit(call work) override;
  void identify(credential from, completion<principal> done) override;
  const std::vector<const tool_spec*>& tools() const override { return tools_; }
  bool healthy() const override { return true; }

private:
  result<std::shared_ptr<gateway>> opened();

  std::filesystem::path folder_;
  open_as_owner open_;
  const std::vector<const tool_spec*>& tools_;
  std::mutex guard_;
  std::shared_ptr<gateway> owner_;
  std::shared_ptr<local_client> forwarder_;
};

} // namespace crm::transport
