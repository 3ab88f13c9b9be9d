// SPDX-License-Identifier: Apache-2.0
#include "protocol/mcp/legacy_session.hpp"

#include <limits>
#include <utility>

namespace crm::mcp {

std::optional<log_level> legacy_session::logs_from() const {
  const std::lock_guard lock{mutex_};
  return logs_from_;
}

void legacy_session::set_logs_from(log_level level) {
  const std::lock_guard lock{mutex_};
  logs_from_ = level;
}

void legacy_session::push(const std::string& message) const {
  std::function<void(const std::string&)> way;
  {
    const std::lock_guard lock{mutex_};
    way = push_;
  }
  if (way)
    way(message);
}

void legacy_session::set_push(std::function<void(const std::string&)> way) {
  const std::lock_guard lock{mutex_};
  push_ = std::move(way);
}

subscription_hub::ticket legacy_session::ticket_for(subscription_hub& hub, const caller& who) {
  const std::lock_guard lock{mutex_};
  if (ticket_ != 0)
    return ticket_;
  ticket_ = hub.open({who,
                      [self = weak_from_this()](const change& news) {
                        const auto session = self.lock();
                        if (!session)
                          return;
                        json params = nullptr;
                        if (!news.uri.empty())
                          params = {{"uri", news.uri}};
                        session->push(notification_message(news.method, params));
                      },
                      [self = weak_from_this()] {
                        if (const auto session = self.lock()) {
                          const std::lock_guard relock{session->mutex_};
                          session->ticket_ = 0;
                        }
                      }});
  return ticket_;
}

result<void> legacy_session::subscribe(subscription_hub& hub, const caller& who,
                                       const std::string& uri) {
  const auto ticket = ticket_for(hub, who);
  if (ticket == 0 || !hub.watch(ticket, uri))
    return error{error_code::overloaded, "too many subscriptions; end some and try again"};
  return {};
}

void legacy_session::unsubscribe(subscription_hub& hub, const std::string& uri) {
  subscription_hub::ticket ticket = 0;
  {
    const std::lock_guard lock{mutex_};
    ticket = ticket_;
  }
  hub.unwatch(ticket, uri);
}

void legacy_session::hear_lists(subscription_hub& hub, const caller& who, list_kinds lists) {
  if (lists.tools || lists.prompts || lists.resources)
    hub.hear(ticket_for(hub, who), lists);
}

void legacy_session::end(subscription_hub& hub) {
  subscription_hub::ticket ticket = 0;
  {
    const std::lock_guard lock{mutex_};
    ticket = std::exchange(ticket_, 0);
    push_ = nullptr;
  }
  hub.close(ticket);
  requests->cancel_all();
  asked->expire(std::numeric_limits<std::int64_t>::max());
}

} // namespace crm::mcp
