// SPDX-License-Identifier: Apache-2.0
// The other side of the local socket: a gateway and an administration that hand every call to the
// process that owns the data folder.
#pragma once

#include "protocol/administration.hpp"
#include "protocol/call.hpp"
#include "protocol/changes.hpp"
#include "transport/line_channel.hpp"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>

namespace crm::transport {

/// Forwards to the owner of a folder. When the owner goes, calls under way are answered with
/// `storage` and the remark that their outcome is unknown, and `connected` turns false.
class local_client : public gateway, public administration, public change_source {
public:
  /// Connects to the owner. `tools` is the catalogue of this program. @errors storage.
  static result<std::unique_ptr<local_client>> connect(const std::filesystem::path& folder,
                                                       const std::vector<const tool_spec*>& tools);
  ~local_client() override;

  /// Returns whether the owner was still there when last heard of.
  bool connected() const { return connected_; }

  void submit(call work) override;
  void identify(credential from, completion<principal> done) override;
  const std::vector<const tool_spec*>& tools() const override { return tools_; }
  bool healthy() const override { return connected_; }

  void create_workspace(std::string name, std::string id, completion<workspace_info> done) override;
  void list_workspaces(completion<std::vector<workspace_info>> done) override;
  void create_token(token_request wish, completion<issued_token> done) override;
  void revoke_token(std::string id, completion<std::string> done) override;
  void set_tier(std::string workspace, std::string tier, completion<std::string> done) override;

  change_watch watch(change_listener listener) override;

private:
  using answer_function = std::function<void(result<json>)>;
  /// A request that awaits its answer.
  struct asked_request {
    answer_function answer;
    progress_listener progress;
  };

  local_client(int socket, const std::vector<const tool_spec*>& tools);
  void ask(json request, answer_function answer, progress_listener progress = nullptr);
  void on_line(const std::string& line);
  void on_answer(json answer);
  void on_progress(const json& how_far);
  void fail_all();

  const std::vector<const tool_spec*>& tools_;
  std::atomic<bool> connected_{true};
  std::mutex guard_;
  std::int64_t last_id_ = 0;
  std::map<std::int64_t, asked_request> asked_;
  change_board board_;
  bool watching_ = false;
  // Last: its threads end before what they use.
  line_channel channel_;
};

} // namespace crm::transport
