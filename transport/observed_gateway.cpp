// SPDX-License-Identifier: Apache-2.0
#include "transport/observed_gateway.hpp"

#include "protocol/limits.hpp"
#include "protocol/log.hpp"
#include "protocol/tool_spec.hpp"

#include <algorithm>
#include <utility>

namespace crm::transport {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

/// How many refused calls of one credential are asked back for the same second.
constexpr std::uint32_t returns_per_second = 256;
constexpr std::chrono::seconds wait_max = 10s;

/// A call under way, with the caller's own completion.
struct watched_call {
  std::shared_ptr<const observed_gateway::listener> tell;
  std::shared_ptr<calls_under_way> under_way;
  std::size_t key;
  std::string_view tool;
  std::size_t tool_number;
  clock::time_point begun;
  std::string request_id;
  std::shared_ptr<const call_trace> trace;
  completion<tool_reply> done;

  void operator()(result<tool_reply> outcome) {
    under_way->end(key);
    (*tell)({tool, tool_number, outcome ? std::nullopt : std::optional{outcome.error().code},
             clock::now() - begun, trace->workspace, request_id});
    done(std::move(outcome));
  }
  bool gone() const { return done.caller_gone(); }
};

} // namespace

std::optional<std::chrono::seconds> calls_under_way::refuse_or_begin(std::size_t key,
                                                                     clock::time_point now) {
  const std::lock_guard lock{guard_};
  load& present = loads_[key];
  if (present.calls < limits::workspace_in_flight_calls_max) {
    ++present.calls;
    return std::nullopt;
  }
  if (now - present.refusing_since >= 1s) {
    present.refusing_since = now;
    present.refused = 0;
  }
  return std::min(1s + std::chrono::seconds{present.refused++ / returns_per_second}, wait_max);
}

void calls_under_way::end(std::size_t key) {
  const std::lock_guard lock{guard_};
  const auto found = loads_.find(key);
  if (--found->second.calls == 0)
    loads_.erase(found);
}

std::size_t calls_under_way::key_of(const credential& from) {
  const auto* token = std::get_if<bearer_token>(&from);
  return std::hash<std::string>{}(token != nullptr ? token->text
                                                   : std::get<local_user>(from).workspace);
}

observed_gateway::observed_gateway(gateway& target, listener tell)
    : target_(target), tell_(std::make_shared<const listener>(std::move(tell))) {
  for (const tool_spec* spec : target.tools())
    places_.emplace(spec->name, places_.size());
}

void observed_gateway::submit(call work) {
  const auto known = places_.find(work.tool);
  const bool is_known = known != places_.end();
  const std::string_view tool = is_known ? known->first : "unknown";
  const std::size_t tool_number = is_known ? known->second : places_.size();
  const std::size_t key = calls_under_way::key_of(work.from);
  const auto now = clock::now();
  if (const auto wait = under_way_->refuse_or_begin(key, now)) {
    (*tell_)({tool, tool_number, error_code::rate_limited, {}, {}, work.origin.request_id});
    return work.done(crm::error{error_code::rate_limited,
                                "the token has too many calls in flight",
                                {},
                                std::chrono::milliseconds{*wait}.count()});
  }
  work.trace = std::make_shared<call_trace>();
  work.done = completion<tool_reply>{watched_call{tell_, under_way_, key, tool, tool_number, now,
                                                  work.origin.request_id, work.trace,
                                                  std::move(work.done)}};
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
