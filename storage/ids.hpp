// SPDX-License-Identifier: Apache-2.0
// Ids of records: a prefix that tells the kind, and a UUIDv7 in base32 (RFC 9562, section 5.7), so
// that later ids sort behind earlier ones. They say nothing about the workspace.
#pragma once

#include "protocol/environment.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace crm::storage {

/// Makes the ids of one workspace. Ids made within one millisecond count up.
class id_source {
public:
  explicit id_source(std::function<std::uint64_t()> random) : random_(std::move(random)) {}

  /// Returns a new id such as `con_01jd7x…`: the prefix and 26 characters of Crockford's base32.
  std::string next(std::string_view prefix, std::int64_t now_ms);

private:
  std::function<std::uint64_t()> random_;
  std::int64_t last_ms_ = 0;
  std::uint32_t counter_ = 0;
};

} // namespace crm::storage
