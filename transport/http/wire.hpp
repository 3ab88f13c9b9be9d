// SPDX-License-Identifier: Apache-2.0
// One connection as a stream of bytes, in the clear or through TLS, and what waits to be sent on
// it. Never blocks.
#pragma once

#include "transport/http/socket.hpp"
#include "transport/http/tls.hpp"

#include <deque>
#include <memory>
#include <string>
#include <string_view>

namespace crm::transport {

/// A non-blocking connection.
class wire {
public:
  /// `security` is null for a connection in the clear.
  wire(unique_descriptor descriptor, std::unique_ptr<tls_session> security)
      : descriptor_(std::move(descriptor)), security_(std::move(security)) {}

  int descriptor() const { return descriptor_.get(); }
  bool is_open() const { return static_cast<bool>(descriptor_); }
  bool is_secure() const { return security_ != nullptr; }

  /// Goes on with the TLS handshake; done at once in the clear.
  io_state handshake();
  /// Receives some bytes; `finished` when the peer will send no more.
  io_outcome receive(char* into, std::size_t bytes_max);
  /// Sends `text`, then `more`, as far as the kernel takes them: `bytes` counts both together.
  io_outcome send(std::string_view text, std::string_view more = {});
  /// Tells the peer that nothing follows; receiving stays possible.
  void finish_sending();
  void close();

private:
  unique_descriptor descriptor_;
  std::unique_ptr<tls_session> security_;
};

/// What the kernel did not take yet.
class send_queue {
public:
  bool empty() const { return bytes_ == 0; }
  std::size_t bytes() const { return bytes_; }
  void push(std::string part);
  /// Sends on; `bytes` is how many went. `done` when nothing is left.
  io_outcome flush(wire& to);

private:
  std::deque<std::string> parts_;
  /// How much of the first part has been sent.
  std::size_t sent_ = 0;
  std::size_t bytes_ = 0;
};

} // namespace crm::transport
