// SPDX-License-Identifier: Apache-2.0
// Finds and runs routes: methods and paths are exact strings.
#pragma once

#include "transport/http/route.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace crm::transport {

/// How a route's handler ended.
enum class run_outcome : std::uint8_t { returned, threw };

/// The routes of one event loop.
class route_table {
public:
  /// @pre no two routes share method and path; `routes` outlives the table.
  explicit route_table(const std::vector<route>& routes) : routes_(routes) {}

  /// Returns the index of the route that serves the request, or npos. HEAD is served by GET.
  std::size_t find(std::string_view method, std::string_view path) const;

  /// Returns the methods that `path` knows, as the Allow header lists them; empty if none.
  std::string allowed_methods(std::string_view path) const;

  const route& at(std::size_t index) const { return routes_[index]; }

  /// Runs the route at `index`. What the handler throws is swallowed here, whatever it says.
  run_outcome run(std::size_t index, http_request request, exchange reply) const;

  static constexpr std::size_t npos = SIZE_MAX;

private:
  const std::vector<route>& routes_;
};

} // namespace crm::transport
