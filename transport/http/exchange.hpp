// SPDX-License-Identifier: Apache-2.0
// The way back to a client. A route gets an exchange with its request and may answer at once or
// later, from any thread; nobody waits in between. An exchange that is dropped answers 503 by
// itself, a stream that is dropped ends, so no client hangs.
#pragma once

#include "transport/http/http_message.hpp"

#include <functional>
#include <memory>
#include <string>

namespace crm::transport {

struct call_state;

/// Tells whether a client has left. Copyable; usable from any thread, and after the exchange.
class peer_watch {
public:
  peer_watch() = default;
  explicit peer_watch(std::shared_ptr<call_state> call) : call_(std::move(call)) {}

  /// Returns whether the client closed its side while it was owed an answer, or the stream was cut.
  bool gone() const;

  /// Has `notice` called once when the client leaves before its answer or the stream's end is
  /// sent; at once if it has left already. It runs on a thread that runs sockets and must return
  /// quickly. A second notice replaces the first.
  void on_gone(std::function<void()> notice);

private:
  std::shared_ptr<call_state> call_;
};

/// The open body of an answer: Server-Sent Events, for instance. Move-only; any thread may use it,
/// one at a time.
class response_stream {
public:
  response_stream() = default;
  explicit response_stream(std::shared_ptr<call_state> call) : call_(std::move(call)) {}
  response_stream(response_stream&&) noexcept = default;
  response_stream& operator=(response_stream&& other) noexcept;
  ~response_stream() { close(); }

  /// Sends `bytes` behind those written before, and returns whether they were taken: not when the
  /// client is gone, nor when it reads so slowly that more than `stream_buffer_bytes_max` would
  /// wait for it; the stream is then cut.
  bool write(std::string bytes);

  /// Ends the body; the connection then serves its next request. Later calls do nothing.
  void close();

  /// Returns the watch over the client.
  peer_watch watch() const { return peer_watch{call_}; }

private:
  std::shared_ptr<call_state> call_;
};

/// The duty to answer one request. Move-only.
class exchange {
public:
  exchange() = default;
  explicit exchange(std::shared_ptr<call_state> call) : call_(std::move(call)) {}
  exchange(exchange&&) noexcept = default;
  exchange& operator=(exchange&& other) noexcept;
  ~exchange() { drop(); }

  /// Answers the client. Later calls do nothing.
  void respond(http_response answer);

  /// Answers with `head` and a body that is written bit by bit; `head.body` is its beginning.
  response_stream open_stream(http_response head);

  /// Returns the watch over the client.
  peer_watch watch() const { return peer_watch{call_}; }

  /// Returns whether the client has left although it is owed an answer.
  bool gone() const;

  /// Returns whether an answer is still owed.
  explicit operator bool() const { return call_ != nullptr; }

private:
  void drop();

  std::shared_ptr<call_state> call_;
};

} // namespace crm::transport
