// SPDX-License-Identifier: Apache-2.0
// completion<T>: the one way back to a caller who does not wait. It is handed along with the work
// and completed once, from any thread. One that is dropped answers by itself, so no caller hangs.
#pragma once

#include "protocol/result.hpp"

#include <concepts>
#include <memory>
#include <utility>

namespace crm {

/// A caller's place to be answered at. Move-only; answers `overloaded` when it is dropped.
template <class T>
class completion {
public:
  completion() = default;

  /// `answer` is called exactly once, on the thread that completes. When it has a member `gone()`,
  /// that tells whether the caller has gone, so that nobody would read the answer.
  template <std::invocable<result<T>> Answer>
  explicit completion(Answer answer)
      : caller_(std::make_unique<caller_of<Answer>>(std::move(answer))) {}

  /// The same, with `gone` beside it.
  template <std::invocable<result<T>> Answer, std::predicate Gone>
  completion(Answer answer, Gone gone)
      : completion(answer_and_gone<Answer, Gone>{std::move(answer), std::move(gone)}) {}

  completion(completion&& other) noexcept = default;
  completion& operator=(completion&& other) noexcept {
    if (this != &other) {
      drop();
      caller_ = std::move(other.caller_);
    }
    return *this;
  }
  ~completion() { drop(); }

  /// Answers the caller. Later calls do nothing.
  void operator()(result<T> outcome) {
    if (const auto asked = std::move(caller_))
      asked->answer(std::move(outcome));
  }

  /// Returns whether an answer is still owed.
  explicit operator bool() const { return caller_ != nullptr; }

  /// Returns whether the caller has left: work that has not begun need not be done.
  bool caller_gone() const { return caller_ && caller_->gone(); }

private:
  struct caller {
    virtual ~caller() = default;
    virtual void answer(result<T> outcome) = 0;
    virtual bool gone() = 0;
  };

  template <class Answer>
  struct caller_of final : caller {
    explicit caller_of(Answer how) : how_(std::move(how)) {}
    void answer(result<T> outcome) override { how_(std::move(outcome)); }
    bool gone() override {
      if constexpr (requires { how_.gone(); })
        return how_.gone();
      else
        return false;
    }
    Answer how_;
  };

  template <class Answer, class Gone>
  struct answer_and_gone {
    Answer answer;
    Gone gone;
    void operator()(result<T> outcome) { answer(std::move(outcome)); }
  };

  void drop() {
    if (caller_)
      (*this)(crm::error{error_code::overloaded,
                         "the call was dropped before it was finished; read before you repeat it",
                         {},
                         1'000});
  }

  std::unique_ptr<caller> caller_;
};

} // namespace crm
