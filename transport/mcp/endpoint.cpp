// SPDX-License-Identifier: Apache-2.0
#include "transport/mcp/endpoint.hpp"

#include "protocol/limits.hpp"
#include "protocol/mcp/batch.hpp"
#include "protocol/mcp/legacy.hpp"
#include "protocol/mcp/modern.hpp"
#include "protocol/mcp/signed_text.hpp"

#include <limits>
#include <utility>

namespace crm::transport {

namespace {

using mcp::rpc_code;

constexpr std::string_view path = "/mcp";
constexpr std::string_view session_header = "Mcp-Session-Id";

http_response invalid_request(std::string why) {
  return refusal(400, {rpc_code::invalid_request, "Invalid Request: " + std::move(why)});
}

bool is_modern_version(const http_request& request) {
  const auto version = routing_headers_of(request).protocol_version;
  return version && mcp::names_modern_revision(*version);
}

http_response not_in_this_era() {
  http_response answer = refusal(405, {rpc_code::transport_refusal,
                                       "Revisions from 2026-07-28 on have no sessions: use POST"});
  answer.headers.push_back({"Allow", "POST"});
  return answer;
}

} // namespace

mcp_endpoint::mcp_endpoint(std::shared_ptr<mcp::service> server, gateway& crm,
                           endpoint_options options)
    : server_(std::move(server)), crm_(crm), callers_(std::move(options.callers)),
      gate_(std::move(options.gate)), sessions_(server_) {}

std::vector<route> mcp_endpoint::routes() {
  const auto self = shared_from_this();
  const auto admit = [self](const http_request& request) {
    return self->gate_.check_origin(request);
  };
  const auto serve =
      [self](void (mcp_endpoint::*next)(const http_request&, const mcp::caller&, exchange)) {
        return [self, next](http_request request, exchange duty) {
          self->identified(
              std::move(request), std::move(duty),
              [self, next](const http_request& known, const mcp::caller& from, exchange owed) {
                ((*self).*next)(known, from, std::move(owed));
              });
        };
      };
  const std::string where{path};
  return {{"POST", where, serve(&mcp_endpoint::post), admit},
          {"GET", where, serve(&mcp_endpoint::get), admit},
          {"DELETE", where, serve(&mcp_endpoint::remove), admit},
          {"OPTIONS", where,
           [self](const http_request& request, exchange duty) {
             duty.respond(self->gate_.preflight(request));
           },
           admit}};
}

void mcp_endpoint::identified(
    http_request request, exchange duty,
    std::function<void(const http_request&, const mcp::caller&, exchange)> next) {
  auto shown = credential_of(request, callers_);
  if (!shown)
    return duty.respond(gate_.stranger(request, shown.error()));
  // A completion has to be copyable, an exchange is not.
  const auto kept =
      std::make_shared<std::pair<http_request, exchange>>(std::move(request), std::move(duty));
  const credential from = *shown;
  crm_.identify(from, completion<principal>{[self = shared_from_this(), kept, from,
                                             next = std::move(next)](result<principal> who) {
                  if (!who)
                    return kept->second.respond(self->gate_.stranger(kept->first, who.error()));
                  next(kept->first, {from, *std::move(who)}, std::move(kept->second));
                }});
}

void mcp_endpoint::respond(const http_request& request, exchange& duty,
                           http_response answer) const {
  const auto headers = gate_.answer_headers(request);
  answer.headers.insert(answer.headers.end(), headers.begin(), headers.end());
  duty.respond(std::move(answer));
}

std::shared_ptr<http_reply> mcp_endpoint::reply_for(const http_request& request, exchange duty,
                                                    std::shared_ptr<event_log> events) {
  const auto self = shared_from_this();
  return std::make_shared<http_reply>(
      std::move(duty),
      reply_parts{gate_.answer_headers(request), std::move(events),
                  [self](const std::shared_ptr<event_log>& stream) { self->keep_alive(stream); },
                  [self](const std::string& scope) { return self->gate_.scope_challenge(scope); }});
}

void mcp_endpoint::keep_alive(const std::shared_ptr<event_log>& stream) {
  const std::lock_guard lock{mutex_};
  streams_.push_back(stream);
}

// -- POST ----------------------------------------------------------------------------------------

void mcp_endpoint::post(const http_request& request, const mcp::caller& from, exchange duty) {
  if (auto refused = gate_.check_post_types(request))
    return respond(request, duty, *std::move(refused));
  auto value = parse_json(request.body);
  if (!value)
    return respond(request, duty, refusal(400, mcp::parse_failure(value.error().message)));
  if (value->is_array())
    return post_batch(request, *std::move(value), from, std::move(duty));
  mcp::rpc_message message = mcp::read_message(*std::move(value));
  if (const auto* bad = std::get_if<mcp::rpc_malformed>(&message))
    return respond(request, duty, refusal(400, bad->reason, bad->id));
  const auto version = routing_headers_of(request).protocol_version;
  const auto decided = mcp::era_of(message, version);
  if (const auto* bad = std::get_if<mcp::rpc_error>(&decided)) {
    const auto* asked = std::get_if<mcp::rpc_request>(&message);
    return respond(request, duty,
                   refusal(bad->http_status, *bad, asked != nullptr ? asked->id : json()));
  }
  if (*std::get_if<mcp::era>(&decided) == mcp::era::modern)
    return post_modern(request, std::move(message), from, std::move(duty));
  post_legacy(request, std::move(message), from, std::move(duty));
}

void mcp_endpoint::post_modern(const http_request& request, mcp::rpc_message message,
                               const mcp::caller& from, exchange duty) {
  if (std::holds_alternative<mcp::rpc_notification>(message))
    return respond(request, duty, {202, {}, {}});
  auto* asked = std::get_if<mcp::rpc_request>(&message);
  if (asked == nullptr)
    return respond(request, duty, invalid_request("this era knows no answers of the client"));
  const auto reply =
      reply_for(request, std::move(duty), std::make_shared<event_log>(std::string{}));
  reply->watch(http_reply::when_gone::cancel);
  const mcp::routing_headers headers = routing_headers_of(request);
  mcp::serve_modern(server_, std::move(*asked), from, &headers, reply);
}

std::shared_ptr<http_session> mcp_endpoint::session_of(const http_request& request,
                                                       const mcp::caller& from, exchange& duty) {
  const auto id = request.headers.find(session_header);
  if (!id || request.headers.count(session_header) > 1) {
    respond(request, duty,
            refusal(400, {rpc_code::transport_refusal,
                          "Bad Request: one Mcp-Session-Id header is required; initialize first"}));
    return nullptr;
  }
  auto session = sessions_.find(std::string{*id}, from);
  if (!session) {
    respond(request, duty,
            refusal(404, {rpc_code::session_not_found,
                          "Session not found: it is over or not yours; initialize again"}));
    return nullptr;
  }
  const auto version = routing_headers_of(request).protocol_version;
  if (version && !mcp::find_legacy(*version)) {
    respond(request, duty,
            refusal(400, {rpc_code::transport_refusal,
                          "Bad Request: unsupported MCP-Protocol-Version " + *version}));
    return nullptr;
  }
  return session;
}

void mcp_endpoint::post_legacy(const http_request& request, mcp::rpc_message message,
                               const mcp::caller& from, exchange duty) {
  auto* asked = std::get_if<mcp::rpc_request>(&message);
  if (asked != nullptr && asked->method == "initialize")
    return open_session(request, *asked, from, std::move(duty));
  const auto session = session_of(request, from, duty);
  if (!session)
    return;
  if (asked != nullptr) {
    const auto reply =
        reply_for(request, std::move(duty), session->new_stream(mcp::fresh_nonce(*server_->world)));
    reply->watch(http_reply::when_gone::detach);
    return mcp::serve_legacy(server_, std::move(*asked), from, session->state, reply);
  }
  if (auto* answer = std::get_if<mcp::rpc_response>(&message))
    session->state->asked->take(std::move(*answer));
  else
    mcp::hear_legacy(*std::get_if<mcp::rpc_notification>(&message), *session->state);
  respond(request, duty, {202, {}, {}});
}

void mcp_endpoint::open_session(const http_request& request, const mcp::rpc_request& message,
                                const mcp::caller& from, exchange duty) {
  auto agreed = mcp::negotiate(message);
  if (const auto* bad = std::get_if<mcp::rpc_error>(&agreed))
    return respond(request, duty, refusal(200, *bad, message.id));
  const auto opened = sessions_.open(std::move(*std::get_if<mcp::session_terms>(&agreed)), from);
  http_response answer = json_response(
      200, mcp::initialize_reply(*server_, message.id, opened.session->state->terms).text);
  answer.headers.push_back({std::string{session_header}, opened.id});
  respond(request, duty, std::move(answer));
}

void mcp_endpoint::post_batch(const http_request& request, json values, const mcp::caller& from,
                              exchange duty) {
  for (const json& value : values)
    if (value.is_object() && mcp::claims_modern(value.value("params", json())))
      return respond(request, duty, invalid_request("a modern request cannot stand in a batch"));
  if (!request.headers.find(session_header) || is_modern_version(request))
    return respond(request, duty, invalid_request("batches exist in revision 2025-03-26 only"));
  const auto session = session_of(request, from, duty);
  if (!session)
    return;
  if (session->state->terms.version != mcp::revision::v2025_03_26)
    return respond(request, duty, invalid_request("batches exist in revision 2025-03-26 only"));
  if (values.empty() || values.size() > limits::batch_messages_max)
    return respond(request, duty, invalid_request("a batch holds 1 to 100 messages"));
  const auto whole =
      reply_for(request, std::move(duty), std::make_shared<event_log>(std::string{}));
  const auto gathered = std::make_shared<mcp::batch>(whole);
  for (json& value : values) {
    mcp::rpc_message message = mcp::read_message(std::move(value));
    if (auto* asked = std::get_if<mcp::rpc_request>(&message)) {
      if (asked->method != "initialize") {
        mcp::serve_legacy(server_, std::move(*asked), from, session->state, gathered->member());
        continue;
      }
      message = mcp::rpc_malformed{
          asked->id, {rpc_code::invalid_request, "initialize cannot stand in a batch"}};
    }
    if (const auto* bad = std::get_if<mcp::rpc_malformed>(&message))
      gathered->member()->answer(mcp::error_reply(bad->id, bad->reason));
    else if (auto* answer = std::get_if<mcp::rpc_response>(&message))
      session->state->asked->take(std::move(*answer));
    else
      mcp::hear_legacy(*std::get_if<mcp::rpc_notification>(&message), *session->state);
  }
  gathered->close();
}

// -- GET and DELETE ------------------------------------------------------------------------------

void mcp_endpoint::get(const http_request& request, const mcp::caller& from, exchange duty) {
  if (is_modern_version(request))
    return respond(request, duty, not_in_this_era());
  const auto session = session_of(request, from, duty);
  if (!session)
    return;
  std::shared_ptr<event_log> stream = session->pushes;
  std::optional<std::uint64_t> after;
  if (const auto last = request.headers.find("Last-Event-ID")) {
    const auto id = read_event_id(*last);
    stream = id ? session->find_stream(id->key) : nullptr;
    if (!stream)
      return respond(request, duty,
                     refusal(400, {rpc_code::transport_refusal,
                                   "Bad Request: no stream has that Last-Event-ID"}));
    after = id->number;
  } else if (stream->attached()) {
    return respond(request, duty,
                   refusal(409, {rpc_code::transport_refusal,
                                 "Conflict: this session has its stream already"}));
  }
  peer_watch watch = duty.watch();
  const auto connection =
      stream->attach(duty.open_stream(event_stream_head(gate_.answer_headers(request))), after);
  keep_alive(stream);
  watch.on_gone([stream, connection] { stream->detach(connection); });
}

void mcp_endpoint::remove(const http_request& request, const mcp::caller& from, exchange duty) {
  if (is_modern_version(request))
    return respond(request, duty, not_in_this_era());
  if (!session_of(request, from, duty))
    return;
  sessions_.end(std::string{*request.headers.find(session_header)});
  respond(request, duty, {204, {}, {}});
}

// -- in the background ---------------------------------------------------------------------------

void mcp_endpoint::tick() {
  sessions_.tick();
  const std::int64_t now = server_->world->now_ms();
  std::vector<std::shared_ptr<event_log>> alive;
  {
    const std::lock_guard lock{mutex_};
    if (now - checked_at_ms_ < limits::stream_check_ms.count())
      return;
    checked_at_ms_ = now;
    std::erase_if(streams_, [](const auto& stream) { return stream.expired(); });
    for (const auto& stream : streams_)
      if (auto open = stream.lock())
        alive.push_back(std::move(open));
  }
  for (const auto& stream : alive)
    stream->keep_alive();
  check_callers();
}

void mcp_endpoint::check_callers() {
  for (auto& [whose, shown] : server_->subscriptions.holders())
    crm_.identify(shown, completion<principal>{
                             [server = server_, ticket = whose](const result<principal>& who) {
                               if (!who && who.error().code == error_code::unauthenticated)
                                 server->subscriptions.end(ticket);
                             }});
  for (const auto& session : sessions_.all()) {
    if (!session->pushes->attached())
      continue;
    crm_.identify(session->who.from, completion<principal>{[session](const result<principal>& who) {
                    if (!who && who.error().code == error_code::unauthenticated)
                      session->pushes->detach();
                  }});
  }
}

void mcp_endpoint::end_streams() {
  server_->subscriptions.end_all();
  for (const auto& session : sessions_.all()) {
    // Whoever waits for a user's answer waits in vain: the question ends with this run.
    session->state->asked->expire(std::numeric_limits<std::int64_t>::max());
    session->pushes->detach();
  }
}

} // namespace crm::transport
