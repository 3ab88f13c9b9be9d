// SPDX-License-Identifier: Apache-2.0
// Does something again and again on a thread of its own, until it is destroyed.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace crm::transport {

/// A task that is run at an interval.
class periodic_task {
public:
  periodic_task(std::chrono::milliseconds interval, std::function<void()> task)
      : thread_([this, interval, task = std::move(task)] { run(interval, task); }) {}
  periodic_task(const periodic_task&) = delete;
  periodic_task& operator=(const periodic_task&) = delete;
  /// Waits for a run under way. @pre not called by the task.
  ~periodic_task() {
    {
      const std::lock_guard lock{guard_};
      stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

private:
  void run(std::chrono::milliseconds interval, const std::function<void()>& task) {
    std::unique_lock lock{guard_};
    while (!changed_.wait_for(lock, interval, [this] { return stopping_; })) {
      lock.unlock();
      task();
      lock.lock();
    }
  }

  std::mutex guard_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::thread thread_;
};

} // namespace crm::transport
