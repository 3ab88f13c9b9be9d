// SPDX-License-Identifier: Apache-2.0
// The house exception handler: CAF's own prints to stdout, which belongs to the protocol.
#pragma once

#include "protocol/log.hpp"

#include <caf/error.hpp>
#include <caf/sec.hpp>

#include <exception>
#include <string_view>

namespace crm::actors {

/// Makes an exception that leaves a handler of `self` end the actor with a line in the log. The
/// messages that it still held are dropped, which answers their callers.
template <class Self>
void guard_against_exceptions(Self* self, std::string_view name) {
  self->set_exception_handler([name](std::exception_ptr& failure) -> caf::error {
    try {
      std::rethrow_exception(failure);
    } catch (const std::exception& thrown) {
      log_line(log_level::error, "actor_died", {{"actor", name}, {"text", thrown.what()}});
    } catch (...) {
      log_line(log_level::error, "actor_died", {{"actor", name}});
    }
    return caf::sec::runtime_error;
  });
}

} // namespace crm::actors
