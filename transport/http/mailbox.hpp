// SPDX-License-Identifier: Apache-2.0
// How other threads reach an event loop: they leave mail, and wake the loop if it sleeps. The
// mailbox outlives the loop, so an answer that comes too late has a place to get lost in.
#pragma once

#include "transport/http/http_message.hpp"
#include "transport/http/socket.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace crm::transport {

struct call_state;
using call_ref = std::shared_ptr<call_state>;

/// An answer to a call.
struct answer_mail {
  call_ref call;
  http_response response;
};
/// The exchange of a call was dropped.
struct drop_mail {
  call_ref call;
};
/// A call is answered by a stream that begins with `head`.
struct stream_head_mail {
  call_ref call;
  http_response head;
};
/// Bytes of a stream.
struct stream_data_mail {
  call_ref call;
  std::string bytes;
};
/// The proper end of a stream.
struct stream_end_mail {
  call_ref call;
};
/// The reader of a stream fell behind: cut it.
struct stream_cut_mail {
  call_ref call;
};
/// A connection that another loop accepted.
struct connection_mail {
  accepted_socket socket;
};
/// Accept no more, finish what is begun.
struct drain_mail {};
/// Close everything now.
struct stop_mail {};

using mail = std::variant<answer_mail, drop_mail, stream_head_mail, stream_data_mail,
                          stream_end_mail, stream_cut_mail, connection_mail, drain_mail, stop_mail>;

/// Whether a loop that found no mail may sleep.
enum class mail_check : std::uint8_t { mail_waits, may_sleep };

/// The queue of one event loop. Every function may be called from any thread unless it says else.
class mailbox {
public:
  mailbox();

  /// Leaves `letter`; it is destroyed unread when the loop has ended.
  void post(mail letter);

  /// Wakes the loop, so that it looks at its clock again.
  void wake();

  /// Moves all mail to `letters`. Loop only.
  void collect(std::vector<mail>& letters);

  /// Announces that the loop is going to sleep unless mail waits. Loop only.
  mail_check before_sleep();

  /// Announces that the loop is awake and looks for mail by itself. Loop only.
  void after_sleep();

  /// Refuses mail from now on, and destroys what is left. Loop only.
  void close();

  /// Returns the descriptor that becomes readable when the loop is woken.
  int descriptor() const { return wake_descriptor_.get(); }

private:
  void signal() const;

  unique_descriptor wake_descriptor_;
  std::mutex guard_;
  std::vector<mail> letters_;
  bool asleep_ = false;
  bool closed_ = false;
};

/// What a loop and the holder of an exchange share about one call.
struct call_state {
  std::shared_ptr<mailbox> home;
  /// The connection's place in its loop.
  std::uint32_t slot = 0;
  std::size_t stream_buffer_bytes_max = 0;
  /// Bytes of the stream that were written and that the kernel has not taken.
  std::atomic<std::size_t> stream_bytes_waiting{0};
  std::atomic<bool> gone{false};

  std::mutex guard;
  std::function<void()> on_gone;

  /// The first mail, when it was sent from within the route on the loop's own thread.
  std::optional<mail> answered_inside;

  /// Marks the client as gone and gives notice.
  void peer_left();
  /// Forgets the notice: the client was served.
  void settle();
  /// Sends `letter` home, without the detour when the route is still running.
  void send_home(mail letter);
};

/// While it lives, mail of `call` from this thread is kept in the call instead of being posted.
class dispatch_scope {
public:
  explicit dispatch_scope(const call_state& call);
  dispatch_scope(const dispatch_scope&) = delete;
  dispatch_scope& operator=(const dispatch_scope&) = delete;
  ~dispatch_scope();
};

} // namespace crm::transport
