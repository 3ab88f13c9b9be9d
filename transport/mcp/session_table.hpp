// SPDX-License-Identifier: Apache-2.0
// The sessions of legacy clients over HTTP. The id of a session is signed and holds its terms, so
// that a session survives a restart of the server, and one that was forgotten comes back; the table
// is only what is in use. An id is no proof of who sends it: it is bound to a caller.
#pragma once

#include "protocol/mcp/legacy_session.hpp"
#include "protocol/mcp/service.hpp"
#include "transport/mcp/event_log.hpp"

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace crm::transport {

/// One session, with its streams.
class http_session {
public:
  http_session(mcp::session_terms agreed, mcp::caller owner, const std::string& push_key);

  const std::shared_ptr<mcp::legacy_session> state;
  /// Whose session it is.
  const mcp::caller who;
  /// What belongs to no request: the stream of GET.
  const std::shared_ptr<event_log> pushes;

  /// Returns a stream for one POST; numbered ones can be found again by their key.
  std::shared_ptr<event_log> new_stream(const std::string& key);
  std::shared_ptr<event_log> find_stream(const std::string& key) const;
  /// Returns whether this session's clients understand events with ids and empty data.
  bool numbers_events() const;

private:
  mutable std::mutex mutex_;
  std::list<std::shared_ptr<event_log>> streams_;
};

/// The sessions in use. May be used from any thread.
class session_table {
public:
  explicit session_table(std::shared_ptr<mcp::service> server) : server_(std::move(server)) {}

  /// An id and the session it names.
  struct opened {
    std::string id;
    std::shared_ptr<http_session> session;
  };
  opened open(mcp::session_terms agreed, const mcp::caller& who);

  /// Returns the session of that id if it is `who`'s: forged, foreign, expired and ended ones are
  /// nothing.
  std::shared_ptr<http_session> find(const std::string& id, const mcp::caller& who);

  /// Ends a session: its id is nothing from now on.
  void end(const std::string& id);

  /// Forgets what was idle for `limits::session_idle_ms_max`, and gives up old questions.
  void tick();

  /// Returns all sessions in use.
  std::vector<std::shared_ptr<http_session>> all() const;

private:
  struct entry {
    std::shared_ptr<http_session> session;
    std::string owner;
    std::int64_t used_at_ms;
  };
  std::shared_ptr<http_session> keep(const std::string& id, const std::string& owner,
                                     mcp::session_terms agreed, const mcp::caller& who);
  std::string owner_of(const mcp::caller& who) const;

  const std::shared_ptr<mcp::service> server_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, entry> entries_;
  /// Ids that were ended, until they would have expired anyway.
  std::map<std::string, std::int64_t> ended_;
};

} // namespace crm::transport
