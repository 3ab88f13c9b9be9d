// SPDX-License-Identifier: Apache-2.0
// A gateway that reports how every call ended, and else does what the gateway behind it does. What
// it reports can be counted and logged: it holds no token, no argument and no text of a client.
#pragma once

#include "protocol/call.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
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
  /// The places of the tools in the catalogue.
  std::unordered_map<std::string_view, std::size_t> places_;
};

/// Returns `OK`, or the code of the envelope's error.
std::string_view code_of(const call_report& report);

/// Writes a report as one log line at level info.
void log_call(const call_report& report);

} // namespace crm::transport
