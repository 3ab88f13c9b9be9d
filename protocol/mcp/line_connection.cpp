// SPDX-License-Identifier: Apache-2.0
#include "protocol/mcp/line_connection.hpp"

#include "protocol/limits.hpp"
#include "protocol/mcp/batch.hpp"
#include "protocol/mcp/legacy.hpp"
#include "protocol/mcp/modern.hpp"

#include <limits>
#include <utility>

namespace crm::mcp {

class line_connection::line_exchange : public exchange {
public:
  explicit line_exchange(line_writer write) : write_(std::move(write)) {}

protected:
  void write(const std::string& message) override { write_(message); }
  void finish(const reply& last) override { write_(last.text); }

private:
  line_writer write_;
};

line_connection::line_connection(std::shared_ptr<service> server, caller local, line_writer write)
    : server_(std::move(server)), local_(std::move(local)), write_(std::move(write)),
      session_(new_session({})) {}

std::shared_ptr<legacy_session> line_connection::new_session(session_terms agreed) {
  auto session = std::make_shared<legacy_session>(std::move(agreed));
  session->set_push(write_);
  session->hear_lists(server_->subscriptions, local_, server_->offer.changing);
  return session;
}

void line_connection::receive(std::string_view line) {
  if (line.ends_with('\r'))
    line.remove_suffix(1);
  if (line.find_first_not_of(" \t") == std::string_view::npos)
    return;
  auto value = parse_json(line);
  if (!value)
    return write_(error_message(nullptr, parse_failure(value.error().message)));
  if (value->is_array())
    return receive_batch(*std::move(value));
  receive_message(*std::move(value));
}

void line_connection::refuse_long_line() {
  write_(error_message(nullptr, {rpc_code::invalid_request,
                                 "Invalid Request: the line is longer than "
                                     + std::to_string(limits::body_bytes_max) + " bytes"}));
}

void line_connection::receive_message(json value) {
  rpc_message message = read_message(std::move(value));
  const bool request = std::holds_alternative<rpc_request>(message)
                       || std::holds_alternative<rpc_malformed>(message);
  std::shared_ptr<exchange> way_back;
  if (request)
    way_back = std::make_shared<line_exchange>(write_);
  serve(std::move(message), way_back);
}

void line_connection::receive_batch(json values) {
  const bool allowed = session_->terms.version == revision::v2025_03_26;
  const auto refuse = [&](const char* why) {
    write_(error_message(nullptr,
                         {rpc_code::invalid_request, "Invalid Request: " + std::string{why}}));
  };
  if (!allowed)
    return refuse("batches exist in revision 2025-03-26 only");
  if (values.empty() || values.size() > limits::batch_messages_max)
    return refuse("a batch holds 1 to 100 messages");
  for (const json& value : values)
    if (value.is_object() && claims_modern(value.value("params", json())))
      return refuse("a modern request cannot stand in a batch");
  auto whole = std::make_shared<line_exchange>(write_);
  auto gathered = std::make_shared<batch>(whole);
  for (json& value : values) {
    rpc_message message = read_message(std::move(value));
    const auto* request = std::get_if<rpc_request>(&message);
    if (request != nullptr && request->method == "initialize")
      message = rpc_malformed{
          request->id,
          {rpc_code::invalid_request, "Invalid Request: initialize cannot stand in a batch"}};
    serve(std::move(message), gathered->member());
  }
  gathered->close();
}

void line_connection::serve(rpc_message message, const std::shared_ptr<exchange>& way_back) {
  if (auto* request = std::get_if<rpc_request>(&message))
    return serve_request(std::move(*request), way_back);
  if (auto* bad = std::get_if<rpc_malformed>(&message))
    return way_back->answer(error_reply(bad->id, bad->reason));
  if (way_back)
    way_back->cancel(); // a notification inside a batch: nothing is gathered for it
  if (auto* answer = std::get_if<rpc_response>(&message))
    return session_->asked->take(std::move(*answer));
  const auto& news = *std::get_if<rpc_notification>(&message);
  hear_legacy(news, *session_);
  if (news.method != "notifications/cancelled" || !news.params.is_object())
    return;
  if (const auto id = news.params.find("requestId"); id != news.params.end()) {
    requests_->cancel(*id);
    listens_->cancel(*id);
  }
}

void line_connection::serve_request(rpc_request request,
                                    const std::shared_ptr<exchange>& way_back) {
  const bool modern = claims_modern(request.params);
  if (modern && request.method == listen_method) {
    listens_->add(request.id, way_back);
    return serve_modern(server_, std::move(request), local_, nullptr, way_back);
  }
  {
    const std::lock_guard lock{mutex_};
    ++awaited_;
  }
  way_back->at_end([weak = weak_from_this()] {
    if (const auto self = weak.lock())
      self->answered();
  });
  if (modern) {
    requests_->add(request.id, way_back);
    return serve_modern(server_, std::move(request), local_, nullptr, way_back);
  }
  if (request.method == "initialize")
    return open_session(request, way_back);
  serve_legacy(server_, std::move(request), local_, session_, way_back);
}

void line_connection::open_session(const rpc_request& request,
                                   const std::shared_ptr<exchange>& way_back) {
  auto agreed = negotiate(request);
  if (const auto* bad = std::get_if<rpc_error>(&agreed))
    return way_back->answer(error_reply(request.id, *bad));
  session_->end(server_->subscriptions);
  session_ = new_session(std::move(*std::get_if<session_terms>(&agreed)));
  way_back->answer(initialize_reply(*server_, request.id, session_->terms));
}

void line_connection::tick() {
  session_->asked->expire(server_->world->now_ms());
}

void line_connection::close_input() {
  listens_->cancel_all();
  session_->asked->expire(std::numeric_limits<std::int64_t>::max());
}

bool line_connection::drain(std::chrono::milliseconds limit) {
  std::unique_lock lock{mutex_};
  return all_answered_.wait_for(lock, limit, [this] { return awaited_ == 0; });
}

void line_connection::answered() {
  const std::lock_guard lock{mutex_};
  if (--awaited_ == 0)
    all_answered_.notify_all();
}

} // namespace crm::mcp
