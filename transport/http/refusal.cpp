// SPDX-License-Identifier: Apache-2.0
#include "transport/http/refusal.hpp"

#include "protocol/error.hpp"
#include "protocol/json.hpp"

namespace crm::transport {

namespace {

error_code code_of(int status) {
  switch (status) {
  case 404:
    return error_code::not_found;
  case 413:
    return error_code::content_too_large;
  case 500:
    return error_code::storage;
  case 503:
    return error_code::overloaded;
  default:
    return error_code::invalid_request;
  }
}

} // namespace

http_response refusal_response(const refusal& why) {
  std::string body = R"({"success":false,"error":{"code":")";
  body.append(face_of(code_of(why.status)).text).append(R"(","message":)");
  append_json_string(body, why.reason);
  body.append("}}");
  http_response answer = json_response(why.status, std::move(body));
  if (why.status == 503)
    answer.headers.push_back({"Retry-After", "1"});
  return answer;
}

} // namespace crm::transport
