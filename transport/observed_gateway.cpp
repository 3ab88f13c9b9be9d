// SPDX-License-Identifier: Apache-2.0
#include "transport/observed_gateway.hpp"

#include "protocol/log.hpp"
#include "protocol/tool_spec.hpp"

#include <utility>

namespace crm::transport {

namespace {

using clock = std::chrono::steady_clock;

/// A call under way, with the caller's own completion.
struct watched_call {
  std::string_view tool;
  std::size_t tool_number;
  clock::time_point begun;
  std::string request_id;
  completion<tool_reply> done;
  call_trace trace;
};

} // namespace

observed_gateway::observed_gateway(gateway& target, listener tell)
    : target_(target), tell_(std::make_shared<const listener>(std::move(tell))) {
  for (const tool_spec* spec : target.tools())
    places_.emplace(spec->name, places_.size());
}

void observed_gateway::submit(call work) {
  const auto known = places_.find(work.tool);
  const bool is_known = known != places_.end();
  const auto watched =
      std::make_shared<watched_call>(watched_call{is_known ? known->first : "unknown",
                                                  is_known ? known->second : places_.size(),
                                                  clock::now(),
                                                  work.origin.request_id,
                                                  std::move(work.done),
                                                  {}});
  work.trace = std::shared_ptr<call_trace>{watched, &watched->trace};
  work.done = completion<tool_reply>{
      [tell = tell_, watched](result<tool_reply> outcome) {
        (*tell)({watched->tool, watched->tool_number,
                 outcome ? std::nullopt : std::optional{outcome.error().code},
                 clock::now() - watched->begun, watched->trace.workspace, watched->request_id});
        watched->done(std::move(outcome));
      },
      [watched] { return watched->done.caller_gone(); }};
  target_.submit(std::move(work));
}

void observed_gateway::identify(credential from, completion<principal> done) {
  target_.identify(std::move(from), std::move(done));
}

std::string_view code_of(const call_report& report) {
  return report.failure ? face_of(*report.failure).text : "OK";
}

void log_call(const call_report& report) {
  if (!logs(log_level::info))
    return;
  log_line(log_level::info, "call",
           {{"tool", report.tool},
            {"code", code_of(report)},
            {"ms", std::chrono::duration<double, std::milli>(report.took).count()},
            {"workspace", report.workspace},
            {"request", report.request_id}});
}

} // namespace crm::transport
