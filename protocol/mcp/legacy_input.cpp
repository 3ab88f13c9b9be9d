// SPDX-License-Identifier: Apache-2.0
#include "protocol/mcp/legacy_input.hpp"

#include "protocol/limits.hpp"
#include "protocol/mcp/dispatcher.hpp"
#include "protocol/mcp/results.hpp"

#include <atomic>
#include <utility>

namespace crm::mcp {

namespace {

/// One request on its way through as many rounds of questions as its handler needs.
struct conversation : std::enable_shared_from_this<conversation> {
  std::shared_ptr<service> server;
  rpc_request request;
  caller from;
  std::shared_ptr<legacy_session> session;
  std::shared_ptr<exchange> way_back;
  int rounds = 0;

  void run();
  void ended(result<outcome> how);
  void ask(const input_required& wanted);
  void answer(const result<outcome>& how) {
    way_back->answer(legacy_reply(request.id, request.method, how));
  }
  void give_up(const std::string& why);
  json params_for(const json& question) const;
};

/// The answers to the questions of one round, gathered from any thread.
struct round_of_answers {
  std::mutex mutex;
  json responses = json::object();
  std::size_t missing = 0;
  bool failed = false;
};

void conversation::run() {
  call_facts facts{from,       session->terms.client, session->terms.client_name,
                   request.id, request.params,        session->logs_from()};
  auto context = std::make_shared<call_context>(std::move(facts), way_back, server->world);
  dispatch(server->offer, request.method, context,
           outcome_completion{
               [self = shared_from_this()](result<outcome> how) { self->ended(std::move(how)); },
               [way = way_back] { return !way->open(); }});
}

void conversation::ended(result<outcome> how) {
  const auto* wanted = how ? std::get_if<input_required>(&*how) : nullptr;
  if (wanted == nullptr)
    return answer(how);
  if (++rounds > limits::input_rounds_max)
    return give_up("the question was asked too often");
  ask(*wanted);
}

void conversation::give_up(const std::string& why) {
  if (request.method == "tools/call")
    return answer(outcome{tool_failure(why)});
  answer(outcome{rpc_error{rpc_code::internal_error, why}});
}

json conversation::params_for(const json& question) const {
  json params = question.value("params", json::object());
  // Form mode has no name before 2025-11-25.
  if (session->terms.version < revision::v2025_11_25 && params.value("mode", "") == "form")
    params.erase("mode");
  return params;
}

void conversation::ask(const input_required& wanted) {
  for (const auto& [key, question] : wanted.requests.items())
    if (!session->terms.client.answers(question.value("method", "")))
      return give_up("this client cannot answer " + question.value("method", ""));
  request.params["requestState"] = wanted.state;
  if (wanted.state.empty())
    request.params.erase("requestState");
  request.params.erase("inputResponses");
  if (wanted.requests.empty())
    return run();
  auto round = std::make_shared<round_of_answers>();
  round->missing = wanted.requests.size();
  const std::int64_t deadline = server->world->now_ms() + limits::input_wait_ms_max.count();
  for (const auto& [key, question] : wanted.requests.items()) {
    auto take = [self = shared_from_this(), round, name = key](result<json> response) {
      {
        const std::lock_guard lock{round->mutex};
        if (round->failed)
          return;
        round->failed = !response;
        if (response)
          round->responses[name] = *std::move(response);
        if (response && --round->missing > 0)
          return;
      }
      if (!response)
        return self->give_up(response.error().message);
      self->request.params["inputResponses"] = std::move(round->responses);
      self->run();
    };
    session->asked->ask(way_back, question.value("method", ""), params_for(question), deadline,
                        completion<json>{std::move(take)});
  }
}

} // namespace

void run_with_input(const std::shared_ptr<service>& server, rpc_request request, const caller& from,
                    const std::shared_ptr<legacy_session>& session,
                    const std::shared_ptr<exchange>& way_back) {
  auto talk = std::make_shared<conversation>();
  talk->server = server;
  talk->request = std::move(request);
  talk->from = from;
  talk->session = session;
  talk->way_back = way_back;
  talk->run();
}

} // namespace crm::mcp
