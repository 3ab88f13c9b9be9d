// SPDX-License-Identifier: Apache-2.0
#include "transport/mcp/http_reply.hpp"

#include <utility>

namespace crm::transport {

namespace {

constexpr int accepted = 202;
constexpr int forbidden = 403;

} // namespace

void http_reply::watch(when_gone rule) {
  // The notice holds the reply: it is forgotten once the client was served.
  watch_.on_gone([self = shared_from_this(), rule] {
    if (rule == when_gone::cancel)
      self->cancel();
    else
      self->lost();
  });
}

void http_reply::open_stream() {
  if (std::exchange(streaming_, true))
    return;
  http_response head = event_stream_head(parts_.headers);
  head.body = parts_.events->priming_event();
  connection_ = parts_.events->attach(duty_.open_stream(std::move(head)));
  parts_.opened(parts_.events);
}

void http_reply::lost() {
  parts_.events->detach(connection_);
}

void http_reply::write(const std::string& message) {
  open_stream();
  parts_.events->append(message);
}

void http_reply::finish(const mcp::reply& last) {
  if (streaming_) {
    parts_.events->append(last.text);
    return parts_.events->finish();
  }
  http_response answer = json_response(last.http_status, last.text);
  answer.headers.insert(answer.headers.end(), parts_.headers.begin(), parts_.headers.end());
  if (!last.missing_scope.empty()) {
    answer.status = forbidden;
    answer.headers.push_back(parts_.challenge(last.missing_scope));
  }
  duty_.respond(std::move(answer));
}

void http_reply::abandon() {
  if (streaming_)
    return parts_.events->finish();
  duty_.respond({accepted, parts_.headers, {}});
}

void http_reply::shed_connection() {
  // Without numbered events the client could not come back.
  if (parts_.events->key().empty())
    return;
  open_stream();
  parts_.events->detach(connection_);
}

} // namespace crm::transport
