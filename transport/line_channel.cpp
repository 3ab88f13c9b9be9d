// SPDX-License-Identifier: Apache-2.0
#include "transport/line_channel.hpp"

#include "protocol/limits.hpp"

#include <array>
#include <cerrno>
#include <utility>

#include <sys/socket.h>
#include <unistd.h>

namespace crm::transport {

void line_channel::start() {
  writer_ = std::thread{[this] { write_lines(); }};
  reader_ = std::thread{[this] { read_lines(); }};
}

line_channel::~line_channel() {
  close();
  if (reader_.joinable())
    reader_.join();
  if (writer_.joinable())
    writer_.join();
  ::close(socket_);
}

bool line_channel::send(std::string line) {
  const std::lock_guard lock{guard_};
  if (closed_ || unsent_bytes_ + line.size() > limits::local_unsent_bytes_max)
    return false;
  line += '\n';
  unsent_bytes_ += line.size();
  unsent_.push_back(std::move(line));
  changed_.notify_one();
  return true;
}

void line_channel::close() {
  const std::lock_guard lock{guard_};
  closed_ = true;
  ::shutdown(socket_, SHUT_RDWR);
  changed_.notify_one();
}

void line_channel::read_lines() {
  std::string line;
  std::array<char, 64 * 1024> buffer{};
  for (;;) {
    const auto size = ::recv(socket_, buffer.data(), buffer.size(), 0);
    if (size < 0 && errno == EINTR)
      continue;
    if (size <= 0)
      break;
    std::string_view rest(buffer.data(), static_cast<std::size_t>(size));
    for (auto end = rest.find('\n'); end != rest.npos; end = rest.find('\n')) {
      line += rest.substr(0, end);
      on_line_(std::exchange(line, {}));
      rest.remove_prefix(end + 1);
    }
    line += rest;
    if (line.size() > limits::local_line_bytes_max)
      break; // no peer of ours sends this
  }
  close();
  on_closed_();
}

void line_channel::write_lines() {
  for (;;) {
    std::string text;
    {
      std::unique_lock lock{guard_};
      changed_.wait(lock, [this] { return closed_ || !unsent_.empty(); });
      if (closed_)
        return;
      text = std::move(unsent_.front());
      unsent_.pop_front();
      unsent_bytes_ -= text.size();
    }
    if (!write_all(text))
      return close();
  }
}

bool line_channel::write_all(const std::string& text) {
  for (std::size_t sent = 0; sent < text.size();) {
    const auto size = ::send(socket_, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (size < 0 && errno == EINTR)
      continue;
    if (size <= 0)
      return false;
    sent += static_cast<std::size_t>(size);
  }
  return true;
}

} // namespace crm::transport
