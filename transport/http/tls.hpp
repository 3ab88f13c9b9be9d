// SPDX-License-Identifier: Apache-2.0
// TLS on non-blocking sockets: at least version 1.2, certificate and key from files that can be
// read anew while connections are open. No HTTP here, and no OpenSSL type shows.
#pragma once

#include "protocol/result.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

struct ssl_ctx_st;
struct ssl_st;

namespace crm::transport {

/// Where the server's certificate chain and private key stand, both PEM.
struct tls_files {
  std::string certificate;
  std::string key;
};

/// What came of moving bytes.
enum class io_state : std::uint8_t {
  done,
  /// Not now; the socket will tell when.
  would_block,
  /// The peer has sent everything it will send.
  finished,
  /// The connection is broken.
  failed,
};

struct io_outcome {
  io_state state = io_state::failed;
  std::size_t bytes = 0;
};

/// The TLS layer of one connection. One thread at a time.
class tls_session {
public:
  /// @pre `descriptor` outlives the session.
  tls_session(ssl_ctx_st& context, int descriptor);
  tls_session(const tls_session&) = delete;
  tls_session& operator=(const tls_session&) = delete;
  ~tls_session();

  /// Goes on with the handshake.
  io_state handshake();
  io_outcome read(char* into, std::size_t bytes_max);
  io_outcome write(std::string_view bytes);
  /// Tells the peer that nothing follows.
  void finish();

private:
  io_state state_of(int returned) const;

  ssl_st* session_;
};

/// The server's identity, shared by all loops. Any thread may use it.
class tls_identity {
public:
  explicit tls_identity(tls_files files) : files_(std::move(files)) {}

  /// Reads the files; sessions opened before keep what they have. When it fails the former
  /// identity stays in use. @errors invalid_request, naming the file and what is wrong with it.
  result<void> load();

  /// Opens the server's side of a connection. @pre `load` succeeded once.
  std::unique_ptr<tls_session> open_session(int descriptor) const;

private:
  tls_files files_;
  mutable std::mutex guard_;
  std::shared_ptr<ssl_ctx_st> context_;
};

} // namespace crm::transport
