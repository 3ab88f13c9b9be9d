// SPDX-License-Identifier: Apache-2.0
// Finds and runs routes, with cpp-httplib. The library never sees a byte that a client wrote: the
// request it is given is one of ours, canonical and always the same. That keeps its known holes
// (percent-decoded header values, regex recursion, multipart and form parsing, body framing) out
// of reach; the validated request travels beside it.
#pragma once

#include "transport/http/route.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace crm::transport {

/// How a route's handler ended.
enum class run_outcome : std::uint8_t { returned, threw };

/// The routes of one event loop. Not shared between threads.
class route_table {
public:
  /// @pre no two routes share method and path; `routes` outlives the table.
  explicit route_table(const std::vector<route>& routes);
  ~route_table();
  route_table(const route_table&) = delete;
  route_table& operator=(const route_table&) = delete;

  /// Returns the index of the route that serves the request, or npos. HEAD is served by GET.
  std::size_t find(std::string_view method, std::string_view path) const;

  /// Returns the methods that `path` knows, as the Allow header lists them; empty if none.
  std::string allowed_methods(std::string_view path) const;

  const route& at(std::size_t index) const { return routes_[index]; }

  /// Runs the route at `index`. What the handler throws is swallowed here, whatever it says.
  run_outcome run(std::size_t index, http_request request, exchange reply);

  static constexpr std::size_t npos = SIZE_MAX;

private:
  class runner;

  const std::vector<route>& routes_;
  std::vector<std::unique_ptr<runner>> runners_;
};

} // namespace crm::transport
