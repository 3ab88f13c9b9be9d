// SPDX-License-Identifier: Apache-2.0
// A running system in a folder of its own, spoken to as a transport does, one call at a time.
#pragma once

#include "actors/system.hpp"
#include "tests/support/temp_folder.hpp"
#include "tests/support/test_environment.hpp"

#include <future>
#include <memory>
#include <stdexcept>
#include <string>

namespace crm::test {

/// The answer to a call: the envelope of design §4.2 as a value.
struct answer {
  json envelope;

  bool ok() const { return envelope.at("success").get<bool>(); }
  /// Returns `data`; ends the test when the call failed.
  const json& data() const {
    if (!ok())
      throw std::runtime_error{"the call failed: " + envelope.dump()};
    return envelope.at("data");
  }
  std::string code() const {
    return ok() ? "" : envelope.at("error").at("code").get<std::string>();
  }
  const json& error() const { return envelope.at("error"); }
  const json& page() const { return envelope.at("page"); }
};

/// A system with the workspace `default`, which can be stopped and started again on its data.
class test_system {
public:
  explicit test_system(actors::system_options options = {}) : options_(std::move(options)) {
    options_.folder = folder_.path();
    options_.role = "test";
    options_.surroundings = environment_.get();
    if (options_.ensure_workspace.empty())
      options_.ensure_workspace = "default";
    start();
  }

  /// Stops everything in order and starts again from what is on the disk.
  void restart() {
    running_.reset();
    start();
  }

  void stop() { running_.reset(); }

  /// Runs a tool as the trusted local user of `workspace`.
  answer call(const std::string& tool, json args, const std::string& workspace = "default") {
    return call_as(local_user{workspace, "tester"}, tool, std::move(args));
  }

  answer call_as(credential who, const std::string& tool, json args) {
    std::promise<std::string> promise;
    auto envelope = promise.get_future();
    running_->submit({std::move(who),
                      tool,
                      std::move(args),
                      {"test", "req"},
                      std::chrono::steady_clock::now() + std::chrono::seconds{60},
                      completion<tool_reply>{[&](result<tool_reply> outcome) {
                        promise.set_value(envelope_of(outcome));
                      }}});
    return {json::parse(envelope.get())};
  }

  /// Issues a token for a workspace.
  std::string token(const std::string& scopes, const std::string& workspace = "default",
                    const std::string& actor = "agent") {
    std::promise<result<issued_token>> promise;
    auto issued = promise.get_future();
    running_->create_token({workspace, actor, *parse_scopes(scopes), std::nullopt},
                           completion<issued_token>{[&](result<issued_token> outcome) {
                             promise.set_value(std::move(outcome));
                           }});
    return issued.get()->token;
  }

  /// Puts a workspace into another plan.
  result<std::string> set_tier(const std::string& tier, const std::string& workspace = "default") {
    std::promise<result<std::string>> promise;
    auto set = promise.get_future();
    running_->set_tier(workspace, tier, completion<std::string>{[&](result<std::string> outcome) {
                         promise.set_value(std::move(outcome));
                       }});
    return set.get();
  }

  /// Defines a custom field, which values need before they are taken.
  void define_field(const std::string& entity, const std::string& key, const std::string& type) {
    call("add_custom_field",
         {{"entityType", entity}, {"key", key}, {"label", key}, {"fieldType", type}})
        .data();
  }

  void create_workspace(const std::string& id) {
    std::promise<result<workspace_info>> promise;
    auto created = promise.get_future();
    running_->create_workspace(id, id, completion<workspace_info>{[&](result<workspace_info> r) {
                                 promise.set_value(std::move(r));
                               }});
    if (!created.get())
      throw std::runtime_error{"no workspace " + id};
  }

  actors::system& get() { return *running_; }
  test_environment& surroundings() { return environment_; }
  const std::filesystem::path& folder() const { return folder_.path(); }

private:
  void start() {
    auto started = actors::system::start(options_);
    if (!started)
      throw std::runtime_error{started.error().message};
    running_ = *std::move(started);
  }

  temp_folder folder_;
  test_environment environment_;
  actors::system_options options_;
  std::unique_ptr<actors::system> running_;
};

} // namespace crm::test
