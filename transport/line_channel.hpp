// SPDX-License-Identifier: Apache-2.0
// A connected socket that carries one JSON text per line, both ways. Reading and writing have a
// thread each, so whoever sends never waits for the other side.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace crm::transport {

/// One end of a local connection.
class line_channel {
public:
  /// Owns `socket`. `on_line` gets each line, `on_closed` is called once when the other side is
  /// gone; both run on the reading thread, and neither may destroy the channel.
  line_channel(int socket, std::function<void(std::string line)> on_line,
               std::function<void()> on_closed)
      : socket_(socket), on_line_(std::move(on_line)), on_closed_(std::move(on_closed)) {}
  line_channel(const line_channel&) = delete;
  line_channel& operator=(const line_channel&) = delete;
  /// Closes the socket and waits for both threads. @pre not called on one of them.
  ~line_channel();

  /// Starts to read and write: not before the owner can be called back.
  void start();

  /// Queues a line; returns false when the other side is gone or has too much unread.
  bool send(std::string line);

  /// Ends the connection: both threads finish soon, the other side sees the end.
  void close();

private:
  void read_lines();
  void write_lines();
  bool write_all(const std::string& text);

  int socket_;
  std::function<void(std::string)> on_line_;
  std::function<void()> on_closed_;
  std::mutex guard_;
  std::condition_variable changed_;
  std::deque<std::string> unsent_;
  std::size_t unsent_bytes_ = 0;
  bool closed_ = false;
  std::thread writer_;
  std::thread reader_;
};

} // namespace crm::transport
