// SPDX-License-Identifier: Apache-2.0
// The policy through which CAF's scheduler uses the worker pool.
#pragma once

#include "actors/worker_pool.hpp"
#include "protocol/limits.hpp"

#include <caf/policy/unprofiled.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

namespace crm::actors {

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
    d(self->parent()).add_for_self(job);
  }

  template <class Worker>
  caf::resumable* dequeue(Worker* self) {
    worker_pool& pool = d(self->parent());
    return is_in_background(self) ? pool.take_in_background() : pool.take();
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
