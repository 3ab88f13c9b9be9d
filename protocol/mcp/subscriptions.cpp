// SPDX-License-Identifier: Apache-2.0
#include "protocol/mcp/subscriptions.hpp"

#include "protocol/limits.hpp"

#include <algorithm>

namespace crm::mcp {

namespace {

std::string watch_key(std::string_view workspace, std::string_view uri) {
  std::string key{workspace};
  return key.append("\n").append(uri);
}

} // namespace

subscription_hub::ticket subscription_hub::open(subscriber one) {
  const std::lock_guard lock{mutex_};
  if (entries_.size() >= limits::subscriptions_max)
    return 0;
  entries_.emplace(++last_, entry{std::make_shared<const subscriber>(std::move(one)), {}, {}});
  return last_;
}

void subscription_hub::hear(ticket whose, list_kinds lists) {
  const std::lock_guard lock{mutex_};
  if (const auto found = entries_.find(whose); found != entries_.end())
    found->second.lists = lists;
}

bool subscription_hub::watch(ticket whose, const std::string& uri) {
  const std::lock_guard lock{mutex_};
  const auto found = entries_.find(whose);
  if (found == entries_.end() || found->second.uris.size() >= limits::subscribed_resources_max)
    return false;
  if (found->second.uris.insert(uri).second)
    watchers_[watch_key(found->second.one->who.who.workspace, uri)].push_back(whose);
  return true;
}

void subscription_hub::unwatch(ticket whose, const std::string& uri) {
  const std::lock_guard lock{mutex_};
  const auto found = entries_.find(whose);
  if (found != entries_.end() && found->second.uris.erase(uri) > 0)
    forget_uri(whose, watch_key(found->second.one->who.who.workspace, uri));
}

void subscription_hub::forget_uri(ticket whose, const std::string& key) {
  const auto found = watchers_.find(key);
  if (found == watchers_.end())
    return;
  std::erase(found->second, whose);
  if (found->second.empty())
    watchers_.erase(found);
}

std::shared_ptr<const subscription_hub::subscriber> subscription_hub::take(ticket whose) {
  const std::lock_guard lock{mutex_};
  const auto found = entries_.find(whose);
  if (found == entries_.end())
    return nullptr;
  auto one = found->second.one;
  for (const std::string& uri : found->second.uris)
    forget_uri(whose, watch_key(one->who.who.workspace, uri));
  entries_.erase(found);
  return one;
}

void subscription_hub::close(ticket whose) {
  take(whose);
}

void subscription_hub::end(ticket whose) {
  const auto one = take(whose);
  if (one && one->end)
    one->end();
}

void subscription_hub::end_all() {
  std::vector<ticket> all;
  {
    const std::lock_guard lock{mutex_};
    for (const auto& [whose, unused] : entries_)
      all.push_back(whose);
  }
  for (const ticket whose : all)
    end(whose);
}

std::vector<std::pair<subscription_hub::ticket, credential>> subscription_hub::holders() const {
  const std::lock_guard lock{mutex_};
  std::vector<std::pair<ticket, credential>> all;
  for (const auto& [whose, held] : entries_)
    all.emplace_back(whose, held.one->who.from);
  return all;
}

bool subscription_hub::watches_any() const {
  const std::lock_guard lock{mutex_};
  return !watchers_.empty();
}

void subscription_hub::resource_updated(std::string_view workspace, std::string_view uri) {
  std::vector<std::shared_ptr<const subscriber>> told;
  {
    const std::lock_guard lock{mutex_};
    const auto found = watchers_.find(watch_key(workspace, uri));
    if (found == watchers_.end())
      return;
    for (const ticket whose : found->second)
      told.push_back(entries_.at(whose).one);
  }
  for (const auto& one : told)
    one->tell({"notifications/resources/updated", std::string{uri}});
}

void subscription_hub::list_changed(std::string_view method, bool list_kinds::*which) {
  std::vector<std::shared_ptr<const subscriber>> told;
  {
    const std::lock_guard lock{mutex_};
    for (const auto& [whose, held] : entries_)
      if (held.lists.*which)
        told.push_back(held.one);
  }
  for (const auto& one : told)
    one->tell({method, {}});
}

void subscription_hub::tools_changed() {
  list_changed("notifications/tools/list_changed", &list_kinds::tools);
}

void subscription_hub::prompts_changed() {
  list_changed("notifications/prompts/list_changed", &list_kinds::prompts);
}

void subscription_hub::resources_changed() {
  list_changed("notifications/resources/list_changed", &list_kinds::resources);
}

} // namespace crm::mcp
