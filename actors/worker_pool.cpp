// SPDX-License-Identifier: Apache-2.0
#include "actors/worker_pool.hpp"

#include "protocol/log.hpp"

#include <algorithm>
#include <ctime>
#include <optional>
#include <thread>
#include <utility>

#include <pthread.h>
#include <sched.h>

namespace crm::actors {

namespace {

/// The pool whose thread this is; null elsewhere.
thread_local worker_pool* own_pool = nullptr;

/// What a thread in the background has done since it took its job.
struct background_work {
  std::chrono::steady_clock::time_point since;
  std::chrono::nanoseconds processor_time_before{};
  /// For the disk, or because it rested.
  std::chrono::nanoseconds waited_by_choice{};
};
thread_local std::optional<background_work> in_background;
/// What others had taken when this thread last rested.
thread_local std::uint64_t taken_before_rest = 0;

thread_local bool done_soon = false;
thread_local std::chrono::steady_clock::time_point gave_way_at;

/// How often a thread without a job lets others run and looks again before it sleeps. Under load a
/// job comes within that time; an idle server spends a few microseconds once. Measured with reads
/// at 32 connections (us of the server per call): 46.4 without, 43 with 8 or 16, 51 with 64.
constexpr int looks_before_sleep = 8;

constexpr std::chrono::microseconds turn{300};

std::size_t processors() {
  return std::max<std::size_t>(2, std::thread::hardware_concurrency());
}

/// How long a job that is held back may wait for a processor that nobody else wants, before it
/// begins or while it runs. Beside clients that fill both processors it waits for up to 160 ms,
/// beside other programs that do for a second.
constexpr std::chrono::milliseconds background_wait_max{500};
/// How long the background is not used after that.
constexpr std::chrono::seconds starved_for{10};

/// How long a thread in the background rests for each job that others took, and at most. A commit
/// of eight calls keeps the I/O thread from others for a quarter of a millisecond: beside a
/// thousand calls a second it comes hardly less often for that, beside five thousand every 20 ms.
/// Measured with 16 connections that read beside a flood and a walk: p99 1.23 times that without
/// them, 2.94 times without rests.
constexpr std::chrono::microseconds rest_per_job{100};
constexpr std::chrono::milliseconds rest_max{20};

std::chrono::nanoseconds processor_time() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
}

/// Makes the calling thread one that runs while a processor has nothing else to do. Other threads
/// find its processor free when they are woken, which a low weight (nice 19) does not do. Measured
/// with 16 connections that read beside a flood of writes: p99 3.4 ms before, 2.5 with nice 19 and
/// 1.8 with this; 14,000, 20,000 and 29,000 reads a second.
void run_when_idle() {
  const sched_param no_priority{};
  if (::pthread_setschedparam(::pthread_self(), SCHED_IDLE, &no_priority) != 0)
    log_line(log_level::warning, "background_threads_are_ordinary",
             {{"text", "the kernel refuses SCHED_IDLE: a busy workspace slows others more"}});
}

} // namespace

worker_pool::worker_pool(std::size_t busy_max)
    : busy_max_(busy_max == 0 ? processors() : busy_max) {}

void worker_pool::add(caf::resumable* job) {
  std::unique_lock guard{lock_};
  if (goes_to_background(job))
    return queue_in_background(std::move(guard), job, true);
  jobs_.push_back(job);
  unlock_and_wake(std::move(guard));
}

void worker_pool::add_for_self(caf::resumable* job) {
  std::unique_lock guard{lock_};
  if (goes_to_background(job)) {
    const bool takes_it_next = in_background && background_.empty();
    return queue_in_background(std::move(guard), job, !takes_it_next);
  }
  jobs_.push_back(job);
  if (jobs_.size() > 1 || in_background)
    unlock_and_wake(std::move(guard));
}

void worker_pool::add_in_background(caf::resumable* job) {
  queue_in_background(std::unique_lock{lock_}, job, true);
}

void worker_pool::queue_in_background(std::unique_lock<std::mutex> guard, caf::resumable* job,
                                      bool wakes) {
  background_.push_back({job, clock::now()});
  guard.unlock();
  if (wakes)
    background_woken_.notify_one();
}

worker_pool::next_job worker_pool::take() {
  thread_local const auto self = std::make_shared<sleeper>();
  std::unique_lock guard{lock_};
  if (std::exchange(own_pool, this) == nullptr)
    ++busy_;
  int looks = 0;
  while (jobs_.empty() || busy_ > busy_max_) {
    if (++looks <= looks_before_sleep) {
      guard.unlock();
      std::this_thread::yield();
      guard.lock();
      continue;
    }
    --busy_;
    self->is_asleep = true;
    asleep_.push_back(self);
    self->woken.wait(guard, [] { return !self->is_asleep; });
  }
  if (is_overdue()) {
    starved_until_ = clock::now() + starved_for;
    caf::resumable* job = pop_background();
    unlock_and_wake(std::move(guard));
    return {job, true};
  }
  caf::resumable* job = jobs_.front();
  jobs_.pop_front();
  ++taken_;
  return {job, held_back_.contains(job)};
}

worker_pool::next_job worker_pool::take_in_background() {
  std::chrono::nanoseconds waited{};
  if (in_background) {
    waited = clock::now() - in_background->since - in_background->waited_by_choice
             - (processor_time() - in_background->processor_time_before);
  } else {
    own_pool = this;
    run_when_idle();
  }
  std::unique_lock guard{lock_};
  if (waited > background_wait_max)
    starved_until_ = clock::now() + starved_for;
  background_woken_.wait(guard, [this] { return !background_.empty(); });
  caf::resumable* job = pop_background();
  guard.unlock();
  in_background = {clock::now(), processor_time()};
  return {job, true};
}

void worker_pool::rest(std::size_t own_jobs) {
  std::uint64_t of_others = 0;
  {
    const std::lock_guard guard{lock_};
    of_others = taken_ - std::exchange(taken_before_rest, taken_);
  }
  if (of_others <= own_jobs)
    return;
  const auto length = std::min<clock::duration>(rest_per_job * (of_others - own_jobs), rest_max);
  if (!in_background)
    leave();
  std::this_thread::sleep_for(length);
  if (in_background)
    in_background->waited_by_choice += length;
  else
    join();
}

bool worker_pool::goes_to_background(const caf::resumable* job) const {
  return held_back_.contains(job) && clock::now() > starved_until_;
}

bool worker_pool::is_overdue() const {
  return !background_.empty() && clock::now() - background_.front().since > background_wait_max;
}

caf::resumable* worker_pool::pop_background() {
  caf::resumable* job = background_.front().job;
  background_.pop_front();
  return job;
}

std::deque<caf::resumable*> worker_pool::take_all() {
  const std::lock_guard guard{lock_};
  std::deque<caf::resumable*> all = std::exchange(jobs_, {});
  while (!background_.empty())
    all.push_back(pop_background());
  return all;
}

void worker_pool::leave() {
  std::unique_lock guard{lock_};
  --busy_;
  if (!jobs_.empty())
    unlock_and_wake(std::move(guard));
}

void worker_pool::join() {
  const std::lock_guard guard{lock_};
  ++busy_;
}

void worker_pool::unlock_and_wake(std::unique_lock<std::mutex> guard) {
  if (asleep_.empty() || busy_ >= busy_max_)
    return;
  const auto last = std::move(asleep_.back());
  asleep_.pop_back();
  ++busy_;
  last->is_asleep = false;
  guard.unlock();
  last->woken.notify_one();
}

disk_wait::disk_wait() {
  if (in_background)
    since_ = std::chrono::steady_clock::now();
  else if (own_pool != nullptr)
    own_pool->leave();
}

disk_wait::~disk_wait() {
  if (in_background)
    in_background->waited_by_choice += std::chrono::steady_clock::now() - since_;
  else if (own_pool != nullptr)
    own_pool->join();
}

held_back::held_back(caf::resumable* job) : job_(job), pool_(own_pool) {
  if (pool_ == nullptr)
    return;
  const std::lock_guard guard{pool_->lock_};
  pool_->held_back_.insert(job_);
}

held_back::~held_back() {
  if (pool_ == nullptr)
    return;
  const std::lock_guard guard{pool_->lock_};
  pool_->held_back_.erase(job_);
}

soon_done::soon_done() {
  done_soon = true;
}

soon_done::~soon_done() {
  done_soon = false;
}

bool soon_done::here() {
  return done_soon;
}

void give_way() {
  if (std::chrono::steady_clock::now() - gave_way_at < turn)
    return;
  std::this_thread::yield();
  gave_way_at = std::chrono::steady_clock::now();
}

} // namespace crm::actors
