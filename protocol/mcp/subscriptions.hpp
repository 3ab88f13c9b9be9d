// SPDX-License-Identifier: Apache-2.0
// Who wants to hear of which changes: the `subscriptions/listen` streams of the modern era and the
// sessions of the legacy one, in one table. Knows neither; it is handed what to call.
#pragma once

#include "protocol/mcp/call_context.hpp"
#include "protocol/mcp/change_feed.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace crm::mcp {

/// One change, as a subscriber is told of it.
struct change {
  /// The notification, such as `notifications/resources/updated`.
  std::string_view method;
  /// The resource; empty when a list changed.
  std::string uri;
};

/// The subscribers of the server.
class subscription_hub : public change_feed {
public:
  /// Names a subscriber; 0 is nobody.
  using ticket = std::uint64_t;

  /// What a subscriber is called with. Neither is called while the hub is locked.
  struct subscriber {
    caller who;
    std::function<void(const change&)> tell;
    /// The server ends the subscription: it drains, or the caller lost his right.
    std::function<void()> end;
  };

  /// Takes a subscriber in. Returns 0 when `limits::subscriptions_max` are there.
  ticket open(subscriber one);
  /// Sets which lists a subscriber hears of; none at first.
  void hear(ticket whose, list_kinds lists);
  /// Adds a resource to what a subscriber hears of. Returns false over the bound of one.
  bool watch(ticket whose, const std::string& uri);
  void unwatch(ticket whose, const std::string& uri);
  /// Forgets a subscriber without telling him.
  void close(ticket whose);
  /// Ends one subscription, or all, and tells them.
  void end(ticket whose);
  void end_all();
  /// Who is subscribed, so that their rights can be checked again.
  std::vector<std::pair<ticket, credential>> holders() const;

  /// Returns whether anybody watches a resource: when nobody does, none need be named.
  bool watches_any() const;

  void resource_updated(std::string_view workspace, std::string_view uri) override;
  void tools_changed() override;
  void prompts_changed() override;
  void resources_changed() override;

private:
  struct entry {
    std::shared_ptr<const subscriber> one;
    list_kinds lists;
    std::set<std::string> uris;
  };
  void list_changed(std::string_view method, bool list_kinds::*which);
  void forget_uri(ticket whose, const std::string& key);
  std::shared_ptr<const subscriber> take(ticket whose);

  mutable std::mutex mutex_;
  ticket last_ = 0;
  std::unordered_map<ticket, entry> entries_;
  /// By workspace and address, joined by a line feed, which neither holds.
  std::unordered_map<std::string, std::vector<ticket>> watchers_;
};

} // namespace crm::mcp
