// SPDX-License-Identifier: Apache-2.0
#include "protocol/call.hpp"

namespace crm {

namespace {

json detail_json(const error_detail& detail) {
  json out{{"path", detail.path}, {"got", detail.got}, {"expected", detail.expected}};
  if (!detail.valid_options.empty())
    out["validOptions"] = detail.valid_options;
  if (!detail.did_you_mean.empty())
    out["didYouMean"] = detail.did_you_mean;
  return out;
}

} // namespace

json error_json(const error& reason) {
  const error_face& face = face_of(reason.code);
  json out{{"code", face.text}, {"message", reason.message}, {"retryable", face.retryable}};
  if (reason.retry_after_ms)
    out["retryAfterMs"] = *reason.retry_after_ms;
  if (!reason.details.empty()) {
    out["details"] = json::array();
    for (const error_detail& detail : reason.details)
      out["details"].push_back(detail_json(detail));
  }
  return out;
}

std::string envelope_of(const result<tool_reply>& outcome) {
  if (!outcome)
    return "{\"success\":false,\"error\":" + dump_json(error_json(outcome.error())) + "}";
  std::string text;
  text.reserve(outcome->data.size() + outcome->page.size() + outcome->warnings.size() + 64);
  text += "{\"success\":true,\"data\":";
  text += outcome->data;
  if (!outcome->page.empty())
    text.append(",\"page\":").append(outcome->page);
  if (!outcome->warnings.empty())
    text.append(",\"warnings\":").append(outcome->warnings);
  text += '}';
  return text;
}

} // namespace crm
