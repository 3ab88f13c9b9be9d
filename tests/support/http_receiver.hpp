// SPDX-License-Identifier: Apache-2.0
// A receiver of webhooks on this machine: takes one request per connection and answers as told.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace crm::test {

/// What a receiver was sent.
struct received {
  std::string head;
  std::string body;

  /// Returns the value of a header, given in lower case.
  std::string header(const std::string& name) const {
    const std::size_t at = head.find("\r\n" + name + ": ");
    if (at == std::string::npos)
      return {};
    const std::size_t from = at + name.size() + 4;
    return head.substr(from, head.find("\r\n", from) - from);
  }
};

/// Listens on a port of 127.0.0.1 that the kernel chose.
class http_receiver {
public:
  /// Writes an answer to the request to the socket.
  using responder = std::function<void(int socket, const received& request)>;

  explicit http_receiver(responder answer) : answer_(std::move(answer)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    void* generic = &address;
    if (::bind(listener_, static_cast<sockaddr*>(generic), size) != 0
        || ::listen(listener_, 64) != 0
        || ::getsockname(listener_, static_cast<sockaddr*>(generic), &size) != 0)
      throw std::runtime_error{"the receiver cannot listen"};
    port_ = ntohs(address.sin_port);
    thread_ = std::thread{[this] { serve(); }};
  }
  http_receiver(const http_receiver&) = delete;
  http_receiver& operator=(const http_receiver&) = delete;
  ~http_receiver() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/hook"; }

  std::vector<received> all() const {
    const std::lock_guard lock{guard_};
    return requests_;
  }

  static void write(int socket, const std::string& text) {
    static_cast<void>(!::send(socket, text.data(), text.size(), MSG_NOSIGNAL));
  }
  static responder status(const std::string& line, const std::string& headers = "") {
    return [=](int socket, const received&) {
      write(socket, "HTTP/1.1 " + line + "\r\n" + headers
                        + "Content-Length: 2\r\nConnection: close\r\n\r\nok");
    };
  }

private:
  void serve() {
    for (;;) {
      const int peer = ::accept(listener_, nullptr, nullptr);
      if (peer < 0)
        return;
      const received request = read(peer);
      {
        const std::lock_guard lock{guard_};
        requests_.push_back(request);
      }
      answer_(peer, request);
      ::close(peer);
    }
  }

  static received read(int peer) {
    std::string text;
    char buffer[4096];
    for (;;) {
      const std::size_t end = text.find("\r\n\r\n");
      if (end != std::string::npos) {
        received request{text.substr(0, end + 2), text.substr(end + 4)};
        const std::string length = request.header("Content-Length");
        if (request.body.size() >= std::strtoul(length.c_str(), nullptr, 10))
          return request;
      }
      const auto count = ::recv(peer, buffer, sizeof buffer, 0);
      if (count <= 0)
        return {text, ""};
      text.append(buffer, static_cast<std::size_t>(count));
    }
  }

  responder answer_;
  int listener_ = -1;
  int port_ = 0;
  mutable std::mutex guard_;
  std::vector<received> requests_;
  std::thread thread_;
};

} // namespace crm::test
