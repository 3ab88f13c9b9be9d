// SPDX-License-Identifier: Apache-2.0
// The few things we ask of the kernel about TCP sockets and open files. No HTTP here.
#pragma once

#include "protocol/result.hpp"

#include <cstdint>
#include <string>
#include <utility>

namespace crm::transport {

/// Owns a file descriptor.
class unique_descriptor {
public:
  unique_descriptor() = default;
  explicit unique_descriptor(int descriptor) : descriptor_(descriptor) {}
  unique_descriptor(unique_descriptor&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)) {}
  unique_descriptor& operator=(unique_descriptor&& other) noexcept {
    reset(std::exchange(other.descriptor_, -1));
    return *this;
  }
  ~unique_descriptor() { reset(); }

  int get() const { return descriptor_; }
  explicit operator bool() const { return descriptor_ >= 0; }
  /// Closes what is held and holds `descriptor` instead.
  void reset(int descriptor = -1);

private:
  int descriptor_ = -1;
};

/// A connection fresh from the kernel.
struct accepted_socket {
  unique_descriptor descriptor;
  /// The peer's IP address.
  std::string peer;
};

/// What came of asking for a connection.
enum class accept_outcome : std::uint8_t {
  accepted,
  /// Nobody waits.
  none,
  /// There is no descriptor left for the one who waits.
  out_of_files,
};

/// Takes the next waiting connection, non-blocking and without Nagle's delay (it costs 43 ms per
/// request, feasibility section 0).
accept_outcome accept_connection(int listener, accepted_socket& into);

/// Listens on a host name or address; port 0 lets the kernel choose. Another process can not
/// share the port. @errors invalid_request, naming the host and what the kernel said.
result<unique_descriptor> listen_on(const std::string& host, std::uint16_t port);

/// Returns the port that a listening socket got.
std::uint16_t port_of(int listener);

/// Has the kernel notice by itself when the peer of a long silent connection is no more.
void probe_silent_peer(int descriptor);

/// Raises the limit of open files as far as an ordinary process may, and returns it.
std::size_t raise_open_files_limit();

} // namespace crm::transport
