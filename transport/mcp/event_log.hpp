// SPDX-License-Identifier: Apache-2.0
// One stream of Server-Sent Events. A numbered one outlives its connection: it keeps its last
// events for a client that comes back for them (MCP 2025-11-25, resumability).
#pragma once

#include "transport/http/exchange.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>

namespace crm::transport {

/// The head of a response that is a stream of events.
http_response event_stream_head(std::vector<response_header> headers);

/// A stream of events. May be used from any thread.
class event_log {
public:
  /// `key` names a numbered stream in the ids of its events; an empty one makes a plain stream,
  /// whose events are lost when no connection is there.
  explicit event_log(std::string key) : key_(std::move(key)) {}

  /// Sends a JSON text, or keeps it.
  void append(const std::string& message);

  /// Tells one connection of a stream from those before and after it.
  using connection_number = std::uint64_t;

  /// Sends events to this connection from now on, after those kept behind event `after`. A
  /// connection that was there before is closed.
  connection_number attach(response_stream connection,
                           std::optional<std::uint64_t> after = std::nullopt);

  /// Returns whether a connection is there.
  bool attached() const;

  /// Closes that connection, if it is still the one in use.
  void detach(connection_number which);
  /// Closes whatever connection is there.
  void detach();

  /// The last event was sent: closes the connection, and any that comes later after the replay.
  void finish();
  bool finished() const;

  /// Sends a comment, so that nobody in between takes the stream for dead.
  void keep_alive();

  /// The first event of a numbered stream: it gives the client an id to come back with.
  std::string priming_event();

  const std::string& key() const { return key_; }

private:
  struct kept {
    std::uint64_t number;
    std::string event;
  };
  std::string event_text(std::uint64_t number, const std::string& message) const;
  void keep(kept one);

  const std::string key_;
  mutable std::mutex mutex_;
  std::uint64_t last_ = 0;
  std::deque<kept> kept_;
  std::size_t kept_bytes_ = 0;
  std::optional<response_stream> connection_;
  connection_number connections_ = 0;
  bool finished_ = false;
};

/// The key and the number in the id of an event.
struct event_id {
  std::string key;
  std::uint64_t number;
};

/// Reads a `Last-Event-ID`.
std::optional<event_id> read_event_id(std::string_view text);

} // namespace crm::transport
