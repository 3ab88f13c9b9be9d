// SPDX-License-Identifier: Apache-2.0
// The opaque text that continues a list: a position, bound by a MAC to the workspace, the tool and
// the filters, so that no other list can be entered with it.
#pragma once

#include "protocol/result.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace crm::storage {

/// A place in an ordered list: behind the row with this rank and sequence number.
struct position {
  double rank = -std::numeric_limits<double>::infinity();
  std::int64_t seq = 0;
  /// How a search began; 0 for lists. See search.cpp.
  std::int64_t window = 0;
};

/// Spells a position as a cursor of the list that `list_name` identifies.
std::string make_cursor(std::string_view key, std::string_view list_name, const position& at);

/// Reads a cursor that `make_cursor` made for the same key and list. @errors validation.
result<position> read_cursor(std::string_view key, std::string_view list_name,
                             std::string_view cursor);

} // namespace crm::storage
