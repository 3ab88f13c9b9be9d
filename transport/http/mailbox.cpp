// SPDX-License-Identifier: Apache-2.0
#include "transport/http/mailbox.hpp"

#include <utility>

#include <sys/eventfd.h>
#include <unistd.h>

namespace crm::transport {

namespace {

thread_local const call_state* dispatched_call = nullptr;

} // namespace

mailbox::mailbox() : wake_descriptor_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

void mailbox::signal() const {
  // Outside the lock: the loop may run before this call returns, and would wait for it at once.
  // The loop watches for edges and never reads the counter; that it cannot overflow in our lives
  // makes the result of write() uninteresting.
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_descriptor_.get(), &one, sizeof one);
}

void mailbox::post(mail letter) {
  {
    const std::lock_guard lock{guard_};
    if (closed_)
      return;
    letters_.push_back(std::move(letter));
    if (!std::exchange(asleep_, false))
      return;
  }
  signal();
}

void mailbox::wake() {
  {
    const std::lock_guard lock{guard_};
    asleep_ = false;
  }
  signal();
}

void mailbox::collect(std::vector<mail>& letters) {
  const std::lock_guard lock{guard_};
  letters.swap(letters_);
}

mail_check mailbox::before_sleep() {
  const std::lock_guard lock{guard_};
  asleep_ = letters_.empty();
  return asleep_ ? mail_check::may_sleep : mail_check::mail_waits;
}

void mailbox::after_sleep() {
  const std::lock_guard lock{guard_};
  asleep_ = false;
}

void mailbox::close() {
  std::vector<mail> unread;
  {
    const std::lock_guard lock{guard_};
    closed_ = true;
    unread.swap(letters_);
  }
}

void call_state::peer_left() {
  std::function<void()> notice;
  {
    const std::lock_guard lock{guard};
    if (gone.exchange(true))
      return;
    notice.swap(on_gone);
  }
  if (notice)
    notice();
}

void call_state::settle() {
  std::function<void()> notice;
  const std::lock_guard lock{guard};
  notice.swap(on_gone);
}

void call_state::send_home(mail letter) {
  if (dispatched_call == this && !answered_inside)
    answered_inside = std::move(letter);
  else
    home->post(std::move(letter));
}

dispatch_scope::dispatch_scope(const call_state& call) {
  dispatched_call = &call;
}
dispatch_scope::~dispatch_scope() {
  dispatched_call = nullptr;
}

} // namespace crm::transport
