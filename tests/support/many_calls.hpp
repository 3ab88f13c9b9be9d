// SPDX-License-Identifier: Apache-2.0
// Calls that are under way together: a client that does not wait for one answer before it asks the
// next, up to a bound.
#pragma once

#include "tests/support/test_system.hpp"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <utility>

namespace crm::test {

/// Sends calls and counts answers. Its destructor waits for the last one.
class many_calls {
public:
  using listener = std::function<void(result<tool_reply>)>;

  explicit many_calls(gateway& to, std::size_t at_once = 400) : to_(to), at_once_(at_once) {}
  many_calls(const many_calls&) = delete;
  many_calls& operator=(const many_calls&) = delete;
  ~many_calls() { wait(); }

  /// Sends a call as the trusted local user, once there is room; `listen` hears the answer on
  /// another thread.
  void send(const std::string& tool, json args, listener listen = nullptr,
            const std::string& workspace = "default") {
    {
      std::unique_lock lock{guard_};
      changed_.wait(lock, [this] { return under_way_ < at_once_; });
      ++under_way_;
    }
    to_.submit({local_user{workspace, "tester"},
                tool,
                std::move(args),
                {"test", "req"},
                std::chrono::steady_clock::now() + std::chrono::minutes{5},
                completion<tool_reply>{
                    [this, listen = std::move(listen)](const result<tool_reply>& outcome) {
                      if (listen)
                        listen(outcome);
                      const std::lock_guard lock{guard_};
                      --under_way_;
                      outcome ? ++succeeded_ : ++failed_;
                      changed_.notify_all();
                    }}});
  }

  /// Waits until every call is answered.
  void wait() {
    std::unique_lock lock{guard_};
    changed_.wait(lock, [this] { return under_way_ == 0; });
  }

  int succeeded() {
    const std::lock_guard lock{guard_};
    return succeeded_;
  }
  int failed() {
    const std::lock_guard lock{guard_};
    return failed_;
  }

private:
  gateway& to_;
  std::size_t at_once_;
  std::mutex guard_;
  std::condition_variable changed_;
  std::size_t under_way_ = 0;
  int succeeded_ = 0;
  int failed_ = 0;
};

} // namespace crm::test
