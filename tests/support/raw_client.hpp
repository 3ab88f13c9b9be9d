// SPDX-License-Identifier: Apache-2.0
// A client that sends whatever bytes a test wants, and reads answers one by one. It waits for
// bytes, never for time: the limit on waiting is there only so that a failing test ends.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace crm::test {

/// One answer as it came.
struct raw_response {
  /// 0 when the connection ended before a whole answer came.
  int status = 0;
  std::string head;
  std::string body;

  /// Returns the value of a header, empty if there is none; `name` in the server's spelling.
  std::string header(std::string_view name) const;
};

/// A TCP connection to 127.0.0.1.
class raw_client {
public:
  explicit raw_client(std::uint16_t port);
  raw_client(const raw_client&) = delete;
  raw_client& operator=(const raw_client&) = delete;
  ~raw_client();

  /// Sends all of `bytes`, or as much as the peer takes before it closes.
  raw_client& send(std::string_view bytes);
  /// Announces that nothing follows.
  raw_client& finish();
  /// Closes with a reset, as a crashed client's kernel does.
  void reset();
  /// Keeps the receive buffer so small that the server soon has to wait for us.
  void read_little();

  /// Reads one answer, its chunked framing taken off. `to_head` says that it has no body.
  enum class expect : std::uint8_t { body, head_only };
  raw_response response(expect what = expect::body);
  /// Reads until `text` has come, and returns everything up to its end; empty when it never came.
  std::string read_until(std::string_view text);
  /// Returns whether the server ends the connection, after reading whatever still comes.
  bool is_closed_by_peer();

private:
  bool fill();

  int descriptor_;
  std::string kept_;
};

/// Sends `bytes` on a connection of its own and returns the first answer.
raw_response ask(std::uint16_t port, std::string_view bytes);

} // namespace crm::test
