// SPDX-License-Identifier: Apache-2.0
// The numbers of a running server in the text format of Prometheus, and GET /metrics, which shows
// them. Labels are names of tools and codes only: no workspace, no caller, nothing that grows.
#pragma once

#include "protocol/service_counters.hpp"
#include "transport/http/http_options.hpp"
#include "transport/http/route.hpp"
#include "transport/observed_gateway.hpp"
#include "transport/rest_api.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace crm::transport {

/// Counts calls by tool and code, and how long they take.
class metrics {
public:
  explicit metrics(const std::vector<const tool_spec*>& tools);
  metrics(const metrics&) = delete;
  metrics& operator=(const metrics&) = delete;
  ~metrics();

  /// Counts a call. Callable from any thread.
  void count(const call_report& report);

  /// Returns the page: what was counted here, and the numbers of the actors and of the front.
  std::string page(const service_counters& service, const front_counters& front) const;

private:
  class impl;
  std::unique_ptr<impl> impl_;
};

/// Returns the route `GET /metrics`. It answers a client of this machine that no proxy speaks for,
/// and whoever shows a token with the scope cloud-admin: the numbers are those of all tenants.
/// `target` outlives the route.
route metrics_route(gateway& target, const rest_options& options,
                    std::function<std::string()> page);

} // namespace crm::transport
