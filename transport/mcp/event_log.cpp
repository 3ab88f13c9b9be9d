// SPDX-License-Identifier: Apache-2.0
#include "transport/mcp/event_log.hpp"

#include <charconv>
#include <utility>

namespace crm::transport {

namespace {

constexpr std::size_t kept_events_max = 256;
constexpr std::size_t kept_bytes_max = 1024 * 1024;
/// How soon a client should come back to a stream that was cut.
constexpr int retry_ms = 500;

} // namespace

http_response event_stream_head(std::vector<response_header> headers) {
  headers.push_back({"Content-Type", "text/event-stream"});
  headers.push_back({"Cache-Control", "no-cache, no-transform"});
  headers.push_back({"X-Accel-Buffering", "no"});
  return {200, std::move(headers), {}};
}

std::string event_log::event_text(std::uint64_t number, const std::string& message) const {
  std::string text = "event: message\n";
  if (!key_.empty())
    text.append("id: ").append(key_).append("-").append(std::to_string(number)).append("\n");
  return text.append("data: ").append(message).append("\n\n");
}

void event_log::keep(kept one) {
  kept_bytes_ += one.event.size();
  kept_.push_back(std::move(one));
  while (kept_.size() > kept_events_max || (kept_bytes_ > kept_bytes_max && kept_.size() > 1)) {
    kept_bytes_ -= kept_.front().event.size();
    kept_.pop_front();
  }
}

void event_log::append(const std::string& message) {
  const std::lock_guard lock{mutex_};
  if (finished_)
    return;
  std::string event = event_text(++last_, message);
  if (!key_.empty())
    keep({last_, event});
  if (connection_ && !connection_->write(std::move(event)))
    connection_.reset();
}

event_log::connection_number event_log::attach(response_stream connection,
                                               std::optional<std::uint64_t> after) {
  const std::lock_guard lock{mutex_};
  connection_.emplace(std::move(connection));
  if (after)
    for (const kept& one : kept_)
      if (one.number > *after)
        connection_->write(one.event);
  if (finished_)
    connection_.reset();
  return ++connections_;
}

bool event_log::attached() const {
  const std::lock_guard lock{mutex_};
  return connection_.has_value();
}

void event_log::detach(connection_number which) {
  const std::lock_guard lock{mutex_};
  if (which == connections_)
    connection_.reset();
}

void event_log::detach() {
  const std::lock_guard lock{mutex_};
  connection_.reset();
}

void event_log::finish() {
  const std::lock_guard lock{mutex_};
  finished_ = true;
  connection_.reset();
}

bool event_log::finished() const {
  const std::lock_guard lock{mutex_};
  return finished_;
}

void event_log::keep_alive() {
  const std::lock_guard lock{mutex_};
  if (connection_)
    connection_->write(": keepalive\n\n");
}

std::string event_log::priming_event() {
  if (key_.empty())
    return {};
  const std::lock_guard lock{mutex_};
  return "id: " + key_ + "-" + std::to_string(++last_) + "\nretry: " + std::to_string(retry_ms)
         + "\ndata: \n\n";
}

std::optional<event_id> read_event_id(std::string_view text) {
  const std::size_t dash = text.rfind('-');
  if (dash == std::string_view::npos || dash == 0)
    return std::nullopt;
  const std::string_view digits = text.substr(dash + 1);
  std::uint64_t number = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (failure != std::errc{} || end != digits.data() + digits.size())
    return std::nullopt;
  return event_id{std::string{text.substr(0, dash)}, number};
}

} // namespace crm::transport
