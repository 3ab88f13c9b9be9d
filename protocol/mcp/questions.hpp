// SPDX-License-Identifier: Apache-2.0
// Requests of the server to a client of the legacy era, and their answers. The answer comes as a
// message of its own, over HTTP even on another connection.
#pragma once

#include "protocol/completion.hpp"
#include "protocol/mcp/exchange.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace crm::mcp {

/// The questions that one session has asked and that are not answered yet.
class questions : public std::enable_shared_from_this<questions> {
public:
  /// Asks on the exchange of the request that needs the answer. When that ends, or the client does
  /// not answer until `deadline_ms`, the question is dropped and `done` gets an error.
  void ask(const std::shared_ptr<exchange>& way, std::string_view method, const json& params,
           std::int64_t deadline_ms, completion<json> done);
  /// Takes an answer of the client; one that nobody waits for is ignored.
  void take(rpc_response answer);
  /// Drops what was to be answered before `now_ms`.
  void expire(std::int64_t now_ms);

private:
  struct pending {
    completion<json> done;
    const exchange* way;
    std::int64_t deadline_ms;
  };
  void drop_for(const exchange* ended);
  template <class Predicate>
  void drop_if(Predicate predicate, const char* why);

  std::mutex mutex_;
  std::uint64_t last_ = 0;
  std::map<std::string, pending, std::less<>> pending_;
};

} // namespace crm::mcp
