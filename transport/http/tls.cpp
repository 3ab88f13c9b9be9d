// SPDX-License-Identifier: Apache-2.0
#include "transport/http/tls.hpp"

#include <algorithm>
#include <array>
#include <climits>
#include <openssl/err.h>
#include <openssl/ssl.h>

namespace crm::transport {

namespace {

error tls_error(std::string what) {
  std::array<char, 256> text{};
  ::ERR_error_string_n(::ERR_get_error(), text.data(), text.size());
  ::ERR_clear_error();
  return {error_code::invalid_request, std::move(what) + ": " + text.data()};
}

/// Chooses HTTP/1.1 when the client offers a choice, and lets it try its luck when it does not.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_bytes,
                    const unsigned char* offered, unsigned offered_bytes, void*) {
  static constexpr std::array<unsigned char, 9> http_1_1{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* selected = nullptr;
  if (::SSL_select_next_proto(&selected, chosen_bytes, http_1_1.data(), http_1_1.size(), offered,
                              offered_bytes)
      != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  *chosen = selected;
  return SSL_TLSEXT_ERR_OK;
}

int clamp_to_int(std::size_t bytes) {
  return static_cast<int>(std::min(bytes, static_cast<std::size_t>(INT_MAX)));
}

} // namespace

tls_session::tls_session(ssl_ctx_st& context, int descriptor) : session_(::SSL_new(&context)) {
  if (session_ == nullptr)
    return;
  ::SSL_set_fd(session_, descriptor);
  ::SSL_set_accept_state(session_);
}

tls_session::~tls_session() {
  ::SSL_free(session_);
}

io_state tls_session::state_of(int returned) const {
  const int problem = ::SSL_get_error(session_, returned);
  // Errors of one connection must not be taken for the next one's: the queue is the thread's.
  ::ERR_clear_error();
  switch (problem) {
  case SSL_ERROR_NONE:
    return io_state::done;
  case SSL_ERROR_WANT_READ:
  case SSL_ERROR_WANT_WRITE:
    return io_state::would_block;
  case SSL_ERROR_ZERO_RETURN:
    return io_state::finished;
  default:
    return io_state::failed;
  }
}

io_state tls_session::handshake() {
  return session_ == nullptr ? io_state::failed : state_of(::SSL_do_handshake(session_));
}

io_outcome tls_session::read(char* into, std::size_t bytes_max) {
  const int count = ::SSL_read(session_, into, clamp_to_int(bytes_max));
  return count > 0 ? io_outcome{io_state::done, static_cast<std::size_t>(count)}
                   : io_outcome{state_of(count), 0};
}

io_outcome tls_session::write(std::string_view bytes) {
  const int count = ::SSL_write(session_, bytes.data(), clamp_to_int(bytes.size()));
  return count > 0 ? io_outcome{io_state::done, static_cast<std::size_t>(count)}
                   : io_outcome{state_of(count), 0};
}

void tls_session::finish() {
  ::SSL_shutdown(session_);
  ::ERR_clear_error();
}

result<void> tls_identity::load() {
  const std::shared_ptr<SSL_CTX> fresh{::SSL_CTX_new(::TLS_server_method()), &::SSL_CTX_free};
  if (!fresh)
    return tls_error("cannot set up TLS");
  ::SSL_CTX_set_min_proto_version(fresh.get(), TLS1_2_VERSION);
  ::SSL_CTX_set_options(fresh.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION
                                         | SSL_OP_CIPHER_SERVER_PREFERENCE
                                         | SSL_OP_IGNORE_UNEXPECTED_EOF);
  // A parked connection gives its record buffers back; a write may be repeated from elsewhere.
  ::SSL_CTX_set_mode(fresh.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE
                                      | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  ::SSL_CTX_set_alpn_select_cb(fresh.get(), &choose_protocol, nullptr);
  if (::SSL_CTX_use_certificate_chain_file(fresh.get(), files_.certificate.c_str()) != 1)
    return tls_error("cannot use the certificate " + files_.certificate);
  if (::SSL_CTX_use_PrivateKey_file(fresh.get(), files_.key.c_str(), SSL_FILETYPE_PEM) != 1)
    return tls_error("cannot use the private key " + files_.key);
  if (::SSL_CTX_check_private_key(fresh.get()) != 1)
    return tls_error("the private key " + files_.key + " does not belong to the certificate");
  const std::lock_guard lock{guard_};
  context_ = fresh;
  return {};
}

std::unique_ptr<tls_session> tls_identity::open_session(int descriptor) const {
  std::shared_ptr<SSL_CTX> context;
  {
    const std::lock_guard lock{guard_};
    context = context_;
  }
  return std::make_unique<tls_session>(*context, descriptor);
}

} // namespace crm::transport
