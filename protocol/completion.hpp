// SPDX-License-Identifier: Apache-2.0
// completion<T>: the one way back to a caller who does not wait. It is handed along with the work
// and completed once, from any thread. One that is dropped answers by itself, so no caller hangs.
#pragma once

#include "protocol/result.hpp"

#include <functional>
#include <memory>
#include <utility>

namespace crm {

/// A caller's place to be answered at. Move-only; answers `overloaded` when it is dropped.
template <class T>
class completion {
public:
  using callback = std::function<void(result<T>)>;
  /// Tells whether the caller has gone, so that nobody would read the answer.
  using gone_check = std::function<bool()>;

  completion() = default;
  /// `answer` is called exactly once, on the thread that completes.
  explicit completion(callback answer, gone_check gone = nullptr)
      : answer_(std::move(answer)), gone_(std::move(gone)) {}

  completion(completion&& other) noexcept
      : answer_(std::exchange(other.answer_, nullptr)), gone_(std::exchange(other.gone_, nullptr)) {
  }
  completion& operator=(completion&& other) noexcept {
    if (this != &other) {
      drop();
      answer_ = std::exchange(other.answer_, nullptr);
      gone_ = std::exchange(other.gone_, nullptr);
    }
    return *this;
  }
  ~completion() { drop(); }

  /// Answers the caller. Later calls do nothing.
  void operator()(result<T> outcome) {
    if (auto answer = std::exchange(answer_, nullptr))
      answer(std::move(outcome));
  }

  /// Returns whether an answer is still owed.
  explicit operator bool() const { return static_cast<bool>(answer_); }

  /// Returns whether the caller has left: work that has not begun need not be done.
  bool caller_gone() const { return gone_ && gone_(); }

private:
  void drop() {
    if (answer_)
      (*this)(crm::error{error_code::overloaded,
                         "the call was dropped before it was finished; read before you repeat it",
                         {},
                         1'000});
  }

  callback answer_;
  gone_check gone_;
};

} // namespace crm
