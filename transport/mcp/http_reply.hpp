// SPDX-License-Identifier: Apache-2.0
// The answer to one POST, decided as late as possible: one JSON text with its status, unless
// something has to be sent before it; then a stream of events.
#pragma once

#include "protocol/mcp/exchange.hpp"
#include "transport/http/exchange.hpp"
#include "transport/mcp/event_log.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace crm::transport {

/// What a reply needs beside the duty to answer.
struct reply_parts {
  /// Headers of whatever is answered.
  std::vector<response_header> headers;
  /// Where events go when the answer becomes a stream.
  std::shared_ptr<event_log> events;
  /// Is told when it becomes one.
  std::function<void(const std::shared_ptr<event_log>&)> opened;
  /// Returns the challenge for a scope that the caller lacks.
  std::function<response_header(const std::string& scope)> challenge;
};

/// The way back to the client of one POST.
class http_reply : public mcp::exchange, public std::enable_shared_from_this<http_reply> {
public:
  http_reply(transport::exchange duty, reply_parts parts)
      : duty_(std::move(duty)), watch_(duty_.watch()), parts_(std::move(parts)) {}

  /// What happens when the client leaves: in the modern era that takes the request back, in the
  /// legacy era only the connection is lost.
  enum class when_gone : std::uint8_t { cancel, detach };
  /// Watches the client from now on.
  void watch(when_gone rule);

  void shed_connection() override;

protected:
  void write(const std::string& message) override;
  void finish(const mcp::reply& last) override;
  void abandon() override;

private:
  void open_stream();
  void lost();

  transport::exchange duty_;
  peer_watch watch_;
  reply_parts parts_;
  std::atomic<event_log::connection_number> connection_ = 0;
  bool streaming_ = false;
};

} // namespace crm::transport
