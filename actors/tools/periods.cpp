// SPDX-License-Identifier: Apache-2.0
#include "actors/tools/periods.hpp"

namespace crm::tools {

result<storage::period> period_asked(std::optional<timestamp> since,
                                     std::optional<timestamp> until) {
  if (since && until && since->ms > until->ms)
    return argument_error(error_code::validation,
                          "since: the period ends before it starts; expected since <= until",
                          {"since", std::to_string(since->ms),
                           "a time at or before until, " + std::to_string(until->ms)});
  storage::period when;
  if (since)
    when.since = since->ms;
  if (until)
    when.until = until->ms;
  return when;
}

std::string period_json(const storage::period& when) {
  const storage::period open;
  const auto end = [](std::int64_t ms, std::int64_t none) {
    return ms == none ? std::string{"null"} : std::to_string(ms);
  };
  return "{\"since\":" + end(when.since, open.since) + ",\"until\":" + end(when.until, open.until)
         + "}";
}

} // namespace crm::tools
