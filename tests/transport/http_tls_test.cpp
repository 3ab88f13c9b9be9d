// SPDX-License-Identifier: Apache-2.0
#include "tests/support/raw_client.hpp"
#include "tests/support/temp_folder.hpp"
#include "tests/support/test_front.hpp"

#include <arpa/inet.h>
#include <array>
#include <cstdio>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace crm;
using namespace crm::test;
using namespace crm::transport;
using namespace std::chrono_literals;

namespace {

template <auto Free>
struct freed_by {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
template <class T, auto Free>
using owned = std::unique_ptr<T, freed_by<Free>>;

/// Writes a fresh key and a certificate for `name` that it signs itself.
void write_identity(const tls_files& files, const char* name) {
  const owned<EVP_PKEY, ::EVP_PKEY_free> key{::EVP_EC_gen("P-256")};
  const owned<X509, ::X509_free> certificate{::X509_new()};
  ::X509_set_version(certificate.get(), 2);
  ::X509_gmtime_adj(::X509_getm_notBefore(certificate.get()), 0);
  ::X509_gmtime_adj(::X509_getm_notAfter(certificate.get()), 3600);
  ::X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* subject = ::X509_get_subject_name(certificate.get());
  const std::string text = name;
  ::X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(text.c_str()), -1, -1, 0);
  ::X509_set_issuer_name(certificate.get(), subject);
  ::X509_sign(certificate.get(), key.get(), ::EVP_sha256());
  const owned<FILE, ::fclose> key_file{std::fopen(files.key.c_str(), "w")};
  ::PEM_write_PrivateKey(key_file.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  const owned<FILE, ::fclose> certificate_file{std::fopen(files.certificate.c_str(), "w")};
  ::PEM_write_X509(certificate_file.get(), certificate.get());
}

/// A TLS client on a blocking socket.
class tls_client {
public:
  explicit tls_client(std::uint16_t port, int version_max = TLS1_3_VERSION)
      : context_(::SSL_CTX_new(::TLS_client_method())), socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    ::SSL_CTX_set_security_level(context_.get(), 0);
    ::SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
    ::SSL_CTX_set_max_proto_version(context_.get(), version_max);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    const timeval patience{20, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    session_.reset(::SSL_new(context_.get()));
    ::SSL_set_fd(session_.get(), socket_);
  }
  ~tls_client() { ::close(socket_); }

  void offer(const std::vector<unsigned char>& protocols) {
    ::SSL_set_alpn_protos(session_.get(), protocols.data(),
                          static_cast<unsigned>(protocols.size()));
  }
  bool connect() { return ::SSL_connect(session_.get()) == 1; }
  std::string version() const { return ::SSL_get_version(session_.get()); }

  /// Sends `bytes` and reads until `end` has come, or the connection ends.
  std::string ask(std::string_view bytes, std::string_view end) {
    ::SSL_write(session_.get(), bytes.data(), static_cast<int>(bytes.size()));
    std::string answer;
    std::array<char, 16384> part{};
    while (answer.find(end) == std::string::npos) {
      const int count = ::SSL_read(session_.get(), part.data(), static_cast<int>(part.size()));
      if (count <= 0)
        break;
      answer.append(part.data(), static_cast<std::size_t>(count));
    }
    return answer;
  }

  /// Returns whether the server said that nothing follows, rather than just hanging up.
  bool was_closed_properly() const {
    return (::SSL_get_shutdown(session_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
  }

  std::string subject() {
    const owned<X509, ::X509_free> certificate{::SSL_get1_peer_certificate(session_.get())};
    std::array<char, 256> line{};
    ::X509_NAME_oneline(::X509_get_subject_name(certificate.get()), line.data(),
                        static_cast<int>(line.size()));
    return line.data();
  }

private:
  owned<SSL_CTX, ::SSL_CTX_free> context_;
  int socket_;
  owned<SSL, ::SSL_free> session_;
};

struct tls_front {
  temp_folder folder;
  tls_files files{(folder.path() / "certificate.pem").string(),
                  (folder.path() / "key.pem").string()};
  std::optional<test_front> server;

  explicit tls_front(http_options options = {}) {
    write_identity(files, "first");
    options.tls = files;
    server.emplace(std::move(options));
  }
};

constexpr std::string_view hello_end = "\"hello\"";

} // namespace

TEST_CASE("requests and answers travel through TLS 1.2 and 1.3, several on one connection") {
  tls_front front;
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    CAPTURE(version);
    tls_client client{front.server->port(), version};
    REQUIRE(client.connect());
    CHECK(client.ask(good_request, hello_end).starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(client.ask("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", "abc")
              .find("X-Via: https\r\n")
          != std::string::npos);
    CHECK(client.ask("NONSENSE\r\n", "}}").starts_with("HTTP/1.1 400"));
  }
}

TEST_CASE("TLS 1.1 and older are refused") {
  tls_front front;
  for (const int version : {TLS1_VERSION, TLS1_1_VERSION}) {
    tls_client client{front.server->port(), version};
    CHECK_FALSE(client.connect());
  }
  tls_client client{front.server->port()};
  REQUIRE(client.connect());
  CHECK(client.version() == "TLSv1.3");
}

TEST_CASE("a client that offers HTTP/1.1 among others gets it, one that insists on HTTP/2 leaves") {
  tls_front front;
  tls_client both{front.server->port()};
  both.offer({2, 'h', '2', 8, 'h', 't', 't', 'p', '/', '1', '.', '1'});
  REQUIRE(both.connect());
  CHECK(both.ask(good_request, hello_end).starts_with("HTTP/1.1 200"));
  tls_client only_http_2{front.server->port()};
  only_http_2.offer({2, 'h', '2'});
  CHECK_FALSE(only_http_2.connect());
}

TEST_CASE("large bodies and answers pass through TLS") {
  tls_front front;
  tls_client client{front.server->port()};
  REQUIRE(client.connect());
  const std::string body(limits::body_bytes_max - 1, 'b');
  const std::string echoed =
      client.ask("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: "
                     + std::to_string(body.size() + 1) + "\r\n\r\n" + body + "Z",
                 "Z");
  CHECK(echoed.find("\r\n\r\n" + body + "Z") != std::string::npos);
  // Ask with a second request behind the first: its answer marks the end.
  const std::string large =
      client.ask("GET /large HTTP/1.1\r\nHost: a\r\n\r\n" + std::string{good_request}, hello_end);
  CHECK(large.size() > large_bytes);
}

TEST_CASE("the server says goodbye before it closes") {
  tls_front front;
  for (const char* request : {"GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
                              "GET /hello HTTP/1.0\r\n\r\n", "NONSENSE\r\n"}) {
    CAPTURE(request);
    tls_client client{front.server->port()};
    REQUIRE(client.connect());
    client.ask(request, "the end of the connection");
    CHECK(client.was_closed_properly());
  }
}

TEST_CASE("a handshake has to be done in time, and plain HTTP on a TLS port ends at once") {
  tls_front front;
  raw_client silent{front.server->port()};
  raw_client plain{front.server->port()};
  CHECK(plain.send(good_request).is_closed_by_peer());
  REQUIRE(front.server->settles([](const auto& s) { return s.connections_open == 1; }));
  front.server->advance(limits::handshake_timeout_ms + 100ms);
  CHECK(silent.is_closed_by_peer());
}

TEST_CASE("a new certificate is used for new connections, and a broken one changes nothing") {
  tls_front front;
  tls_client before{front.server->port()};
  REQUIRE(before.connect());
  CHECK(before.subject() == "/CN=first");
  write_identity(front.files, "second");
  REQUIRE(front.server->front().reload_tls());
  tls_client after{front.server->port()};
  REQUIRE(after.connect());
  CHECK(after.subject() == "/CN=second");
  std::fclose(std::fopen(front.files.certificate.c_str(), "w"));
  const auto broken = front.server->front().reload_tls();
  REQUIRE_FALSE(broken);
  CHECK(broken.error().message.find(front.files.certificate) != std::string::npos);
  tls_client still{front.server->port()};
  REQUIRE(still.connect());
  CHECK(still.subject() == "/CN=second");
  CHECK(before.ask(good_request, hello_end).starts_with("HTTP/1.1 200"));
}

TEST_CASE("a stream runs through TLS") {
  tls_front front;
  tls_client client{front.server->port()};
  REQUIRE(client.connect());
  std::thread writer{[&] {
    response_stream body = front.server->later().take().second.open_stream({});
    for (int i = 0; i < 10; ++i)
      body.write("data: " + std::to_string(i) + "\n\n");
  }};
  const std::string all = client.ask("GET /later HTTP/1.1\r\nHost: a\r\n\r\n", "0\r\n\r\n");
  writer.join();
  CHECK(all.find("data: 9\n\n") != std::string::npos);
}
