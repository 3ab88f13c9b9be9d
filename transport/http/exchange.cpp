// SPDX-License-Identifier: Apache-2.0
#include "transport/http/exchange.hpp"

#include "transport/http/mailbox.hpp"

namespace crm::transport {

namespace {

bool has_left(const call_ref& call) {
  return call && call->gone.load(std::memory_order_acquire);
}

} // namespace

bool peer_watch::gone() const {
  return has_left(call_);
}

void peer_watch::on_gone(std::function<void()> notice) {
  if (!call_)
    return;
  {
    const std::lock_guard lock{call_->guard};
    if (!call_->gone.load(std::memory_order_relaxed)) {
      call_->on_gone.swap(notice);
      return;
    }
  }
  notice();
}

response_stream& response_stream::operator=(response_stream&& other) noexcept {
  if (this != &other) {
    close();
    call_ = std::move(other.call_);
  }
  return *this;
}

bool response_stream::write(std::string bytes) {
  if (!call_ || has_left(call_))
    return false;
  if (bytes.empty())
    return true;
  const std::size_t added = bytes.size();
  const std::size_t before = call_->stream_bytes_waiting.fetch_add(added);
  if (before + added > call_->stream_buffer_bytes_max) {
    if (before <= call_->stream_buffer_bytes_max)
      call_->send_home(stream_cut_mail{call_});
    return false;
  }
  call_->send_home(stream_data_mail{call_, std::move(bytes)});
  return true;
}

void response_stream::close() {
  if (const call_ref call = std::move(call_))
    call->send_home(stream_end_mail{call});
}

exchange& exchange::operator=(exchange&& other) noexcept {
  if (this != &other) {
    drop();
    call_ = std::move(other.call_);
  }
  return *this;
}

bool exchange::gone() const {
  return has_left(call_);
}

void exchange::respond(http_response answer) {
  if (const call_ref call = std::move(call_))
    call->send_home(answer_mail{call, std::move(answer)});
}

response_stream exchange::open_stream(http_response head) {
  const call_ref call = std::move(call_);
  if (call)
    call->send_home(stream_head_mail{call, std::move(head)});
  return response_stream{call};
}

void exchange::drop() {
  if (const call_ref call = std::move(call_))
    call->send_home(drop_mail{call});
}

} // namespace crm::transport
