// SPDX-License-Identifier: Apache-2.0
// A thread whose stack is as large as we say (std::thread takes what the shell's limits give), and
// which takes no signals: those are for the main thread.
#pragma once

#include "protocol/result.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <pthread.h>

namespace crm::transport {

/// A running thread; joined when destroyed.
class io_thread {
public:
  /// Runs `body` on a new thread. @errors overloaded when the system gives none.
  static result<std::unique_ptr<io_thread>> start(std::size_t stack_bytes,
                                                  std::function<void()> body);
  io_thread(const io_thread&) = delete;
  io_thread& operator=(const io_thread&) = delete;
  ~io_thread();

private:
  explicit io_thread(std::function<void()> body) : body_(std::move(body)) {}

  std::function<void()> body_;
  std::optional<pthread_t> thread_;
};

} // namespace crm::transport
