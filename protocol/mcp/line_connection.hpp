// SPDX-License-Identifier: Apache-2.0
// MCP over a pair of byte streams where each line is a message: what stdio speaks. Both eras, mixed
// as they come. Does no input or output of its own: it is handed lines and a way to write them.
#pragma once

#include "protocol/mcp/legacy_session.hpp"
#include "protocol/mcp/service.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace crm::mcp {

/// One client on a pair of streams. Lines are handed in by one thread; answers come from any.
class line_connection : public std::enable_shared_from_this<line_connection> {
public:
  /// Writes one message; the newline is the writer's to add.
  using line_writer = std::function<void(const std::string&)>;

  /// `local` is whom the transport vouches for: every message comes from him.
  line_connection(std::shared_ptr<service> server, caller local, line_writer write);

  /// Takes one line, without its newline. Returns at once. A blank line is ignored.
  void receive(std::string_view line);
  /// Answers a line that was longer than `limits::body_bytes_max` and is not kept.
  void refuse_long_line();
  /// Gives up questions that the client left unanswered too long; to be called now and then.
  void tick();
  /// The client sends nothing more: ends subscriptions and open questions.
  void close_input();
  /// Waits until every request is answered. Returns false when `limit` passed before.
  bool drain(std::chrono::milliseconds limit);

private:
  class line_exchange;

  void receive_message(json value);
  void receive_batch(json values);
  void serve(rpc_message message, const std::shared_ptr<exchange>& way_back);
  void serve_request(rpc_request request, const std::shared_ptr<exchange>& way_back);
  void open_session(const rpc_request& request, const std::shared_ptr<exchange>& way_back);
  std::shared_ptr<legacy_session> new_session(session_terms agreed);
  void answered();

  const std::shared_ptr<service> server_;
  const caller local_;
  const line_writer write_;
  /// Requests of the modern era, and those that stay open until they are taken back.
  const std::shared_ptr<in_flight> requests_ = std::make_shared<in_flight>();
  const std::shared_ptr<in_flight> listens_ = std::make_shared<in_flight>();
  /// The terms of the last `initialize`, or default ones for clients that never sent it.
  std::shared_ptr<legacy_session> session_;

  std::mutex mutex_;
  std::condition_variable all_answered_;
  std::size_t awaited_ = 0;
};

} // namespace crm::mcp
