// SPDX-License-Identifier: Apache-2.0
#include "transport/line_writer.hpp"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>

#include <poll.h>
#include <unistd.h>

namespace crm::transport {

namespace {

/// How often a writer whose reader is slow looks whether it was stopped.
constexpr int stop_check_ms = 100;

} // namespace

line_writer::line_writer(int descriptor) : descriptor_(descriptor), thread_([this] { run(); }) {}

line_writer::~line_writer() {
  stop();
  thread_.join();
}

void line_writer::write(const std::string& line) {
  const std::lock_guard lock{guard_};
  if (broken_ || stopping_)
    return;
  const std::size_t begin = queued_.size();
  queued_ += line;
  // In JSON a bare newline is white space only, but here it would end the message.
  std::replace(queued_.begin() + static_cast<std::ptrdiff_t>(begin), queued_.end(), '\n', ' ');
  queued_ += '\n';
  unwritten_ += line.size() + 1;
  changed_.notify_all();
}

bool line_writer::wait_below(std::size_t bytes) {
  std::unique_lock lock{guard_};
  changed_.wait(lock, [&] { return unwritten_ <= bytes || broken_ || stopping_; });
  return !broken_ && !stopping_;
}

void line_writer::flush(std::chrono::milliseconds limit) {
  std::unique_lock lock{guard_};
  changed_.wait_for(lock, limit, [this] { return unwritten_ == 0 || broken_ || stopping_; });
}

bool line_writer::broken() const {
  const std::lock_guard lock{guard_};
  return broken_;
}

void line_writer::stop() {
  const std::lock_guard lock{guard_};
  stopping_ = true;
  changed_.notify_all();
}

bool line_writer::stopping() const {
  const std::lock_guard lock{guard_};
  return stopping_;
}

void line_writer::run() {
  for (;;) {
    std::string text;
    {
      std::unique_lock lock{guard_};
      changed_.wait(lock, [this] { return stopping_ || !queued_.empty(); });
      if (stopping_)
        return;
      text.swap(queued_);
    }
    const bool written = write_all(text);
    const std::lock_guard lock{guard_};
    unwritten_ -= text.size();
    broken_ = broken_ || !written;
    changed_.notify_all();
    if (broken_)
      return;
  }
}

bool line_writer::write_all(const std::string& text) {
  for (std::size_t done = 0; done < text.size();) {
    pollfd ready{descriptor_, POLLOUT, 0};
    const int count = ::poll(&ready, 1, stop_check_ms);
    if (stopping())
      return false;
    if (count == 0 || (count < 0 && errno == EINTR))
      continue;
    // A pipe that is ready takes PIPE_BUF bytes without blocking; more might block for ever.
    const auto size = ::write(descriptor_, text.data() + done,
                              std::min<std::size_t>(text.size() - done, PIPE_BUF));
    if (size < 0 && (errno == EINTR || errno == EAGAIN))
      continue;
    if (size <= 0)
      return false;
    done += static_cast<std::size_t>(size);
  }
  return true;
}

} // namespace crm::transport
