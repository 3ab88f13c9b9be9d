// SPDX-License-Identifier: Apache-2.0
// Requests of every shape that a client or an attacker may send, each with the status it must get.
// The reader's tests and those on live sockets walk the same table.
#pragma once

#include <string>
#include <vector>

namespace crm::test {

/// One request.
struct http_shape {
  std::string title;
  std::string bytes;
  /// 200 when a route is to get it.
  int status;
};

/// Requests that are refused by their head or their framing.
std::vector<http_shape> malformed_shapes();

/// Requests over a bound.
std::vector<http_shape> oversized_shapes();

/// Requests that are unusual, and right: the answer is 200.
std::vector<http_shape> accepted_shapes();

/// Well-formed requests for paths or methods that no route has.
std::vector<http_shape> unrouted_shapes();

/// All of the above.
std::vector<http_shape> all_shapes();

} // namespace crm::test
