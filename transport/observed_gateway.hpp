// SPDX-License-Identifier: Apache-2.0
// A gateway that reports how every call ended, and else does what the gateway behind it does. What
// it reports can be counted and logged: it holds no token, no argument and no text of a client.
// It also turns away, on the thread that asks, what admission would turn away later: under overload
// a refusal must not cost the way to the actors and back.
#pragma once

#include "protocol/call.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_map>

namespace crm::transport {

/// How one call ended.
struct call_report {
  /// The name of a tool of the catalogue, else `unknown`: a client's spelling is a client's text.
  std::string_view tool;
  /// Its place in the catalogue; the size of the catalogue for an unknown one.
  std::size_t tool_number;
  /// Why it failed; nothing when it did not.
  std::optional<error_code> failure;
  /// From submission to the answer.
  std::chrono::nanoseconds took;
  /// Empty when the caller was not authenticated.
  std::string_view workspace;
  std::string_view request_id;
};

/// The calls under way, by who shows which credential.
class calls_under_way {
public:
  using clock = std::chrono::steady_clock;

  /// A hash stands for a credential: two that share one share a bound, and no token is kept.
  static std::size_t key_of(const credential& from);

  /// Counts a call and returns nothing, unless the credential of the key has as many under way as
  /// its whole workspace may have: then it returns when to come back. Refused calls are spread over
  /// the seconds to come, so that those who wait as they are told do not all return at once.
  std::optional<std::chrono::seconds> refuse_or_begin(std::size_t key, clock::time_point now);
  void end(std::size_t key);

private:
  struct load {
    std::uint32_t calls = 0;
    /// Those refused since `refusing_since`, which is begun anew every second.
    std::uint32_t refused = 0;
    clock::time_point refusing_since;
  };

  std::mutex guard_;
  std::unordered_map<std::size_t, load> loads_;
};

/// Reports each call of another gateway, just before its caller is answered.
class observed_gateway : public gateway {
public:
  /// Called on the thread that answers, several at the same time; must return quickly.
  using listener = std::function<void(const call_report&)>;

  /// `target` outlives this; `tell` is kept until the last call is answered.
  observed_gateway(gateway& target, listener tell);

  void submit(call work) override;
  void identify(credential from, completion<principal> done) override;
  const std::vector<const tool_spec*>& tools() const override { return target_.tools(); }
  bool healthy() const override { return target_.healthy(); }

private:
  gateway& target_;
  std::shared_ptr<const listener> tell_;
  std::shared_ptr<calls_under_way> under_way_ = std::make_shared<calls_under_way>();
  /// The places of the tools in the catalogue.
  std::unordered_map<std::string_view, std::size_t> places_;
};

/// Returns `OK`, or the code of the envelope's error.
std::string_view code_of(const call_report& report);

/// Writes a report as one log line at level info.
void log_call(const call_report& report);

} // namespace crm::transport
