// SPDX-License-Identifier: Apache-2.0
#include "protocol/mcp/questions.hpp"

#include <utility>
#include <vector>

namespace crm::mcp {

void questions::ask(const std::shared_ptr<exchange>& way, std::string_view method,
                    const json& params, std::int64_t deadline_ms, completion<json> done) {
  std::string id;
  {
    const std::lock_guard lock{mutex_};
    id = "ask-" + std::to_string(++last_);
    pending_.emplace(id, pending{std::move(done), way.get(), deadline_ms});
  }
  way->at_end([self = weak_from_this(), ended = way.get()] {
    if (const auto all = self.lock())
      all->drop_for(ended);
  });
  way->send(request_message(id, method, params));
}

void questions::take(rpc_response answer) {
  if (!answer.id.is_string())
    return;
  completion<json> done;
  {
    const std::lock_guard lock{mutex_};
    const auto found = pending_.find(answer.id.get_ref<const std::string&>());
    if (found == pending_.end())
      return;
    done = std::move(found->second.done);
    pending_.erase(found);
  }
  if (answer.error.is_null())
    return done(std::move(answer.result));
  done(error{error_code::invalid_request,
             "the client refused the question: " + brief_json(answer.error, 200)});
}

void questions::expire(std::int64_t now_ms) {
  drop_if([&](const pending& one) { return one.deadline_ms <= now_ms; },
          "the client did not answer the question in time; nothing was done");
}

void questions::drop_for(const exchange* ended) {
  drop_if([&](const pending& one) { return one.way == ended; }, "the request has ended");
}

template <class Predicate>
void questions::drop_if(Predicate predicate, const char* why) {
  std::vector<completion<json>> dropped;
  {
    const std::lock_guard lock{mutex_};
    for (auto at = pending_.begin(); at != pending_.end();) {
      if (!predicate(at->second)) {
        ++at;
        continue;
      }
      dropped.push_back(std::move(at->second.done));
      at = pending_.erase(at);
    }
  }
  for (auto& done : dropped)
    done(error{error_code::overloaded, why});
}

} // namespace crm::mcp
