// SPDX-License-Identifier: Apache-2.0
// The answers to a JSON-RPC batch, gathered into one array (revision 2025-03-26 only).
#pragma once

#include "protocol/mcp/exchange.hpp"

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>

namespace crm::mcp {

/// Gathers the answers of one batch. What precedes an answer is passed on as it comes.
class batch : public std::enable_shared_from_this<batch> {
public:
  explicit batch(std::shared_ptr<exchange> whole) : whole_(std::move(whole)) {}

  /// Returns the way back for one request of the batch.
  std::shared_ptr<exchange> member();
  /// No member follows: the array goes out when the last one has ended, or nothing goes out when
  /// none was answered.
  void close();

private:
  class part;
  void add(const std::string& text);
  void leave();

  std::shared_ptr<exchange> whole_;
  std::mutex mutex_;
  /// The members that have not ended, and one for the batch that is still open.
  std::size_t awaited_ = 1;
  std::string answers_;
};

} // namespace crm::mcp
