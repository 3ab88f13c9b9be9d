// SPDX-License-Identifier: Apache-2.0
// How the front turns a request away by itself: a status, and one sentence that says what is
// wrong. The sentence is a literal, so nothing that the client sent can come back in it.
#pragma once

#include "transport/http/http_message.hpp"

#include <string_view>

namespace crm::transport {

/// Why a request is not served.
struct refusal {
  int status = 0;
  /// A literal.
  std::string_view reason;
};

/// What a body over its bound is told.
inline constexpr std::string_view body_too_large = "the body is larger than this path accepts";

/// What a dropped exchange answers.
inline constexpr refusal call_dropped{
    503, "the call was dropped before it was finished; read before you repeat it"};

/// Returns the answer to a refused request: the envelope of design §4.2, and Retry-After with 503.
http_response refusal_response(const refusal& why);

} // namespace crm::transport
