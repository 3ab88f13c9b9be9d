// SPDX-License-Identifier: Apache-2.0
// A route: one method on one literal path, and what to do with its requests.
#pragma once

#include "transport/http/exchange.hpp"
#include "transport/http/http_message.hpp"

#include <functional>
#include <optional>
#include <string>

namespace crm::transport {

/// What the front does with a request that has this method and exactly this path. Both functions
/// run on a thread that runs sockets: they must not block, and may be called from several threads
/// at the same time.
struct route {
  /// GET (which serves HEAD too), POST, PUT, PATCH, DELETE or OPTIONS.
  std::string method;
  std::string path;
  /// Takes a complete request, and the duty to answer it, now or later.
  std::function<void(http_request, exchange)> handle;
  /// Looks at a head before its body is read, and before `100 Continue` is sent; an answer refuses
  /// the request. Optional.
  std::function<std::optional<http_response>(const http_request&)> admit = nullptr;
  /// A bound of the body below that of the front.
  std::size_t body_bytes_max = SIZE_MAX;
};

} // namespace crm::transport
