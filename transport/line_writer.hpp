// SPDX-License-Identifier: Apache-2.0
// Writes lines to a file descriptor on a thread of its own, in the order in which they came and
// each in one piece, so that whoever has something to say never waits for the reader.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <thread>

namespace crm::transport {

/// The only writer of a descriptor. The descriptor stays the caller's.
class line_writer {
public:
  explicit line_writer(int descriptor);
  line_writer(const line_writer&) = delete;
  line_writer& operator=(const line_writer&) = delete;
  /// Drops what is still unwritten.
  ~line_writer();

  /// Queues one line; a newline is added, newlines inside become blanks. Callable from any thread.
  void write(const std::string& line);

  /// Waits until at most `bytes` are unwritten. Returns false when nobody reads any more, or the
  /// writer was stopped.
  bool wait_below(std::size_t bytes);

  /// Waits until everything is written, at most for `limit`.
  void flush(std::chrono::milliseconds limit);

  /// Returns whether the reader has gone.
  bool broken() const;

  /// Lets every waiting call return.
  void stop();

private:
  void run();
  bool write_all(const std::string& text);
  bool stopping() const;

  const int descriptor_;
  mutable std::mutex guard_;
  std::condition_variable changed_;
  std::string queued_;
  /// Bytes queued and being written.
  std::size_t unwritten_ = 0;
  bool broken_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

} // namespace crm::transport
