// SPDX-License-Identifier: Apache-2.0
// One client connection: requests in, answers out, in order, one at a time. It holds next to
// nothing while it is parked. It lives on its loop's thread and never blocks; what the outside
// wants of it comes as mail through the loop.
#pragma once

#include "transport/http/loop_context.hpp"
#include "transport/http/request_reader.hpp"
#include "transport/http/response_writer.hpp"
#include "transport/http/wire.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace crm::transport {

/// Why a connection was taken on.
enum class connection_purpose : std::uint8_t {
  serve,
  /// To be told that there are too many.
  shed,
};

/// A connection of one event loop. Every `on_` function may leave it closed.
class connection {
public:
  connection(loop_context& loop, std::uint32_t slot, accepted_socket socket,
             connection_purpose purpose);
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  ~connection();

  bool is_open() const { return wire_.is_open(); }
  int descriptor() const { return wire_.descriptor(); }
  connection_purpose purpose() const { return purpose_; }
  /// Returns whether `call` is the one that the connection waits for.
  bool awaits(const call_ref& call) const { return call_ == call; }

  /// Begins: a handshake, or the farewell of one that is shed.
  void begin();
  /// The kernel reports EPOLL events.
  void on_events(std::uint32_t events);
  /// Goes on where it stopped in favour of others.
  void on_turn();
  void on_deadline();
  void on_drain();

  /// The mail for the call that it awaits.
  void on_answer(http_response response);
  void on_drop();
  void on_stream_head(http_response head);
  void on_stream_data(std::string_view bytes);
  void on_stream_end();
  void on_stream_cut();

  /// Closes now, whatever is under way.
  void abandon();

private:
  enum class phase : std::uint8_t {
    handshaking,
    /// Parked, or in the midst of a request.
    reading,
    /// A route has the request.
    calling,
    /// A route writes the body of an answer.
    streaming,
    /// The peer has to take an answer before it may ask again.
    flushing,
    /// The last answer is under way.
    closing,
    /// All is said; the peer may still be sending.
    lingering,
    closed,
  };

  void handshake();
  void advance();
  bool receive();
  void take_in(std::string_view bytes);
  std::size_t serve(std::string_view bytes);
  bool read_request(std::string_view bytes, std::size_t& used);
  bool admit(request_reader& reader, bool body_is_here);
  bool refuse_unrouted(const request_reader& reader);
  void wait_for_rest(request_reader& reader);
  void dispatch(request_reader& reader);
  void begin_call(const request_reader& reader);
  void handle_inside_mail(run_outcome outcome, const std::string& id);
  void refuse(refusal why);
  void turn_away(const request_reader& reader, http_response answer);

  void answer_call(http_response response);
  void open_stream(http_response head);
  void write_response(http_response response);
  void finish_answer();
  void write_stream_bytes(std::string_view bytes);
  void end_call();
  void flush();
  void sent(std::size_t bytes, io_state state);
  void wait_for_reader();
  void all_sent();
  void begin_close();
  void discard_input();
  void close();

  void arm(std::chrono::milliseconds timeout);
  void disarm();
  void park();
  void account();

  loop_context& loop_;
  wire wire_;
  std::string peer_;
  std::uint32_t slot_;
  std::uint32_t served_ = 0;
  std::size_t route_ = route_table::npos;

  /// The request whose bytes have not all come.
  std::unique_ptr<request_reader> partial_;
  /// Bytes received that no request has consumed.
  std::string kept_;
  std::unique_ptr<send_queue> unsent_;
  call_ref call_;

  /// When to look at the connection again; max() for never.
  time_point deadline_ = time_point::max();
  /// The end of all patience with a body, whatever its rate.
  time_point body_deadline_ = time_point::max();
  /// Progress in the current window of a slow body or a slow reader, and what it has to be.
  std::size_t window_bytes_ = 0;
  std::size_t window_bytes_min_ = 0;

  std::size_t call_body_bytes_ = 0;
  std::size_t accounted_bytes_ = 0;
  /// Bytes of the stream handed to the wire or its queue, not yet reported as sent.
  std::size_t stream_bytes_ = 0;
  std::size_t discarded_bytes_ = 0;

  phase phase_ = phase::reading;
  connection_purpose purpose_;
  persistence after_answer_ = persistence::keep_alive;
  body_framing stream_framing_ = body_framing::chunks;
  bool head_only_ = false;
  bool http_1_0_ = false;
  /// The kernel may have bytes for us.
  bool readable_ = false;
  /// The peer has closed its side.
  bool peer_finished_ = false;
  /// Bytes wait for the peer to read, and the time it takes is watched.
  bool peer_is_slow_ = false;
  /// Bytes may come that nobody will read.
  bool linger_ = false;
};

} // namespace crm::transport
