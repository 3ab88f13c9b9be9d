// SPDX-License-Identifier: Apache-2.0
#include "storage/digest.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

using namespace crm::storage;

TEST_CASE("digests are those of the standards") {
  CHECK(hex(sha256("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(hex(sha256("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  // RFC 4231, test cases 2 and 6.
  CHECK(hex(hmac_sha256("Jefe", "what do ya want for nothing?"))
        == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(hex(hmac_sha256(std::string(131, '\xAA'),
                        "Test Using Larger Than Block-Size Key - Hash Key First"))
        == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST_CASE("base64url spells every byte, and every value in one way only") {
  std::string bytes;
  for (int i = 0; i < 256; ++i) {
    CHECK(from_base64url(base64url(bytes)) == bytes);
    bytes += static_cast<char>(i);
  }
  CHECK(base64url("\xFB\xFF") == "-_8");
  CHECK(from_base64url("-_8") == "\xFB\xFF");
  for (const char* wrong : {"-_9", "-_8=", "+/8", "A", "AAAAA", "-_ 8", "-_8\n", "é"})
    CHECK(from_base64url(wrong).empty());
}

TEST_CASE("random bytes are not the same twice, and equal secrets are equal") {
  std::set<std::string> made;
  for (int i = 0; i < 100; ++i)
    made.insert(random_bytes(16));
  CHECK(made.size() == 100);
  CHECK(equal_secrets("abc", "abc"));
  CHECK(equal_secrets("", ""));
  CHECK(!equal_secrets("abc", "abd"));
  CHECK(!equal_secrets("abc", "ab"));
}
