// SPDX-License-Identifier: Apache-2.0
#include "protocol/mcp/gateway_calls.hpp"

#include "protocol/limits.hpp"

#include <mutex>
#include <optional>
#include <utility>

namespace crm::mcp {

namespace {

/// The replies of calls that run side by side; they come on any thread.
struct gathering {
  std::mutex mutex;
  std::vector<tool_reply> replies;
  std::optional<error> failure;
  std::size_t missing = 0;
  std::function<void(result<std::vector<tool_reply>>)> done;

  void take(std::size_t place, result<tool_reply> ended) {
    {
      const std::lock_guard lock{mutex};
      if (ended)
        replies[place] = *std::move(ended);
      else if (!failure)
        failure = std::move(ended).error();
      if (--missing > 0)
        return;
    }
    if (failure)
      return done(*std::move(failure));
    done(std::move(replies));
  }
};

progress_listener progress_of(const std::shared_ptr<call_context>& context) {
  if (!context->wants_progress())
    return nullptr;
  return [context](std::int64_t done, std::int64_t total) {
    context->progress(static_cast<double>(done), static_cast<double>(total));
  };
}

} // namespace

void run_call(gateway& crm, const std::shared_ptr<call_context>& context, gateway_call asked,
              std::function<void(result<tool_reply>)> done) {
  crm.submit(
      {.from = context->from().from,
       .tool = std::move(asked.name),
       .args = std::move(asked.args),
       .origin = {context->client_name(), dump_json(context->request_id())},
       .deadline = std::chrono::steady_clock::now() + limits::call_timeout_ms,
       .done = completion<tool_reply>{std::move(done), [context] { return context->cancelled(); }},
       .kind = asked.kind,
       .progress = progress_of(context)});
}

void run_calls(gateway& crm, const std::shared_ptr<call_context>& context,
               std::vector<gateway_call> asked,
               std::function<void(result<std::vector<tool_reply>>)> done) {
  if (asked.empty())
    return done(std::vector<tool_reply>{});
  const auto all = std::make_shared<gathering>();
  all->replies.resize(asked.size());
  all->missing = asked.size();
  all->done = std::move(done);
  for (std::size_t i = 0; i < asked.size(); ++i)
    run_call(crm, context, std::move(asked[i]),
             [all, i](result<tool_reply> ended) { all->take(i, std::move(ended)); });
}

} // namespace crm::mcp
