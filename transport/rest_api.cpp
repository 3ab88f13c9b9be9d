// SPDX-License-Identifier: Apache-2.0
#include "transport/rest_api.hpp"

#include "protocol/limits.hpp"
#include "protocol/tool_spec.hpp"

#include <memory>
#include <utility>

namespace crm::transport {

namespace {

constexpr std::size_t client_bytes_max = 120;

/// What the client calls itself, fit for a log: printable ASCII, cut.
std::string client_of(const http_request& request) {
  std::string name;
  for (const char c : request.headers.find("User-Agent").value_or("")) {
    if (c >= 0x20 && c < 0x7F && name.size() < client_bytes_max)
      name += c;
  }
  return name;
}

http_response outcome_response(const result<tool_reply>& outcome, int status = 200) {
  return outcome ? json_response(status, envelope_of(outcome)) : error_response(outcome.error());
}

/// The body of `POST /mcp/call`.
struct call_body {
  std::string tool;
  json args;
};

crm::error body_error(std::string path, std::string got, std::string expected) {
  std::string message = path + ": expected " + expected + ", got " + got;
  return argument_error(error_code::invalid_request, std::move(message),
                        {std::move(path), std::move(got), std::move(expected)});
}

result<call_body> read_body(const std::string& text) {
  auto body = parse_json(text);
  if (!body)
    return std::move(body).error();
  const std::string shape = R"(an object {"tool":"get_contact","args":{...}})";
  if (!body->is_object())
    return body_error("body", brief_json(*body), shape);
  call_body read{{}, json::object()};
  for (auto& [name, value] : body->items()) {
    if (name == "tool" && value.is_string())
      read.tool = value.get<std::string>();
    else if (name == "args" && value.is_object())
      read.args = std::move(value);
    else if (name == "tool" || name == "args")
      return body_error(name, brief_json(value), name == "tool" ? "a string" : "an object");
    else
      return body_error(name.substr(0, 60), "an unknown member", shape);
  }
  if (read.tool.empty())
    return body_error("tool", "nothing", "the name of a tool, see GET /mcp/tools");
  return read;
}

void answer_call(gateway& target, const rest_options& options, http_request request,
                 exchange reply) {
  auto from = credential_of(request, options);
  if (!from)
    return reply.respond(error_response(from.error()));
  auto body = read_body(request.body);
  if (!body) {
    // A stranger is told that it is one before it is told what is wrong with its request.
    return target.identify(
        *std::move(from),
        completion<principal>{[reply = std::move(reply), reason = std::move(body).error()](
                                  const result<principal>& caller) mutable {
          reply.respond(error_response(caller ? reason : caller.error()));
        }});
  }
  target.submit({*std::move(from),
                 std::move(body->tool),
                 std::move(body->args),
                 {client_of(request), std::move(request.id)},
                 std::chrono::steady_clock::now() + limits::call_timeout_ms,
                 completion<tool_reply>{calling_client{std::move(reply)}}});
}

/// The catalogue as `GET /mcp/tools` shows it, each tool written once.
struct written_tool {
  const tool_spec* spec;
  std::string text;
};

std::string tools_for(const std::vector<written_tool>& tools, const principal& caller) {
  std::string data = "[";
  for (const written_tool& tool : tools) {
    if (!authorize(caller, *tool.spec))
      continue;
    if (data.size() > 1)
      data += ',';
    data += tool.text;
  }
  return data + "]";
}

void answer_tools(gateway& target, const rest_options& options,
                  const std::shared_ptr<const std::vector<written_tool>>& tools,
                  const http_request& request, exchange reply) {
  auto from = credential_of(request, options);
  if (!from)
    return reply.respond(error_response(from.error()));
  target.identify(*std::move(from),
                  completion<principal>{
                      [reply = std::move(reply), tools](const result<principal>& caller) mutable {
                        if (caller)
                          reply.respond(outcome_response(tool_reply{tools_for(*tools, *caller)}));
                        else
                          reply.respond(error_response(caller.error()));
                      }});
}

http_response health_of(const gateway& target) {
  const bool healthy = target.healthy();
  const json body{{"status", healthy ? "ok" : "unavailable"},
                  {"tools", target.tools().size()},
                  {"version", CRM_VERSION}};
  return json_response(healthy ? 200 : 503, dump_json(body));
}

} // namespace

void calling_client::operator()(const result<tool_reply>& outcome) {
  reply.respond(outcome_response(outcome, status));
}

result<credential> credential_of(const http_request& request, const rest_options& options) {
  if (options.everyone)
    return credential{*options.everyone};
  const auto count = request.headers.count("Authorization");
  if (count > 1)
    return crm::error{error_code::invalid_request, "send one Authorization header, not several"};
  constexpr std::string_view scheme = "Bearer ";
  const std::string_view value = request.headers.find("Authorization").value_or("");
  if (value.size() <= scheme.size() || !same_ignoring_case(value.substr(0, scheme.size()), scheme))
    return crm::error{error_code::unauthenticated,
                      "send a token in the header Authorization: Bearer <token>"};
  return credential{bearer_token{std::string{value.substr(scheme.size())}}};
}

http_response error_response(const error& reason) {
  http_response response = json_response(face_of(reason.code).http_status, envelope_of(reason));
  if (reason.code == error_code::unauthenticated)
    response.headers.push_back({"WWW-Authenticate", R"(Bearer realm="vantage-crm")"});
  if (response.status == 429 || response.status == 503) {
    const std::int64_t seconds = (reason.retry_after_ms.value_or(1'000) + 999) / 1'000;
    response.headers.push_back({"Retry-After", std::to_string(seconds)});
  }
  return response;
}

std::optional<http_response> refuse_foreign_pages(const rest_options& options,
                                                  const http_request& request) {
  if (!options.gate || !options.gate->check_origin(request))
    return std::nullopt;
  return error_response({error_code::scope, "this Host or Origin is not served: see --public-url"});
}

std::vector<route> rest_routes(gateway& target, const rest_options& options) {
  auto tools = std::make_shared<std::vector<written_tool>>();
  for (const tool_spec* spec : target.tools())
    tools->push_back({spec, dump_json(describe_for_rest(*spec))});
  const auto admit = [options](const http_request& request) {
    return refuse_foreign_pages(options, request);
  };
  return {
      {"GET", "/health",
       [&target](const http_request&, exchange reply) { reply.respond(health_of(target)); }},
      {"GET", "/mcp/tools",
       [&target, options, tools](const http_request& request, exchange reply) {
         answer_tools(target, options, tools, request, std::move(reply));
       },
       admit},
      {"POST", "/mcp/call",
       [&target, options](http_request request, exchange reply) {
         answer_call(target, options, std::move(request), std::move(reply));
       },
       admit},
  };
}

} // namespace crm::transport
