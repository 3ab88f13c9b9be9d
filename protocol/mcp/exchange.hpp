// SPDX-License-Identifier: Apache-2.0
// exchange: the way back to the client for one incoming message, whatever the transport. Messages
// may precede the answer; the answer comes once; after it, or after a cancellation, nothing is
// written any more. It knows no method and no era.
#pragma once

#include "protocol/mcp/json_rpc.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace crm::mcp {

/// The last message to a client about one of its requests.
struct reply {
  std::string text;
  /// The HTTP status, if nothing was sent before; other transports ignore it.
  int http_status = 200;
  /// The scope that the caller lacks; HTTP then challenges for it. Empty when none is lacking.
  std::string missing_scope = {};
};

/// Where the messages go that belong to one request. May be used from any thread.
class exchange {
public:
  exchange() = default;
  exchange(const exchange&) = delete;
  exchange& operator=(const exchange&) = delete;
  virtual ~exchange() = default;

  /// Sends a message that precedes the answer: progress, a log line, a question. Over HTTP this
  /// makes the response a stream.
  void send(const std::string& message);
  /// Sends the answer and ends the exchange.
  void answer(const reply& last);
  /// Ends the exchange without an answer: the client took its request back, or left.
  void cancel();
  /// Returns whether an answer is still awaited.
  bool open() const;
  /// Runs `hook` when the exchange ends, at once if it has ended. It must not use the exchange.
  void at_end(std::function<void()> hook);
  /// Lets go of the client's connection while the request goes on; a client of the legacy era
  /// comes back for the rest. Does nothing where the transport cannot.
  virtual void shed_connection() {}

protected:
  virtual void write(const std::string& message) = 0;
  virtual void finish(const reply& last) = 0;
  virtual void abandon() {}

private:
  template <class Act>
  void end(Act act);

  mutable std::mutex mutex_;
  bool over_ = false;
  std::vector<std::function<void()>> hooks_;
};

/// The requests of one peer that await an answer, by id.
class in_flight : public std::enable_shared_from_this<in_flight> {
public:
  /// Keeps `way_back` until it ends. A repeated id takes the place of the earlier one.
  void add(const json& id, const std::shared_ptr<exchange>& way_back);
  /// Cancels the request of that id; an unknown one is ignored, as the protocol asks.
  void cancel(const json& id);
  /// Cancels all.
  void cancel_all();
  bool empty() const;

private:
  struct entry {
    std::string id_text;
    std::shared_ptr<exchange> way_back;
  };
  void drop(const exchange* ended);

  mutable std::mutex mutex_;
  std::vector<entry> entries_;
};

} // namespace crm::mcp
