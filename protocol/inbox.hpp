// SPDX-License-Identifier: Apache-2.0
// The seam through which strangers reach workflows with the trigger webhook.received. It stands
// beside the gateway because whoever sends here shows no credential but a signature, which only the
// workspace can check; it leads to no tool of the catalogue.
#pragma once

#include "protocol/call.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace crm {

/// The path that messages are posted to; the query says for which workflow:
/// `?workspace=acme&workflow=wf_…&signature=…`.
inline constexpr std::string_view inbound_path = "/webhooks";

/// A message for one workflow, as it came in.
struct inbound_message {
  std::string workspace;
  std::string workflow;
  /// What the query of a signed URL carries; empty when the message is signed itself.
  std::string url_signature;
  /// The headers webhook-id, webhook-timestamp and webhook-signature of Standard Webhooks 1.0;
  /// empty where they are missing.
  std::string id;
  std::string timestamp;
  std::string signature;
  /// The bytes that were signed.
  std::string body;
  call_origin origin;
  /// When the answer stops being of use.
  std::chrono::steady_clock::time_point deadline;
  completion<tool_reply> done;
};

/// Takes messages. Every function returns at once and may be called from any thread.
class inbox {
public:
  virtual ~inbox() = default;

  /// Has the message trigger a run of its workflow, once per `id`; answers when the run is durable.
  /// @errors not_found when no workflow waits for it; unauthenticated when no signature fits;
  /// conflict when the workflow is paused; invalid_request when the body is not JSON;
  /// content_too_large; rate_limited, overloaded; storage.
  virtual void receive(inbound_message message) = 0;
};

} // namespace crm
