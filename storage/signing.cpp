// SPDX-License-Identifier: Apache-2.0
#include "storage/signing.hpp"

#include "storage/digest.hpp"

#include <charconv>
#include <cstdlib>

namespace crm::storage {

namespace {

/// RFC 4648, section 4: the other alphabet, and padded.
std::string base64(std::string_view bytes) {
  std::string text = base64url(bytes);
  for (char& c : text) {
    if (c == '-')
      c = '+';
    else if (c == '_')
      c = '/';
  }
  while (text.size() % 4 != 0)
    text.push_back('=');
  return text;
}

std::string signature_of(std::string_view key, std::string_view id, std::string_view timestamp,
                         std::string_view body) {
  std::string content;
  content.reserve(id.size() + timestamp.size() + body.size() + 2);
  content.append(id).append(".").append(timestamp).append(".").append(body);
  return "v1," + base64(hmac_sha256(key, content));
}

} // namespace

webhook_secret signing_secret(const shard& data, std::string_view workflow) {
  std::string key = hmac_sha256(data.cursor_key(), "webhook secret of " + std::string{workflow});
  std::string text = "whsec_" + base64(key);
  return {std::move(key), std::move(text)};
}

std::string inbound_url_signature(const shard& data, std::string_view workflow) {
  return base64url(hmac_sha256(data.cursor_key(), "inbound url of " + std::string{workflow}));
}

result<void> verify_inbound_url(const shard& data, std::string_view workflow,
                                std::string_view signature) {
  if (equal_secrets(signature, inbound_url_signature(data, workflow)))
    return {};
  return error{error_code::unauthenticated,
               "the signature in the URL does not fit: use the workflow's inboundPath as it is"};
}

webhook_headers sign_webhook(std::string_view key, std::string_view id, std::string_view body,
                             std::int64_t now_ms) {
  std::string timestamp = std::to_string(now_ms / 1'000);
  std::string signature = signature_of(key, id, timestamp, body);
  return {std::string{id}, std::move(timestamp), std::move(signature)};
}

result<void> verify_webhook(std::string_view key, const webhook_headers& headers,
                            std::string_view body, std::int64_t now_ms) {
  std::int64_t seconds = 0;
  const char* end = headers.timestamp.data() + headers.timestamp.size();
  const auto [stop, failure] = std::from_chars(headers.timestamp.data(), end, seconds);
  const bool read =
      failure == std::errc{} && stop == end && std::llabs(seconds) < 1'000'000'000'000;
  if (!read || std::llabs(seconds * 1'000 - now_ms) > webhook_clock_ms_max)
    return error{error_code::unauthenticated,
                 "webhook-timestamp is not within five minutes of the server's time"};
  const std::string expected = signature_of(key, headers.id, headers.timestamp, body);
  std::string_view given = headers.signature;
  while (!given.empty()) {
    const std::size_t space = std::min(given.find(' '), given.size());
    if (equal_secrets(given.substr(0, space), expected))
      return {};
    given.remove_prefix(std::min(space + 1, given.size()));
  }
  return error{error_code::unauthenticated, "webhook-signature does not fit the message"};
}

} // namespace crm::storage
