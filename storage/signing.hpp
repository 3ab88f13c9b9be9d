// SPDX-License-Identifier: Apache-2.0
// Signatures of webhooks, out and in, as Standard Webhooks 1.0 defines them.
#pragma once

#include "storage/shard.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace crm::storage {

/// The secret of one workflow's webhooks: derived from the workspace's own secret, so that it is
/// stored nowhere.
struct webhook_secret {
  /// The key of the HMAC.
  std::string key;
  /// As receivers are given it: `whsec_` and the key in base64.
  std::string text;
};

webhook_secret signing_secret(const shard& data, std::string_view workflow);

/// Returns what signs the URL to which messages for a workflow are posted: whoever knows the URL
/// may send, for senders that cannot sign what they send.
std::string inbound_url_signature(const shard& data, std::string_view workflow);

/// Checks the signature of such a URL. @errors unauthenticated.
result<void> verify_inbound_url(const shard& data, std::string_view workflow,
                                std::string_view signature);

/// What stands in the headers webhook-id, webhook-timestamp and webhook-signature.
struct webhook_headers {
  std::string id;
  std::string timestamp;
  std::string signature;
};

/// Returns the headers of a message. `now_ms` is written in whole seconds.
webhook_headers sign_webhook(std::string_view key, std::string_view id, std::string_view body,
                             std::int64_t now_ms);

/// How far the time of a message may be from ours (Standard Webhooks: five minutes).
inline constexpr std::int64_t webhook_clock_ms_max = 5 * 60 * 1000;

/// Checks the headers of a message that came in; one of several signatures is enough.
/// @errors unauthenticated when the signature does not fit or the time is too far from `now_ms`.
result<void> verify_webhook(std::string_view key, const webhook_headers& headers,
                            std::string_view body, std::int64_t now_ms);

} // namespace crm::storage
