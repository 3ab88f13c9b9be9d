// SPDX-License-Identifier: Apache-2.0
#include "transport/http/wire.hpp"

#include <array>
#include <cerrno>
#include <sys/socket.h>
#include <sys/uio.h>

namespace crm::transport {

namespace {

io_state state_of_errno() {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? io_state::would_block
                                                                   : io_state::failed;
}

iovec as_iovec(std::string_view bytes) {
  return {const_cast<char*>(bytes.data()), bytes.size()}; // sendmsg(2) only reads them
}

} // namespace

io_state wire::handshake() {
  return security_ ? security_->handshake() : io_state::done;
}

io_outcome wire::receive(char* into, std::size_t bytes_max) {
  if (security_)
    return security_->read(into, bytes_max);
  const ssize_t count = ::recv(descriptor_.get(), into, bytes_max, 0);
  if (count > 0)
    return {io_state::done, static_cast<std::size_t>(count)};
  return {count == 0 ? io_state::finished : state_of_errno(), 0};
}

io_outcome wire::send(std::string_view text, std::string_view more) {
  if (security_) {
    io_outcome total{io_state::done, 0};
    for (std::string_view left : {text, more}) {
      while (!left.empty()) {
        const io_outcome sent = security_->write(left);
        if (sent.state != io_state::done)
          return {sent.state, total.bytes};
        total.bytes += sent.bytes;
        left.remove_prefix(sent.bytes);
      }
    }
    return total;
  }
  std::array<iovec, 2> parts{as_iovec(text), as_iovec(more)};
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = more.empty() ? 1 : 2;
  const ssize_t count = ::sendmsg(descriptor_.get(), &message, MSG_NOSIGNAL);
  if (count < 0)
    return {state_of_errno(), 0};
  const auto bytes = static_cast<std::size_t>(count);
  return {bytes == text.size() + more.size() ? io_state::done : io_state::would_block, bytes};
}

void wire::finish_sending() {
  if (security_)
    security_->finish();
  ::shutdown(descriptor_.get(), SHUT_WR);
}

void wire::close() {
  security_.reset();
  descriptor_.reset();
}

void send_queue::push(std::string part) {
  if (part.empty())
    return;
  bytes_ += part.size();
  parts_.push_back(std::move(part));
}

io_outcome send_queue::flush(wire& to) {
  std::size_t total = 0;
  while (!parts_.empty()) {
    const std::string_view first = std::string_view{parts_.front()}.substr(sent_);
    const std::string_view second = parts_.size() > 1 ? std::string_view{parts_[1]} : "";
    const io_outcome went = to.send(first, second);
    total += went.bytes;
    bytes_ -= went.bytes;
    sent_ += went.bytes;
    while (!parts_.empty() && sent_ >= parts_.front().size()) {
      sent_ -= parts_.front().size();
      parts_.pop_front();
    }
    if (went.state != io_state::done)
      return {went.state, total};
  }
  return {io_state::done, total};
}

} // namespace crm::transport
