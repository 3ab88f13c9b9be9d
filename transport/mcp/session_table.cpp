// SPDX-License-Identifier: Apache-2.0
#include "transport/mcp/session_table.hpp"

#include "protocol/limits.hpp"
#include "protocol/mcp/request_seal.hpp"
#include "protocol/mcp/signed_text.hpp"

#include <algorithm>
#include <utility>

namespace crm::transport {

namespace {

constexpr std::string_view purpose = "mcp-session";
constexpr std::size_t client_name_bytes_max = 80;
/// Streams of one session whose events are kept for a client that comes back.
constexpr std::size_t streams_max = 32;

/// What of the client's capabilities the server ever looks at: it travels in the id.
json remembered(const mcp::client_capabilities& client) {
  json kept = json::object();
  for (const char* name : {"elicitation", "sampling", "roots"}) {
    const auto found = client.declared().find(name);
    if (found == client.declared().end() || !found->is_object())
      continue;
    kept[name] = json::object();
    for (const char* mode : {"form", "url"})
      if (found->contains(mode))
        kept[name][mode] = json::object();
  }
  return kept;
}

mcp::session_terms terms_of(const json& claims) {
  return {mcp::find_legacy(claims["v"].get<std::string>()).value_or(mcp::newest_legacy),
          mcp::client_capabilities{claims["c"]}, claims["n"].get<std::string>()};
}

} // namespace

http_session::http_session(mcp::session_terms agreed, mcp::caller owner,
                           const std::string& push_key)
    : state(std::make_shared<mcp::legacy_session>(std::move(agreed))), who(std::move(owner)),
      pushes(std::make_shared<event_log>(numbers_events() ? push_key : std::string{})) {
  state->set_push([log = pushes](const std::string& message) { log->append(message); });
}

bool http_session::numbers_events() const {
  return state->terms.version >= mcp::revision::v2025_11_25;
}

std::shared_ptr<event_log> http_session::new_stream(const std::string& key) {
  if (!numbers_events())
    return std::make_shared<event_log>(std::string{});
  auto stream = std::make_shared<event_log>(key);
  const std::lock_guard lock{mutex_};
  streams_.push_back(stream);
  if (streams_.size() > streams_max)
    streams_.pop_front();
  return stream;
}

std::shared_ptr<event_log> http_session::find_stream(const std::string& key) const {
  if (!key.empty() && key == pushes->key())
    return pushes;
  const std::lock_guard lock{mutex_};
  const auto found =
      std::ranges::find_if(streams_, [&](const auto& stream) { return stream->key() == key; });
  return found == streams_.end() ? nullptr : *found;
}

std::string session_table::owner_of(const mcp::caller& who) const {
  return mcp::keyed_digest(*server_->world, "session-owner", mcp::principal_key(who.who));
}

std::shared_ptr<http_session> session_table::keep(const std::string& id, const std::string& owner,
                                                  mcp::session_terms agreed,
                                                  const mcp::caller& who) {
  auto session =
      std::make_shared<http_session>(std::move(agreed), who, mcp::fresh_nonce(*server_->world));
  const std::lock_guard lock{mutex_};
  if (entries_.size() >= limits::sessions_max) {
    const auto idlest = std::ranges::min_element(
        entries_, {}, [](const auto& one) { return one.second.used_at_ms; });
    idlest->second.session->state->end(server_->subscriptions);
    entries_.erase(idlest);
  }
  const auto [at, fresh] =
      entries_.try_emplace(id, entry{session, owner, server_->world->now_ms()});
  return at->second.session;
}

session_table::opened session_table::open(mcp::session_terms agreed, const mcp::caller& who) {
  agreed.client_name.resize(std::min(agreed.client_name.size(), client_name_bytes_max));
  const std::string owner = owner_of(who);
  const std::int64_t expires_ms =
      server_->world->now_ms() + limits::session_lifetime_ms_max.count();
  std::string id = mcp::signed_text(*server_->world, purpose,
                                    {{"v", name_of(agreed.version)},
                                     {"c", remembered(agreed.client)},
                                     {"n", agreed.client_name},
                                     {"p", owner},
                                     {"e", expires_ms},
                                     {"i", mcp::fresh_nonce(*server_->world)}});
  auto session = keep(id, owner, std::move(agreed), who);
  session->state->hear_lists(server_->subscriptions, who, server_->offer.changing);
  return {std::move(id), std::move(session)};
}

std::shared_ptr<http_session> session_table::find(const std::string& id, const mcp::caller& who) {
  const std::string owner = owner_of(who);
  {
    const std::lock_guard lock{mutex_};
    if (ended_.contains(id))
      return nullptr;
    if (const auto found = entries_.find(id); found != entries_.end()) {
      found->second.used_at_ms = server_->world->now_ms();
      return found->second.owner == owner ? found->second.session : nullptr;
    }
  }
  const auto claims = mcp::verified_claims(*server_->world, purpose, id);
  if (!claims || (*claims)["p"] != owner
      || (*claims)["e"].get<std::int64_t>() <= server_->world->now_ms())
    return nullptr;
  auto session = keep(id, owner, terms_of(*claims), who);
  session->state->hear_lists(server_->subscriptions, who, server_->offer.changing);
  return session;
}

void session_table::end(const std::string& id) {
  std::shared_ptr<http_session> session;
  {
    const std::lock_guard lock{mutex_};
    const std::int64_t now = server_->world->now_ms();
    std::erase_if(ended_, [&](const auto& one) { return one.second <= now; });
    if (ended_.size() >= limits::ended_sessions_max)
      ended_.erase(
          std::ranges::min_element(ended_, {}, [](const auto& one) { return one.second; }));
    ended_.emplace(id, now + limits::session_lifetime_ms_max.count());
    if (const auto found = entries_.find(id); found != entries_.end()) {
      session = found->second.session;
      entries_.erase(found);
    }
  }
  if (!session)
    return;
  session->state->end(server_->subscriptions);
  session->pushes->finish();
}

void session_table::tick() {
  const std::int64_t now = server_->world->now_ms();
  std::vector<std::shared_ptr<http_session>> idle;
  {
    const std::lock_guard lock{mutex_};
    for (auto at = entries_.begin(); at != entries_.end();) {
      const auto& one = at->second;
      const bool in_use = one.session->pushes->attached() || !one.session->state->requests->empty();
      if (in_use || now - one.used_at_ms < limits::session_idle_ms_max.count()) {
        ++at;
        continue;
      }
      idle.push_back(one.session);
      at = entries_.erase(at);
    }
  }
  for (const auto& session : idle)
    session->state->end(server_->subscriptions);
  for (const auto& session : all())
    session->state->asked->expire(now);
}

std::vector<std::shared_ptr<http_session>> session_table::all() const {
  const std::lock_guard lock{mutex_};
  std::vector<std::shared_ptr<http_session>> sessions;
  for (const auto& [id, one] : entries_)
    sessions.push_back(one.session);
  return sessions;
}

} // namespace crm::transport
