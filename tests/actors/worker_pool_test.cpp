// SPDX-License-Identifier: Apache-2.0
#include "actors/worker_pool.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

using crm::actors::disk_wait;
using crm::actors::held_back;
using crm::actors::worker_pool;

namespace {

/// Jobs are told apart by their addresses; a pool never looks into them.
std::vector<char> tickets(1 + 60'000);

caf::resumable* job(std::size_t number) {
  return reinterpret_cast<caf::resumable*>(&tickets.at(number)); // NOLINT
}

std::size_t number_of(caf::resumable* job) {
  return static_cast<std::size_t>(reinterpret_cast<char*>(job) - tickets.data()); // NOLINT
}

/// The job after which a thread ends.
constexpr std::size_t last_job = 0;

/// A number that threads wait for.
class level {
public:
  void raise() {
    const std::lock_guard guard{lock_};
    ++value_;
    moved_.notify_all();
  }
  void wait_for(int wanted) {
    std::unique_lock guard{lock_};
    moved_.wait(guard, [&] { return value_ >= wanted; });
  }

private:
  std::mutex lock_;
  std::condition_variable moved_;
  int value_ = 0;
};

/// Threads that take jobs from a pool until each has met the last one.
template <class Work>
std::vector<std::thread> start_workers(worker_pool& pool, int count, Work work) {
  std::vector<std::thread> workers;
  for (int i = 0; i < count; ++i)
    workers.emplace_back([&pool, work] {
      for (;;) {
        const std::size_t number = number_of(pool.take().job);
        if (number == last_job)
          return pool.leave();
        work(number);
      }
    });
  return workers;
}

/// The same in the background.
template <class Work>
std::thread start_background_worker(worker_pool& pool, Work work) {
  return std::thread{[&pool, work] {
    for (std::size_t number; (number = number_of(pool.take_in_background().job)) != last_job;)
      work(number);
  }};
}

void end_workers(worker_pool& pool, std::vector<std::thread>& workers) {
  for (std::size_t i = 0; i < workers.size(); ++i)
    pool.add(job(last_job));
  for (std::thread& each : workers)
    each.join();
}

} // namespace

TEST_CASE("no more threads are at work than may be, and one that waits for the disk makes room") {
  worker_pool pool{2};
  std::atomic<int> begun{0};
  level working;
  level may_wait_for_disk;
  level may_end;
  auto workers = start_workers(pool, 4, [&](std::size_t number) {
    ++begun;
    working.raise();
    if (number == 1) {
      may_wait_for_disk.wait_for(1);
      const disk_wait here;
      may_end.wait_for(1);
    }
    may_end.wait_for(1);
  });
  for (std::size_t number = 1; number <= 4; ++number)
    pool.add(job(number));
  working.wait_for(2);
  CHECK(begun == 2);
  may_wait_for_disk.raise();
  working.wait_for(3);
  CHECK(begun == 3);
  may_end.raise();
  working.wait_for(4);
  end_workers(pool, workers);
}

TEST_CASE("a job that is held back runs in the background, and as before when it is let go") {
  worker_pool pool{2};
  std::optional<held_back> standing_back;
  level ran;
  std::vector<std::thread::id> threads;
  const auto work = [&](std::size_t number) {
    threads.push_back(std::this_thread::get_id());
    if (number == 1)
      standing_back.emplace(job(2));
    if (number == 2)
      standing_back.reset();
    ran.raise();
  };
  auto workers = start_workers(pool, 1, work);
  std::thread background = start_background_worker(pool, work);
  int so_far = 0;
  for (const std::size_t number : {1, 2, 2}) {
    pool.add(job(number));
    ran.wait_for(++so_far);
  }
  CHECK(threads
        == std::vector{workers.front().get_id(), background.get_id(), workers.front().get_id()});
  end_workers(pool, workers);
  pool.add_in_background(job(last_job));
  background.join();
}

TEST_CASE("once a job waited too long for the background, it is an ordinary one") {
  worker_pool pool{2};
  std::optional<held_back> standing_back;
  std::vector<std::size_t> after_the_wait;
  level all_taken;
  auto workers = start_workers(pool, 1, [&](std::size_t number) {
    if (number == 1 && !standing_back) {
      standing_back.emplace(job(2));
      pool.add(job(2));
    }
    if (number == 1 && after_the_wait.empty())
      return pool.add_for_self(job(1));
    after_the_wait.push_back(number);
    if (after_the_wait.size() == 1)
      for (const std::size_t next : {2, 3})
        pool.add(job(next));
    if (number == 3)
      all_taken.raise();
  });
  pool.add(job(1));
  all_taken.wait_for(1);
  CHECK(after_the_wait == std::vector<std::size_t>{2, 1, 2, 3});
  end_workers(pool, workers);
}

TEST_CASE("a thread in the background rests for what others did, its own callers left out") {
  worker_pool pool{2};
  level all_taken;
  auto workers = start_workers(pool, 1, [&](std::size_t) { all_taken.raise(); });
  level may_rest;
  level began;
  std::chrono::steady_clock::duration rested{};
  std::thread background = start_background_worker(pool, [&](std::size_t) {
    pool.rest(0);
    began.raise();
    may_rest.wait_for(1);
    const auto since = std::chrono::steady_clock::now();
    pool.rest(10);
    rested = std::chrono::steady_clock::now() - since;
  });
  pool.add_in_background(job(1));
  began.wait_for(1);
  for (std::size_t number = 2; number < 62; ++number)
    pool.add(job(number));
  all_taken.wait_for(60);
  may_rest.raise();
  pool.add_in_background(job(last_job));
  background.join();
  CHECK(rested >= 50 * std::chrono::microseconds{100});
  end_workers(pool, workers);
}

TEST_CASE("every job is taken once, whoever adds it and whatever its threads wait for") {
  worker_pool pool{2};
  constexpr std::size_t roots = 20'000;
  std::vector<std::atomic<int>> taken(tickets.size());
  std::atomic<std::size_t> done{0};
  level all_done;
  const auto work = [&](std::size_t number) {
    ++taken.at(number);
    // Each of the first jobs adds one for its own thread and one for any.
    if (number <= roots) {
      std::optional<held_back> here;
      if (number % 5 == 0)
        here.emplace(job(roots + number));
      pool.add_for_self(job(roots + number));
      pool.add(job(2 * roots + number));
    }
    if (number % 7 == 0) {
      const disk_wait here;
      std::this_thread::yield();
    }
    if (++done == 3 * roots)
      all_done.raise();
  };
  auto workers = start_workers(pool, 4, work);
  std::thread background = start_background_worker(pool, work);
  std::vector<std::thread> callers;
  for (std::size_t caller = 0; caller < 2; ++caller)
    callers.emplace_back([&, caller] {
      for (std::size_t number = 1 + caller; number <= roots; number += 2) {
        pool.add(job(number));
        if (number % 100 < 2)
          std::this_thread::yield();
      }
    });
  for (std::thread& each : callers)
    each.join();
  all_done.wait_for(1);
  end_workers(pool, workers);
  pool.add_in_background(job(last_job));
  background.join();
  CHECK(pool.take_all().empty());
  for (std::size_t number = 1; number <= 3 * roots; ++number)
    REQUIRE(taken.at(number) == 1);
}
