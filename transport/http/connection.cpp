// SPDX-License-Identifier: Apache-2.0
// The receiving side of a connection, from its first byte to the call of a route. The sending side
// is in connection_output.cpp.
#include "transport/http/connection.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <sys/epoll.h>

namespace crm::transport {

namespace {

/// Receives after which a connection lets others have their turn.
constexpr int receives_per_turn = 16;
/// Bytes of answers that are gathered before they are sent, while requests keep coming.
constexpr std::size_t gathered_bytes_max = 64 * 1024;

constexpr refusal too_many_connections{503, "there are too many connections; try again"};
constexpr refusal memory_is_full{503, "the server holds as much as it can; try again"};
constexpr refusal admit_failed{500, "the server failed on this request"};
constexpr refusal handler_failed{500, "the server failed on this request; its outcome is unknown"};

/// Fifteen digits, so that the text needs no memory of its own.
std::string request_id(std::uint32_t process_mark, std::uint32_t loop, std::uint64_t number) {
  constexpr std::string_view hex = "0123456789abcdef";
  std::string id(15, '0');
  const auto put = [&](std::size_t at, std::size_t digits, std::uint64_t value) {
    for (std::size_t i = digits; i-- > 0; value >>= 4U)
      id[at + i] = hex[value & 15U];
  };
  put(0, 5, process_mark);
  put(5, 1, loop);
  put(6, 9, number);
  return id;
}

/// A failure of ours: the id lets the operator find what the client is not told.
http_response failure_response(const refusal& why, const std::string& id) {
  http_response answer = refusal_response(why);
  answer.headers.push_back({"X-Request-Id", id});
  return answer;
}

} // namespace

connection::connection(loop_context& loop, std::uint32_t slot, accepted_socket socket,
                       connection_purpose purpose)
    : loop_(loop), wire_({}, nullptr), peer_(std::move(socket.peer)), slot_(slot),
      purpose_(purpose) {
  const int descriptor = socket.descriptor.get();
  const tls_identity* tls = loop.shared.tls.get();
  const bool secure = tls != nullptr && purpose == connection_purpose::serve;
  wire_ = wire{std::move(socket.descriptor), secure ? tls->open_session(descriptor) : nullptr};
}

connection::~connection() {
  close();
}

void connection::begin() {
  if (purpose_ == connection_purpose::shed) {
    // To a client that speaks TLS, an answer in the clear would be noise.
    if (!loop_.shared.tls)
      refuse(too_many_connections);
    else
      begin_close();
  } else if (wire_.is_secure()) {
    phase_ = phase::handshaking;
    arm(loop_.limits().handshake_timeout_ms);
  } else {
    park();
  }
  flush();
}

void connection::on_events(std::uint32_t events) {
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) {
    abandon();
    return;
  }
  if ((events & EPOLLIN) != 0)
    readable_ = true;
  if ((events & EPOLLRDHUP) != 0) {
    // A client that half-closes behind its request may still read the answer, so one that finished
    // before the call began is served; one that leaves during the call has given up on it.
    peer_finished_ = true;
    readable_ = true;
    if (phase_ == phase::streaming) {
      abandon();
      return;
    }
    if (phase_ == phase::calling)
      call_->peer_left();
  }
  // TLS may want to write before it can read on, and the other way round.
  if ((events & EPOLLOUT) != 0 && wire_.is_secure())
    readable_ = true;
  on_turn();
}

void connection::on_turn() {
  if (phase_ == phase::handshaking)
    handshake();
  flush();
  if (phase_ == phase::lingering)
    discard_input();
  advance();
}

void connection::handshake() {
  switch (wire_.handshake()) {
  case io_state::done:
    phase_ = phase::reading;
    readable_ = true;
    park();
    break;
  case io_state::would_block:
    break;
  case io_state::finished:
  case io_state::failed:
    close();
    break;
  }
}

void connection::advance() {
  // A reader that waits for the rest of a request has seen all that is kept.
  if (phase_ == phase::reading && !kept_.empty() && !partial_) {
    // Moved out, because what is not consumed is kept anew.
    const std::string kept = std::exchange(kept_, {});
    take_in(kept);
  }
  for (int receives = 0; phase_ == phase::reading && readable_; ++receives) {
    if (receives == receives_per_turn || loop_.outgoing.size() > gathered_bytes_max) {
      loop_.ready.push_back(slot_);
      break;
    }
    if (!receive())
      break;
  }
  flush();
  if (phase_ == phase::reading && !kept_.empty() && !partial_)
    loop_.ready.push_back(slot_);
  const bool nothing_begun = kept_.empty() && !partial_;
  if (phase_ == phase::reading && !readable_ && loop_.state == service::draining && nothing_begun)
    begin_close();
  else if (phase_ == phase::reading && !readable_ && peer_finished_ && (nothing_begun || partial_))
    close();
  account();
}

bool connection::receive() {
  const io_outcome got = wire_.receive(loop_.received.data(), loop_.received.size());
  switch (got.state) {
  case io_state::done:
    break;
  case io_state::would_block:
    readable_ = false;
    return false;
  case io_state::finished:
    peer_finished_ = true;
    readable_ = false;
    return false;
  case io_state::failed:
    abandon();
    return false;
  }
  loop_counters::add(loop_.counters.bytes_received, got.bytes);
  // A short read has emptied the socket (epoll(7)); only the peer's end could be behind it.
  if (got.bytes < loop_.received.size() && !peer_finished_ && !wire_.is_secure())
    readable_ = false;
  const std::string_view bytes{loop_.received.data(), got.bytes};
  if (kept_.empty()) {
    take_in(bytes);
  } else {
    const std::string whole = std::exchange(kept_, {}).append(bytes);
    take_in(whole);
  }
  return phase_ == phase::reading;
}

void connection::take_in(std::string_view bytes) {
  const std::size_t used = serve(bytes);
  if (phase_ != phase::closed && phase_ != phase::lingering && phase_ != phase::closing)
    kept_.assign(bytes.substr(used));
  else
    linger_ = linger_ || used < bytes.size();
}

std::size_t connection::serve(std::string_view bytes) {
  std::size_t used = 0;
  while (phase_ == phase::reading && loop_.outgoing.size() <= gathered_bytes_max
         && (used < bytes.size() || partial_))
    if (!read_request(bytes, used))
      break;
  return used;
}

/// Reads on in the current request, or begins one; returns whether it was completed.
bool connection::read_request(std::string_view bytes, std::size_t& used) {
  // Most requests come in one piece: their reader lives here, and nothing is kept.
  request_reader fresh{loop_.limits()};
  request_reader& reader = partial_ ? *partial_ : fresh;
  for (;;) {
    const reading_step step = reader.read(bytes.substr(used));
    used += step.consumed;
    switch (step.state) {
    case reading::needs_more:
      wait_for_rest(reader);
      return false;
    case reading::head_complete:
      if (!admit(reader, used < bytes.size()))
        return phase_ == phase::reading;
      break;
    case reading::complete:
      dispatch(reader);
      return true;
    case reading::refused:
      refuse(reader.why());
      return false;
    }
  }
}

void connection::wait_for_rest(request_reader& reader) {
  const bool is_new = !partial_;
  if (is_new) {
    partial_ = std::make_unique<request_reader>(std::move(reader));
    if (!partial_->head_done())
      arm(loop_.limits().head_timeout_ms);
  }
  if (!partial_->head_done())
    return;
  if (body_deadline_ == time_point::max()) {
    body_deadline_ = loop_.now + loop_.limits().body_timeout_ms;
    window_bytes_ = partial_->request().body.size();
    window_bytes_min_ = window_bytes_ + loop_.limits().body_window_bytes_min;
    arm(std::min(loop_.limits().body_window_ms, loop_.limits().body_timeout_ms));
  }
  window_bytes_ = partial_->request().body.size();
  account();
  if (loop_.shared.bytes_buffered.load(std::memory_order_relaxed)
      > loop_.limits().buffered_bytes_max) {
    loop_counters::add(loop_.counters.requests_shed);
    refuse(memory_is_full);
  }
}

/// Decides about a request by its head; answers it and returns false when it is not to go on.
bool connection::admit(request_reader& reader, bool body_is_here) {
  http_request& request = reader.request();
  request.peer = peer_;
  request.via = wire_.is_secure() ? scheme::https : scheme::http;
  request.id = request_id(loop_.shared.process_mark, loop_.loop_number, ++loop_.requests_begun);
  if (!loop_.shared.proxies.empty())
    loop_.shared.proxies.apply(request);
  route_ = loop_.routes.find(request.method, request.path);
  if (route_ == route_table::npos)
    return refuse_unrouted(reader);
  const route& target = loop_.routes.at(route_);
  if (reader.limit_body(target.body_bytes_max) == reading::refused) {
    refuse(reader.why());
    return false;
  }
  if (target.admit) {
    try {
      if (auto answer = target.admit(request)) {
        turn_away(reader, std::move(*answer));
        return false;
      }
    } catch (...) { // whatever it says is not for the client
      loop_counters::add(loop_.counters.handlers_failed);
      turn_away(reader, failure_response(admit_failed, request.id));
      return false;
    }
  }
  if (reader.expects_continue() && reader.has_body() && !body_is_here && !reader.is_http_1_0())
    loop_.outgoing.append("HTTP/1.1 100 Continue\r\n\r\n");
  return true;
}

bool connection::refuse_unrouted(const request_reader& reader) {
  loop_counters::add(loop_.counters.refused);
  const std::string allowed = loop_.routes.allowed_methods(reader.request().path);
  if (allowed.empty()) {
    turn_away(reader, refusal_response({404, "there is nothing at this path"}));
    return false;
  }
  http_response answer =
      refusal_response({405, "this path does not know the method; Allow lists those it knows"});
  answer.headers.push_back({"Allow", allowed});
  turn_away(reader, std::move(answer));
  return false;
}

/// Answers a request whose body has not been read. Only without one can the connection go on.
void connection::turn_away(const request_reader& reader, http_response answer) {
  begin_call(reader);
  if (reader.has_body()) {
    after_answer_ = persistence::close;
    linger_ = true;
  }
  partial_.reset();
  write_response(std::move(answer));
}

void connection::begin_call(const request_reader& reader) {
  const bool is_last =
      ++served_ >= loop_.limits().connection_requests_max || loop_.state == service::draining;
  after_answer_ = is_last ? persistence::close : reader.after_answer();
  head_only_ = reader.request().method == "HEAD";
  http_1_0_ = reader.is_http_1_0();
  body_deadline_ = time_point::max();
}

void connection::dispatch(request_reader& reader) {
  begin_call(reader);
  if (loop_.shared.bytes_buffered.load(std::memory_order_relaxed)
      > loop_.limits().buffered_bytes_max) {
    loop_counters::add(loop_.counters.requests_shed);
    partial_.reset();
    write_response(refusal_response(memory_is_full));
    return;
  }
  loop_counters::add(loop_.counters.requests);
  loop_counters::add(loop_.counters.in_flight);
  http_request request = reader.take();
  const std::string id = request.id;
  partial_.reset();
  call_body_bytes_ = request.body.size();
  call_ = std::make_shared<call_state>();
  call_->home = loop_.letters;
  call_->slot = slot_;
  call_->stream_buffer_bytes_max = loop_.limits().stream_buffer_bytes_max;
  phase_ = phase::calling;
  disarm();
  run_outcome outcome = run_outcome::returned;
  {
    const dispatch_scope scope{*call_};
    outcome = loop_.routes.run(route_, std::move(request), exchange{call_});
  }
  handle_inside_mail(outcome, id);
}

/// Takes the answer that the route gave before it returned, if it did.
void connection::handle_inside_mail(run_outcome outcome, const std::string& id) {
  auto inside = std::exchange(call_->answered_inside, std::nullopt);
  if (outcome == run_outcome::threw)
    loop_counters::add(loop_.counters.handlers_failed);
  if (!inside)
    return;
  if (auto* answer = std::get_if<answer_mail>(&*inside)) {
    answer_call(std::move(answer->response));
  } else if (auto* stream = std::get_if<stream_head_mail>(&*inside)) {
    open_stream(std::move(stream->head));
  } else {
    answer_call(outcome == run_outcome::threw ? failure_response(handler_failed, id)
                                              : refusal_response(call_dropped));
  }
}

void connection::on_deadline() {
  if (deadline_ == time_point::max())
    return;
  if (loop_.now < deadline_) {
    loop_.deadlines.set(slot_, deadline_);
    return;
  }
  disarm();
  switch (phase_) {
  case phase::reading:
    if (!partial_ || !partial_->started()) {
      begin_close();
    } else if (!partial_->head_done()) {
      refuse({408, "the head of the request did not come in time"});
    } else if (loop_.now >= body_deadline_ || window_bytes_ < window_bytes_min_) {
      refuse({408, "the body of the request did not come in time"});
    } else {
      window_bytes_min_ = window_bytes_ + loop_.limits().body_window_bytes_min;
      arm(std::min(loop_.limits().body_window_ms,
                   std::chrono::ceil<std::chrono::milliseconds>(body_deadline_ - loop_.now)));
    }
    flush();
    account();
    break;
  case phase::streaming:
  case phase::flushing:
  case phase::closing:
    if (window_bytes_ < window_bytes_min_) {
      abandon();
      break;
    }
    window_bytes_ = 0;
    window_bytes_min_ = std::min(loop_.limits().write_window_bytes_min, unsent_->bytes());
    arm(loop_.limits().write_window_ms);
    break;
  case phase::handshaking:
  case phase::lingering:
    close();
    break;
  case phase::calling:
  case phase::closed:
    break;
  }
}

void connection::on_drain() {
  switch (phase_) {
  case phase::handshaking:
  case phase::lingering:
    close();
    break;
  case phase::reading:
    if (readable_ || !kept_.empty() || partial_)
      on_turn();
    else
      begin_close();
    break;
  case phase::calling:
  case phase::flushing:
    after_answer_ = persistence::close;
    break;
  case phase::streaming:
    after_answer_ = persistence::close;
    call_->peer_left();
    on_stream_end();
    break;
  case phase::closing:
  case phase::closed:
    break;
  }
}

} // namespace crm::transport
