// SPDX-License-Identifier: Apache-2.0
#include "tests/support/raw_client.hpp"

#include <arpa/inet.h>
#include <array>
#include <netinet/in.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace crm::test {

namespace {

constexpr int patience_ms = 20'000;

} // namespace

std::string raw_response::header(std::string_view name) const {
  const std::string key = "\r\n" + std::string{name} + ": ";
  const std::size_t at = head.find(key);
  if (at == std::string::npos)
    return {};
  const std::size_t from = at + key.size();
  return head.substr(from, head.find("\r\n", from) - from);
}

raw_client::raw_client(std::uint16_t port) : descriptor_(::socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error("the server does not listen");
}

raw_client::~raw_client() {
  if (descriptor_ >= 0)
    ::close(descriptor_);
}

raw_client& raw_client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0)
      break;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return *this;
}

raw_client& raw_client::finish() {
  ::shutdown(descriptor_, SHUT_WR);
  return *this;
}

void raw_client::reset() {
  const linger at_once{1, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  ::close(descriptor_);
  descriptor_ = -1;
}

void raw_client::read_little() {
  const int bytes = 4096;
  ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

bool raw_client::fill() {
  pollfd waited{descriptor_, POLLIN, 0};
  if (::poll(&waited, 1, patience_ms) <= 0)
    throw std::runtime_error("the server neither answers nor closes");
  std::array<char, 65536> bytes{};
  const ssize_t count = ::recv(descriptor_, bytes.data(), bytes.size(), 0);
  if (count <= 0)
    return false;
  kept_.append(bytes.data(), static_cast<std::size_t>(count));
  return true;
}

std::string raw_client::read_until(std::string_view text) {
  for (;;) {
    if (const std::size_t at = kept_.find(text); at != std::string::npos) {
      std::string found = kept_.substr(0, at + text.size());
      kept_.erase(0, found.size());
      return found;
    }
    if (!fill())
      return {};
  }
}

raw_response raw_client::response(expect what) {
  raw_response answer;
  answer.head = read_until("\r\n\r\n");
  if (answer.head.size() < 12)
    return {};
  answer.status = std::stoi(answer.head.substr(9, 3));
  const auto take = [this](std::size_t bytes) {
    while (kept_.size() < bytes)
      if (!fill())
        break;
    std::string taken = kept_.substr(0, bytes);
    kept_.erase(0, bytes);
    return taken;
  };
  if (what == expect::head_only || answer.status < 200)
    return answer;
  if (answer.header("Transfer-Encoding") == "chunked") {
    for (;;) {
      const std::size_t size = std::stoul("0" + read_until("\r\n"), nullptr, 16);
      answer.body += take(size);
      read_until("\r\n");
      if (size == 0)
        return answer;
    }
  }
  if (const std::string length = answer.header("Content-Length"); !length.empty()) {
    answer.body = take(std::stoul(length));
    if (answer.body.size() < std::stoul(length))
      answer.status = 0;
  }
  return answer;
}

bool raw_client::is_closed_by_peer() {
  try {
    while (fill()) {
    }
    return true;
  } catch (const std::runtime_error&) {
    return false;
  }
}

raw_response ask(std::uint16_t port, std::string_view bytes) {
  return raw_client{port}.send(bytes).response();
}

} // namespace crm::test
