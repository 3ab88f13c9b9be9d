// SPDX-License-Identifier: Apache-2.0
// The policy through which CAF's scheduler uses the worker pool.
#pragma once

#include "actors/worker_pool.hpp"
#include "protocol/limits.hpp"

#include <caf/policy/unprofiled.hpp>
#include <caf/resumable.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

#include <chrono>
#include <cstddef>

namespace crm::actors {

/// A job that gives its thread up when the calls of one commit are answered and a turn is over: on
/// a full machine a thread in the background may need a second for just them, and the pool looks at
/// that between turns. Where there is a processor to be had, a turn holds many commits. Between
/// them it rests for what others do.
class resting_turn : public caf::resumable {
public:
  worker_pool* pool = nullptr;
  caf::resumable* job = nullptr;

  subtype_t subtype() const override { return job->subtype(); }
  resume_result resume(caf::execution_unit* on, std::size_t) override {
    const auto end = std::chrono::steady_clock::now() + length;
    auto next = resume_later;
    while (next == resume_later && std::chrono::steady_clock::now() < end) {
      next = job->resume(on, messages_per_commit);
      pool->rest(messages_per_commit);
    }
    return next;
  }
  void intrusive_ptr_add_ref_impl() override { job->intrusive_ptr_add_ref_impl(); }
  void intrusive_ptr_release_impl() override { job->intrusive_ptr_release_impl(); }

private:
  static constexpr std::chrono::milliseconds length{50};
  /// The calls, and the message behind them.
  static constexpr std::size_t messages_per_commit = limits::held_back_commit_calls_max + 1;
};

/// For `caf::scheduler::coordinator`: one queue for all threads, as `sharing` has, which costs
/// nothing when idle; the difference is who is woken, and that the first few threads serve those
/// that are held back.
class thrifty_sharing : public caf::policy::unprofiled {
public:
  struct coordinator_data : worker_pool {
    explicit coordinator_data(caf::scheduler::abstract_coordinator*) {}
  };
  struct worker_data {
    explicit worker_data(caf::scheduler::abstract_coordinator*) {}
    resting_turn turn;
  };

  template <class Coordinator>
  void central_enqueue(Coordinator* self, caf::resumable* job) {
    d(self).add(job);
  }

  template <class Worker>
  void external_enqueue(Worker* self, caf::resumable* job) {
    if (is_in_background(self))
      d(self->parent()).add_in_background(job);
    else
      d(self->parent()).add(job);
  }

  template <class Worker>
  void internal_enqueue(Worker* self, caf::resumable* job) {
    if (soon_done::here())
      d(self->parent()).add_for_self(job);
    else
      d(self->parent()).add(job);
  }

  template <class Worker>
  void resume_job_later(Worker* self, caf::resumable* job) {
    resting_turn& turn = d(self).turn;
    d(self->parent()).add_for_self(job == &turn ? turn.job : job);
  }

  template <class Worker>
  caf::resumable* dequeue(Worker* self) {
    worker_pool& pool = d(self->parent());
    const auto next = is_in_background(self) ? pool.take_in_background() : pool.take();
    if (!next.rests)
      return next.job;
    resting_turn& turn = d(self).turn;
    turn.pool = &pool;
    turn.job = next.job;
    return &turn;
  }

  template <class Worker>
  void before_shutdown(Worker* self) {
    if (!is_in_background(self))
      d(self->parent()).leave();
  }

  template <class Worker, class UnaryFunction>
  void foreach_resumable(Worker*, UnaryFunction) {}

  template <class Coordinator, class UnaryFunction>
  void foreach_central_resumable(Coordinator* self, UnaryFunction visit) {
    for (caf::resumable* job : d(self).take_all())
      visit(job);
  }

private:
  template <class Worker>
  static bool is_in_background(const Worker* self) {
    return self->id() < limits::background_threads;
  }
};

} // namespace crm::actors
