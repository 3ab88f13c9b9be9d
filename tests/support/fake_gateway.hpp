// SPDX-License-Identifier: Apache-2.0
// A gateway without a CRM behind it: three tools, whose calls a test answers when it likes.
#pragma once

#include "protocol/call.hpp"
#include "protocol/tool_spec.hpp"

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace crm::test {

/// Runs `on_submit` for each call and knows tokens by a table.
class fake_gateway : public gateway {
public:
  void submit(call work) override { on_submit(std::move(work)); }

  void identify(credential from, completion<principal> done) override {
    if (const auto* local = std::get_if<local_user>(&from))
      return done(principal{local->workspace, local->actor, all_scopes()});
    const std::lock_guard lock{guard_};
    const auto found = tokens_.find(std::get<bearer_token>(from).text);
    if (found == tokens_.end())
      return done(error{error_code::unauthenticated, "the token is unknown or expired"});
    done(principal{found->second});
  }

  const std::vector<const tool_spec*>& tools() const override { return shown_; }
  bool healthy() const override { return true; }

  void set_token(const std::string& text, principal who) {
    const std::lock_guard lock{guard_};
    tokens_[text] = std::move(who);
  }
  void revoke(const std::string& text) {
    const std::lock_guard lock{guard_};
    tokens_.erase(text);
  }

  /// Answers every call with its arguments, unless a test sets something else.
  std::function<void(call)> on_submit = [](call work) {
    work.done(tool_reply{dump_json({{"tool", work.tool}, {"args", work.args}})});
  };

private:
  const tool_spec read_{"read_thing", "Read a thing", "things",
                        scope::read,  effect::read,   "Reads a thing."};
  const tool_spec write_{"write_thing", "Write a thing", "things",
                         scope::write,  effect::create,  "Writes a thing."};
  const tool_spec erase_{"erase_things", "Erase things", "things",
                         scope::admin,   effect::erase,  "Erases all things for good."};
  std::vector<const tool_spec*> shown_{&read_, &write_, &erase_};
  std::mutex guard_;
  std::map<std::string, principal> tokens_;
};

} // namespace crm::test
