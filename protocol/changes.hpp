// SPDX-License-Identifier: Apache-2.0
// How the rest of the program hears of what was committed. It says what changed, never what it
// holds: whoever wants the content reads it with a caller's rights.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace crm {

/// An entity that a commit changed, as the change log names it.
struct changed_entity {
  /// `contact`, `deal`, `custom_field` …
  std::string type;
  std::string id;
};

/// Hears of one commit. Called on the committing thread after the commit is durable: it must not
/// block, and it may still be called once while its watch ends.
using change_listener =
    std::function<void(const std::string& workspace, const std::vector<changed_entity>&)>;

/// Holds a listener in its place for as long as it lives.
using change_watch = std::shared_ptr<void>;

/// Where changes can be heard of. May be used from any thread.
class change_source {
public:
  virtual ~change_source() = default;
  /// Calls `listener` after every commit, of every workspace, until the watch is let go.
  virtual change_watch watch(change_listener listener) = 0;
};

/// Passes changes on to everybody who listens.
class change_board : public change_source {
public:
  change_watch watch(change_listener listener) override;
  /// Tells all listeners of one commit.
  void tell(const std::string& workspace, const std::vector<changed_entity>& changed) const;

private:
  mutable std::mutex guard_;
  mutable std::vector<std::weak_ptr<change_listener>> listeners_;
};

} // namespace crm
