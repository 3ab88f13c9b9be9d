// SPDX-License-Identifier: Apache-2.0
#include "transport/http/route_table.hpp"

#include <algorithm>
#include <utility>

namespace crm::transport {

std::size_t route_table::find(std::string_view method, std::string_view path) const {
  const std::string_view served_by = method == "HEAD" ? "GET" : method;
  const auto found = std::find_if(routes_.begin(), routes_.end(), [&](const route& r) {
    return r.path == path && r.method == served_by;
  });
  return found == routes_.end() ? npos : static_cast<std::size_t>(found - routes_.begin());
}

std::string route_table::allowed_methods(std::string_view path) const {
  std::string allowed;
  for (const route& r : routes_) {
    if (r.path != path)
      continue;
    allowed.append(allowed.empty() ? "" : ", ").append(r.method);
    if (r.method == "GET")
      allowed.append(", HEAD");
  }
  return allowed;
}

run_outcome route_table::run(std::size_t index, http_request request, exchange reply) const {
  try {
    routes_[index].handle(std::move(request), std::move(reply));
    return run_outcome::returned;
  } catch (...) { // whatever it says is not for the client
    return run_outcome::threw;
  }
}

} // namespace crm::transport
