// SPDX-License-Identifier: Apache-2.0
// JSON as this program reads and writes it: bounded, strict, in the order in which it was sent.
#pragma once

#include "protocol/result.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace crm {

/// A JSON value whose members keep their order.
using json = nlohmann::ordered_json;

/// Reads one JSON text. Refuses what RFC 8259 leaves open or what has hurt others: duplicate keys,
/// more than `limits::json_depth_max` levels, more than `limits::json_values_max` values, numbers
/// out of the range of a double or integers beyond 64 bits, invalid UTF-8, a byte order mark,
/// trailing bytes. @errors invalid_request.
result<json> parse_json(std::string_view text);

/// Makes room for `count` members of an object: it grows by copying all that it holds.
void reserve_members(json& object, std::size_t count);

/// Writes `value` as compact JSON text. @pre strings are UTF-8, as `parse_json` ensures.
std::string dump_json(const json& value);

/// Appends `text` to `out` as a JSON string, with its quotes.
void append_json_string(std::string& out, std::string_view text);

/// Returns `value` as JSON text of at most `bytes_max` bytes, cut with an ellipsis: for messages.
std::string brief_json(const json& value, std::size_t bytes_max = 60);

} // namespace crm
