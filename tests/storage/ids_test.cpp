// SPDX-License-Identifier: Apache-2.0
#include "storage/ids.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

using crm::storage::id_source;

namespace {

id_source source(std::uint64_t seed = 1) {
  return id_source{[random = std::mt19937_64{seed}]() mutable { return random(); }};
}

/// Takes an id apart: its 128 bits as 32 hexadecimal digits.
std::string bits_of(const std::string& id) {
  const std::string_view digits = "0123456789abcdefghjkmnpqrstvwxyz";
  std::string bits;
  for (const char c : id.substr(id.find('_') + 1)) {
    const auto digit = digits.find(c);
    REQUIRE(digit != digits.npos);
    for (int i = 4; i >= 0; --i)
      bits += (digit >> i & 1) != 0 ? '1' : '0';
  }
  REQUIRE(bits.size() == 130);
  CHECK(bits.starts_with("00"));
  std::string hex;
  for (std::size_t i = 2; i < bits.size(); i += 4)
    hex += "0123456789abcdef"[std::stoi(bits.substr(i, 4), nullptr, 2)];
  return hex;
}

} // namespace

TEST_CASE("an id is a prefix and a UUIDv7 in 26 digits of base32") {
  id_source ids = source();
  const std::string id = ids.next("con_", 0x0190'1234'5678);
  CHECK(id.size() == 4 + 26);
  CHECK(id.starts_with("con_"));
  const std::string uuid = bits_of(id);
  CHECK(uuid.substr(0, 12) == "019012345678"); // RFC 9562, 5.7: the time,
  CHECK(uuid[12] == '7');                      // the version,
  CHECK(std::string_view{"89ab"}.find(uuid[16]) != std::string_view::npos); // the variant
}

TEST_CASE("all random bits of an id come from the source of chance") {
  id_source zeros{[] { return std::uint64_t{0}; }};
  id_source ones{[] { return ~std::uint64_t{0}; }};
  CHECK(bits_of(zeros.next("a_", 1)) == "00000000000170008000000000000000");
  CHECK(bits_of(ones.next("a_", 1)) == "0000000000017000bfffffffffffffff");
}

TEST_CASE("ids sort in the order in which they were made, within a millisecond and beyond") {
  id_source ids = source();
  std::vector<std::string> made;
  std::int64_t now_ms = 1'795'305'600'000;
  for (int i = 0; i < 20'000; ++i) {
    // The counter of one millisecond has 4,096 values; the first 10,000 share one.
    now_ms += i < 10'000 ? 0 : i % 3;
    made.push_back(ids.next("con_", now_ms));
  }
  CHECK(std::is_sorted(made.begin(), made.end()));
  CHECK(std::set<std::string>{made.begin(), made.end()}.size() == made.size());
}

TEST_CASE("a clock that goes back makes no id come out twice or out of order") {
  id_source ids{[] { return std::uint64_t{42}; }}; // no help from chance
  std::vector<std::string> made;
  for (const std::int64_t now_ms : {1000, 1000, 999, 0, 1000, -5, 1001, 500, 1001, 1002})
    made.push_back(ids.next("x_", now_ms));
  CHECK(std::is_sorted(made.begin(), made.end()));
  CHECK(std::set<std::string>{made.begin(), made.end()}.size() == made.size());
}

TEST_CASE("two sources do not make the same ids at the same time") {
  id_source one = source(1);
  id_source other = source(2);
  std::set<std::string> made;
  for (int i = 0; i < 5'000; ++i) {
    made.insert(one.next("x_", 7));
    made.insert(other.next("x_", 7));
  }
  CHECK(made.size() == 10'000);
}
