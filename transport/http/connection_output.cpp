// SPDX-License-Identifier: Apache-2.0
// The sending side of a connection: answers, streams, deadlines of slow readers, the end.
#include "transport/http/connection.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace crm::transport {

namespace {

/// Bodies up to this size are copied behind their head; larger ones are sent from where they are.
constexpr std::size_t copied_body_bytes_max = 16 * 1024;

} // namespace

void connection::on_answer(http_response response) {
  answer_call(std::move(response));
  advance();
}

void connection::on_drop() {
  on_answer(refusal_response(call_dropped));
}

void connection::on_stream_head(http_response head) {
  open_stream(std::move(head));
  advance();
}

void connection::on_stream_data(std::string_view bytes) {
  if (phase_ != phase::streaming)
    return;
  write_stream_bytes(bytes);
  stream_bytes_ += bytes.size();
  flush();
}

void connection::on_stream_end() {
  if (phase_ != phase::streaming)
    return;
  if (stream_framing_ == body_framing::chunks)
    loop_.outgoing.append("0\r\n\r\n");
  loop_counters::subtract(loop_.counters.streams_open);
  end_call();
  finish_answer();
  advance();
}

void connection::on_stream_cut() {
  loop_counters::add(loop_.counters.streams_cut);
  abandon();
}

void connection::answer_call(http_response response) {
  end_call();
  write_response(std::move(response));
}

void connection::refuse(refusal why) {
  loop_counters::add(loop_.counters.refused);
  after_answer_ = persistence::close;
  linger_ = true;
  head_only_ = partial_ && partial_->request().method == "HEAD";
  partial_.reset();
  write_response(refusal_response(why));
}

void connection::write_response(http_response response) {
  if (loop_.state == service::draining)
    after_answer_ = persistence::close;
  append_head(loop_.outgoing, response, body_framing::length, after_answer_, loop_.date_line);
  if (!head_only_ && status_has_body(response.status)) {
    if (response.body.size() <= copied_body_bytes_max) {
      loop_.outgoing.append(response.body);
    } else {
      unsent_ = unsent_ ? std::move(unsent_) : std::make_unique<send_queue>();
      unsent_->push(loop_.outgoing);
      unsent_->push(std::move(response.body));
      loop_.outgoing.clear();
    }
  }
  finish_answer();
}

void connection::finish_answer() {
  if (after_answer_ == persistence::close) {
    phase_ = phase::closing;
    return;
  }
  phase_ = phase::reading;
  park();
}

void connection::open_stream(http_response head) {
  stream_framing_ = http_1_0_ ? body_framing::connection_end : body_framing::chunks;
  if (loop_.state == service::draining || http_1_0_)
    after_answer_ = persistence::close;
  append_head(loop_.outgoing, head, stream_framing_, after_answer_, loop_.date_line);
  loop_counters::add(loop_.counters.streams_open);
  phase_ = phase::streaming;
  if (head_only_ || loop_.state == service::draining) {
    stream_framing_ = head_only_ ? body_framing::connection_end : stream_framing_;
    call_->peer_left();
    on_stream_end();
    return;
  }
  probe_silent_peer(wire_.descriptor());
  write_stream_bytes(head.body);
}

void connection::write_stream_bytes(std::string_view bytes) {
  if (bytes.empty())
    return;
  if (stream_framing_ == body_framing::connection_end) {
    loop_.outgoing.append(bytes);
    return;
  }
  std::array<char, 16> size{};
  const auto end = std::to_chars(size.data(), size.data() + size.size(), bytes.size(), 16).ptr;
  loop_.outgoing.append(size.data(), static_cast<std::size_t>(end - size.data()));
  loop_.outgoing.append("\r\n").append(bytes).append("\r\n");
}

/// Gives the call back: its holder can no longer reach this connection.
void connection::end_call() {
  loop_counters::subtract(loop_.counters.in_flight);
  call_->settle();
  call_.reset();
  call_body_bytes_ = 0;
  stream_bytes_ = 0;
}

/// Sends what is gathered and what is queued, as far as the kernel takes it.
void connection::flush() {
  if (phase_ == phase::closed || phase_ == phase::handshaking) {
    loop_.outgoing.clear();
    return;
  }
  if (unsent_ && !unsent_->empty()) {
    unsent_->push(loop_.outgoing);
    const io_outcome went = unsent_->flush(wire_);
    sent(went.bytes, went.state);
  } else if (!loop_.outgoing.empty()) {
    const io_outcome went = wire_.send(loop_.outgoing);
    if (went.bytes < loop_.outgoing.size() && went.state != io_state::failed) {
      unsent_ = unsent_ ? std::move(unsent_) : std::make_unique<send_queue>();
      unsent_->push(loop_.outgoing.substr(went.bytes));
    }
    sent(went.bytes, went.state);
  } else if (phase_ == phase::closing) {
    begin_close();
  }
  loop_.outgoing.clear();
}

void connection::sent(std::size_t bytes, io_state state) {
  loop_counters::add(loop_.counters.bytes_sent, bytes);
  if (state == io_state::failed) {
    abandon();
    return;
  }
  const std::size_t waiting = unsent_ ? unsent_->bytes() : 0;
  if (call_ && stream_bytes_ > waiting) {
    call_->stream_bytes_waiting.fetch_sub(stream_bytes_ - waiting);
    stream_bytes_ = waiting;
  }
  window_bytes_ += bytes;
  if (waiting == 0)
    all_sent();
  else if (!peer_is_slow_)
    wait_for_reader();
  account();
}

/// Bytes have to wait for the first time: the peer's window begins.
void connection::wait_for_reader() {
  peer_is_slow_ = true;
  if (phase_ == phase::reading)
    phase_ = phase::flushing;
  window_bytes_ = 0;
  window_bytes_min_ = std::min(loop_.limits().write_window_bytes_min, unsent_->bytes());
  arm(loop_.limits().write_window_ms);
}

void connection::all_sent() {
  unsent_.reset();
  if (std::exchange(peer_is_slow_, false) && phase_ == phase::streaming)
    disarm();
  if (phase_ == phase::flushing) {
    phase_ = after_answer_ == persistence::close ? phase::closing : phase::reading;
    park();
  }
  if (phase_ == phase::closing)
    begin_close();
}

void connection::begin_close() {
  // Closing over unread bytes sends a reset that can overtake the answer.
  if (!linger_ && kept_.empty() && !readable_) {
    if (wire_.is_secure())
      wire_.finish_sending(); // without it, TLS takes the end for an attack
    close();
    return;
  }
  phase_ = phase::lingering;
  kept_ = {};
  partial_.reset();
  wire_.finish_sending();
  arm(loop_.limits().linger_timeout_ms);
  readable_ = true;
  discard_input();
}

void connection::discard_input() {
  while (phase_ == phase::lingering && readable_) {
    const io_outcome got = wire_.receive(loop_.received.data(), loop_.received.size());
    discarded_bytes_ += got.bytes;
    if (got.state == io_state::would_block)
      readable_ = false;
    else if (got.state != io_state::done || discarded_bytes_ > loop_.limits().linger_bytes_max)
      close();
  }
}

void connection::abandon() {
  if (phase_ == phase::closed)
    return;
  if (call_) {
    if (phase_ == phase::streaming)
      loop_counters::subtract(loop_.counters.streams_open);
    const call_ref call = call_;
    call->peer_left();
    end_call();
  }
  close();
}

void connection::close() {
  if (phase_ == phase::closed)
    return;
  phase_ = phase::closed;
  partial_.reset();
  unsent_.reset();
  kept_ = {};
  account();
  disarm();
  loop_.deadlines.forget(slot_);
  wire_.close();
}

void connection::arm(std::chrono::milliseconds timeout) {
  deadline_ = loop_.now + timeout;
  // A deadline that moves away costs nothing: the wheel's older entry asks again when it is due.
  const auto set = loop_.deadlines.deadline_of(slot_);
  if (!set || deadline_ < *set - timer_wheel::tick)
    loop_.deadlines.set(slot_, deadline_);
}

void connection::disarm() {
  deadline_ = time_point::max();
}

void connection::park() {
  arm(loop_.limits().idle_timeout_ms);
}

/// Reports to all loops how many bytes this connection holds.
void connection::account() {
  const std::size_t held = (partial_ ? partial_->request().body.size() : 0) + kept_.size()
                           + (unsent_ ? unsent_->bytes() : 0) + call_body_bytes_;
  if (held == accounted_bytes_)
    return;
  loop_.shared.bytes_buffered.fetch_add(held - accounted_bytes_, std::memory_order_relaxed);
  accounted_bytes_ = held;
}

} // namespace crm::transport
