// SPDX-License-Identifier: Apache-2.0
#include "protocol/mcp/request_seal.hpp"

#include "protocol/limits.hpp"
#include "protocol/mcp/signed_text.hpp"

namespace crm::mcp {

namespace {

constexpr std::string_view purpose = "request-state";

std::string digest_of(const surroundings& world, const call_context& request) {
  const json& params = request.params();
  const json subject{principal_key(request.from().who), params.value("name", ""),
                     params.value("uri", ""), request.arguments()};
  return keyed_digest(world, "request", dump_json(subject));
}

error refusal(const char* why) {
  return {error_code::validation, "Invalid params: requestState " + std::string{why}};
}

} // namespace

std::string principal_key(const principal& who) {
  return dump_json(json::array({who.workspace, who.actor}));
}

request_seal::request_seal(surroundings world)
    : world_(std::move(world)), run_(fresh_nonce(world_)) {}

std::string request_seal::issue(const call_context& request, const json& note) {
  const std::int64_t expires_ms = world_.now_ms() + limits::input_wait_ms_max.count();
  return signed_text(world_, purpose,
                     {{"d", digest_of(world_, request)},
                      {"e", expires_ms},
                      {"n", fresh_nonce(world_)},
                      {"r", run_},
                      {"v", note}});
}

result<json> request_seal::redeem(const call_context& request) {
  const auto claims = verified_claims(world_, purpose, request.input_state());
  if (!claims)
    return refusal("is not one that this server issued");
  if ((*claims)["d"] != digest_of(world_, request))
    return refusal("belongs to another request");
  const auto expires_ms = (*claims)["e"].get<std::int64_t>();
  if (expires_ms <= world_.now_ms() || (*claims)["r"] != run_)
    return refusal("has expired; send the request without it");
  if (!use_up((*claims)["n"].get<std::string>(), expires_ms))
    return refusal("was used before; send the request without it");
  return (*claims)["v"];
}

bool request_seal::use_up(const std::string& nonce, std::int64_t expires_ms) {
  const std::lock_guard lock{mutex_};
  const std::int64_t now = world_.now_ms();
  std::erase_if(used_, [&](const auto& one) { return one.second <= now; });
  // At the bound nothing can be proven unused any more, so everything is refused for a while.
  if (used_.size() >= limits::used_states_max)
    return false;
  return used_.emplace(nonce, expires_ms).second;
}

} // namespace crm::mcp
