// SPDX-License-Identifier: Apache-2.0
// How the actors share their threads: as few are woken as will do. thrifty_sharing.hpp makes CAF's
// scheduler use it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <unordered_set>
#include <vector>

namespace caf {
class resumable;
} // namespace caf

namespace crm::actors {

/// The queue of actors that have messages, and the threads that take from it. To wake a thread
/// costs more than to read a record, so it happens only while fewer are at work than there are
/// processors; a thread that waits for the disk is not at work.
///
/// Jobs that are held back (`held_back`) go to threads of their own, which the kernel lets run when
/// nothing else wants the processor. So that a full machine does not starve them, the ordinary
/// threads run them for ten seconds once one had to wait for a processor for 500 ms.
class worker_pool {
public:
  struct next_job {
    caf::resumable* job;
    /// It is held back: whoever runs it rests between its pieces of work.
    bool rests;
  };

  /// At most so many threads are at work at once; 0 for as many as there are processors.
  explicit worker_pool(std::size_t busy_max = 0);

  /// Queues a job, and wakes a thread for it if one more may work.
  void add(caf::resumable* job);
  /// Queues a job for the calling thread, which takes it as soon as it has done its present one.
  void add_for_self(caf::resumable* job);
  /// Returns the next job; waits for one.
  next_job take();
  /// The same for a thread in the background, which the calling one is from here on.
  next_job take_in_background();
  /// Queues a job for the threads in the background.
  void add_in_background(caf::resumable* job);
  /// Lets the calling thread rest the longer the more jobs all ordinary threads took since its last
  /// rest; `own_jobs` of them do not count, those that led to its own work.
  void rest(std::size_t own_jobs);
  /// Empties the queue.
  std::deque<caf::resumable*> take_all();

  /// The calling thread is not at work from here on: it waits for the disk, or ends.
  void leave();
  /// The calling thread is at work again.
  void join();

private:
  friend class held_back;
  using clock = std::chrono::steady_clock;

  struct sleeper {
    std::condition_variable woken;
    bool is_asleep = false;
  };

  struct waiting_job {
    caf::resumable* job;
    clock::time_point since;
  };

  bool goes_to_background(const caf::resumable* job) const;
  bool is_overdue() const;
  caf::resumable* pop_background();
  void queue_in_background(std::unique_lock<std::mutex> guard, caf::resumable* job, bool wakes);
  void unlock_and_wake(std::unique_lock<std::mutex> guard);

  std::mutex lock_;
  std::condition_variable background_woken_;
  std::deque<caf::resumable*> jobs_;
  std::deque<waiting_job> background_;
  std::unordered_set<const caf::resumable*> held_back_;
  /// Jobs that were taken so far, those in the background left out.
  std::uint64_t taken_ = 0;
  /// Until then the background is too slow to be used.
  clock::time_point starved_until_;
  const std::size_t busy_max_;
  /// Threads at work, those included that were woken and are on their way.
  std::size_t busy_ = 0;
  /// The last to fall asleep is woken first: its caches are still warm.
  std::vector<std::shared_ptr<sleeper>> asleep_;
};

/// Says that the calling thread may wait for the disk, so that another one takes its place.
class disk_wait {
public:
  disk_wait();
  ~disk_wait();
  disk_wait(const disk_wait&) = delete;
  disk_wait& operator=(const disk_wait&) = delete;

private:
  std::chrono::steady_clock::time_point since_;
};

/// While it lives, the actor that made it runs in the background: the next time that it is queued.
class held_back {
public:
  explicit held_back(caf::resumable* job);
  ~held_back();
  held_back(const held_back&) = delete;
  held_back& operator=(const held_back&) = delete;

private:
  caf::resumable* job_;
  worker_pool* pool_;
};

/// Says that the calling actor is done within microseconds: the one that it sends to runs next on
/// the same thread, and no other is woken for it.
class soon_done {
public:
  soon_done();
  ~soon_done();
  soon_done(const soon_done&) = delete;
  soon_done& operator=(const soon_done&) = delete;

  /// Returns whether the calling thread is within one.
  static bool here();
};

/// Lets threads run that wait for a processor, unless the calling one did so less than 300 us ago:
/// to be called between pieces of work that nobody waits for by the microsecond, as writes are.
/// Left alone the kernel would let it run for up to a tick, 4 ms, while others have calls that take
/// a hundredth of that. Measured with 16 connections that read beside a flood of writes: a tenth to
/// a third more reads, p99 lower by a fifth, as many writes.
void give_way();

} // namespace crm::actors
