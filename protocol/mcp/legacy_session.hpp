// SPDX-License-Identifier: Apache-2.0
// What the legacy era remembers between the messages of one client: the terms of the handshake and
// what came after. Knows no transport; it is handed a way to push.
#pragma once

#include "protocol/mcp/call_context.hpp"
#include "protocol/mcp/questions.hpp"
#include "protocol/mcp/revision.hpp"
#include "protocol/mcp/subscriptions.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace crm::mcp {

/// What client and server agreed on in `initialize`.
struct session_terms {
  revision version = newest_legacy;
  client_capabilities client;
  /// Name and version of the client program.
  std::string client_name;
};

/// One legacy client. May be used from any thread.
class legacy_session : public std::enable_shared_from_this<legacy_session> {
public:
  explicit legacy_session(session_terms agreed) : terms(std::move(agreed)) {}

  const session_terms terms;
  const std::shared_ptr<in_flight> requests = std::make_shared<in_flight>();
  const std::shared_ptr<questions> asked = std::make_shared<questions>();

  std::optional<log_level> logs_from() const;
  void set_logs_from(log_level level);

  /// Sends a message that belongs to no request, if the transport has a way for it now.
  void push(const std::string& message) const;
  /// Sets or, with an empty function, takes away the way for such messages.
  void set_push(std::function<void(const std::string&)> way);

  /// Subscribes the session to a resource. @errors overloaded at a bound.
  result<void> subscribe(subscription_hub& hub, const caller& who, const std::string& uri);
  void unsubscribe(subscription_hub& hub, const std::string& uri);
  /// Hears of changing lists, as every legacy session does.
  void hear_lists(subscription_hub& hub, const caller& who, list_kinds lists);
  /// Ends everything of the session: requests, questions, subscriptions.
  void end(subscription_hub& hub);

private:
  subscription_hub::ticket ticket_for(subscription_hub& hub, const caller& who);

  mutable std::mutex mutex_;
  std::optional<log_level> logs_from_;
  std::function<void(const std::string&)> push_;
  subscription_hub::ticket ticket_ = 0;
};

} // namespace crm::mcp
