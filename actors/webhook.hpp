// SPDX-License-Identifier: Apache-2.0
// What goes out as a webhook, what comes back, and when to try again.
#pragma once

#include "protocol/error.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace crm::actors {

/// A webhook to be sent once: an attempt of one step.
struct webhook_request {
  std::int64_t run = 0;
  std::string step;
  std::string url;
  std::string body;
  /// The headers of Standard Webhooks. The id is the same at every attempt.
  std::string id;
  std::string timestamp;
  std::string signature;
};

/// What became of an attempt.
struct webhook_answer {
  std::string step;
  /// The HTTP status; 0 when there was no answer.
  int status = 0;
  /// The beginning of the answer's body.
  std::string body;
  /// Why there was no answer.
  std::string failure;
  /// The target is not to be tried again: a refused address, a URL that is none.
  bool permanent = false;
  /// What the answer's Retry-After asks for.
  std::optional<std::int64_t> retry_after_ms;
};

/// Returns the error of an attempt that did not succeed; none for a 2xx.
std::optional<crm::error> failure_of(const webhook_answer& answer);

/// Returns whether another attempt may help: no answer, 408, 425, 429 and 5xx.
bool may_be_repeated(const webhook_answer& answer);

/// Returns how long to wait after the attempt with this number (from 1): 5 s, 5 m, 30 m, 2 h, 5 h,
/// 10 h, 10 h, up to a tenth more as `random` falls; none after the last (Standard Webhooks,
/// "Retry schedule").
std::optional<std::int64_t> webhook_delay_ms(int attempt, std::uint64_t random);

} // namespace crm::actors
