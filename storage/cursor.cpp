// SPDX-License-Identifier: Apache-2.0
#include "storage/cursor.hpp"

#include "storage/digest.hpp"

#include <cstring>

namespace crm::storage {

namespace {

constexpr std::size_t position_bytes = sizeof(double) + 2 * sizeof(std::int64_t);
constexpr std::size_t mac_bytes = 12;

std::string mac_of(std::string_view key, std::string_view list_name, std::string_view bytes) {
  std::string text{bytes};
  text += list_name;
  return hmac_sha256(key, text).substr(0, mac_bytes);
}

} // namespace

std::string make_cursor(std::string_view key, std::string_view list_name, const position& at) {
  std::string bytes(position_bytes, '\0');
  std::memcpy(bytes.data(), &at.rank, sizeof at.rank);
  std::memcpy(bytes.data() + sizeof at.rank, &at.seq, sizeof at.seq);
  std::memcpy(bytes.data() + sizeof at.rank + sizeof at.seq, &at.window, sizeof at.window);
  return base64url(bytes + mac_of(key, list_name, bytes));
}

result<position> read_cursor(std::string_view key, std::string_view list_name,
                             std::string_view cursor) {
  const std::string bytes = from_base64url(cursor);
  const bool whole = bytes.size() == position_bytes + mac_bytes;
  const std::string_view body = std::string_view{bytes}.substr(0, position_bytes);
  if (!whole
      || !equal_secrets(std::string_view{bytes}.substr(position_bytes),
                        mac_of(key, list_name, body)))
    return argument_error(error_code::validation,
                          "cursor: send nextCursor of the same list with the same filters, or "
                          "leave it out to start anew",
                          {"cursor", std::string{cursor.substr(0, 60)},
                           "nextCursor of this list with the same filters"});
  position at;
  std::memcpy(&at.rank, body.data(), sizeof at.rank);
  std::memcpy(&at.seq, body.data() + sizeof at.rank, sizeof at.seq);
  std::memcpy(&at.window, body.data() + sizeof at.rank + sizeof at.seq, sizeof at.window);
  return at;
}

} // namespace crm::storage
