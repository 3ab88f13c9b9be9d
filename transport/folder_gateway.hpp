// SPDX-License-Identifier: Apache-2.0
// The gateway of stdio: opens the data folder at the first call, as its owner or, when another
// process owns it, through that process; and again when that process has gone.
#pragma once

#include "protocol/call.hpp"
#include "protocol/changes.hpp"
#include "transport/local_client.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

namespace crm::transport {

/// A data folder in use; both sides keep everything alive that they need.
struct opened_folder {
  std::shared_ptr<gateway> crm;
  std::shared_ptr<change_source> changes;
};

/// Opens the folder as its owner. @errors conflict when another process owns it; storage.
using open_as_owner = std::function<result<opened_folder>()>;

/// A gateway that is opened when it is first used, and tells of changes from then on.
class folder_gateway : public gateway, public change_source {
public:
  folder_gateway(std::filesystem::path folder, open_as_owner open,
                 const std::vector<const tool_spec*>& tools)
      : folder_(std::move(folder)), open_(std::move(open)), tools_(tools) {}

  void submit(call work) override;
  void identify(credential from, completion<principal> done) override;
  const std::vector<const tool_spec*>& tools() const override { return tools_; }
  bool healthy() const override { return true; }
  change_watch watch(change_listener listener) override {
    return board_->watch(std::move(listener));
  }

private:
  result<std::shared_ptr<gateway>> opened();
  void hear_from(change_source& changes);

  std::filesystem::path folder_;
  open_as_owner open_;
  const std::vector<const tool_spec*>& tools_;
  std::mutex guard_;
  std::shared_ptr<gateway> owner_;
  std::shared_ptr<local_client> forwarder_;
  std::shared_ptr<change_board> board_ = std::make_shared<change_board>();
  change_watch heard_;
};

} // namespace crm::transport
