// SPDX-License-Identifier: Apache-2.0
// One thread that waits for all its sockets at once (epoll) and serves whichever has something to
// do. Nothing in it blocks, so one loop carries thousands of connections. One loop of a front also
// accepts, and deals the new connections out to all.
#pragma once

#include "transport/http/connection.hpp"
#include "transport/http/loop_context.hpp"

#include <memory>
#include <vector>

struct epoll_event;

namespace crm::transport {

/// An event loop. Only `run` belongs to its thread; the rest is for before and after.
class event_loop {
public:
  event_loop(front_shared& front, std::uint32_t number);
  event_loop(const event_loop&) = delete;
  event_loop& operator=(const event_loop&) = delete;
  ~event_loop();

  /// Has this loop accept for `loops`, itself among them, until it drains. @pre before `run`.
  void accept_for(unique_descriptor listener, std::vector<std::shared_ptr<mailbox>> loops);

  /// Serves until it is told to drain and nothing is left, or to stop.
  void run();

  const std::shared_ptr<mailbox>& letters() const { return context_.letters; }
  const loop_counters& counters() const { return context_.counters; }

private:
  void tell_time();
  int sleep_ms();
  void handle(const epoll_event& event);
  void accept_waiting();
  void shed_without_descriptor();
  void take_on(accepted_socket socket);
  void read_letters();
  void deliver(mail& letter);
  connection* awaiting(const call_ref& call);
  void begin_drain();
  void close_all();
  void run_deadlines();
  void run_ready();
  void note_closed(std::uint32_t slot);
  void bury();
  bool finished() const;

  front_shared& front_;
  loop_context context_;
  unique_descriptor epoll_;
  unique_descriptor listener_;
  /// Given up for a moment to tell one more client that there are no files left.
  unique_descriptor reserve_;
  std::vector<std::shared_ptr<mailbox>> loops_;
  std::size_t next_loop_ = 0;
  time_point accept_again_ = time_point::min();
  bool accept_paused_ = false;

  std::vector<std::unique_ptr<connection>> connections_;
  std::vector<std::uint32_t> free_slots_;
  /// Closed in this round; the slots stay taken until its events are handled.
  std::vector<std::uint32_t> closed_slots_;
  std::size_t open_ = 0;
  std::chrono::system_clock::time_point date_until_;

  std::vector<mail> inbox_;
  std::vector<std::uint32_t> due_;
  std::vector<std::uint32_t> turn_;
  bool stopped_ = false;
};

} // namespace crm::transport
