// SPDX-License-Identifier: Apache-2.0
#include "storage/ids.hpp"

namespace crm::storage {

namespace {

constexpr std::string_view base32_digits = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::uint32_t counter_max = 0xFFF; // the 12 bits of rand_a

} // namespace

std::string id_source::next(std::string_view prefix, std::int64_t now_ms) {
  // A clock that stands still or steps back must not make an id come out twice or out of order.
  if (now_ms > last_ms_) {
    last_ms_ = now_ms;
    counter_ = 0;
  } else if (++counter_ > counter_max) {
    ++last_ms_;
    counter_ = 0;
  }
  const std::uint64_t high =
      (static_cast<std::uint64_t>(last_ms_) << 16) | (0x7ULL << 12) | counter_;
  const std::uint64_t low = (random_() >> 2) | (0x2ULL << 62);

  std::string id{prefix};
  id.reserve(prefix.size() + 26);
  // 128 bits in 26 digits of 5: the first digit holds the topmost 3 bits.
  for (int shift = 125; shift >= 0; shift -= 5) {
    std::uint64_t digit = 0;
    if (shift >= 64)
      digit = high >> (shift - 64);
    else if (shift > 59)
      digit = (high << (64 - shift)) | (low >> shift);
    else
      digit = low >> shift;
    id.push_back(base32_digits[digit & 31]);
  }
  return id;
}

} // namespace crm::storage
