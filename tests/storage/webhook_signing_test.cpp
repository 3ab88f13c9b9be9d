// SPDX-License-Identifier: Apache-2.0
#include "storage/shard.hpp"
#include "storage/signing.hpp"
#include "tests/support/temp_folder.hpp"
#include "tests/support/test_environment.hpp"

#include <doctest/doctest.h>

using namespace crm::storage;

TEST_CASE("a signature is the one of Standard Webhooks' own example") {
  // From the specification: secret whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw.
  const std::string key{"\x31\xf2\x90\xf6\xbf\x06\x29\x8a\xab\x4f\x08\xd4\x3c\x3f\x08\x2c\xf6\x48"
                        "\xa3\x62\xda\x2d\xa4\xb0",
                        24};
  const auto headers = sign_webhook(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", R"({"test": 2432232314})",
                                    1'614'265'330'000);
  CHECK(headers.signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  CHECK(verify_webhook(key, headers, R"({"test": 2432232314})", 1'614'265'330'000));
}

TEST_CASE("a message is taken with its own headers within five minutes, and with nothing else") {
  const std::string key(32, 'k');
  const std::int64_t now = 1'795'305'600'000;
  const webhook_headers good = sign_webhook(key, "msg_1", "{}", now);
  webhook_headers several = good;
  several.signature = "v1,AAAA " + good.signature;
  webhook_headers other_id = good;
  other_id.id = "msg_2";
  webhook_headers no_time = good;
  no_time.timestamp = "soon";
  CHECK(verify_webhook(key, good, "{}", now + webhook_clock_ms_max));
  CHECK(verify_webhook(key, several, "{}", now));
  CHECK(!verify_webhook(key, good, "{}", now + webhook_clock_ms_max + 1'000));
  CHECK(!verify_webhook(key, good, "{}", now - webhook_clock_ms_max - 1'000));
  CHECK(!verify_webhook(key, good, "{} ", now));
  CHECK(!verify_webhook(key, other_id, "{}", now));
  CHECK(!verify_webhook(key, no_time, "{}", now));
  CHECK(!verify_webhook(std::string(32, 'l'), good, "{}", now));
}

TEST_CASE("a workspace's workflows have secrets and URLs that fit no other workflow") {
  const crm::test::temp_folder folder;
  crm::test::test_environment surroundings;
  auto data = shard::open(folder.path() / "w.db", "w", surroundings.get());
  REQUIRE(data);
  CHECK(signing_secret(*data, "wf_1").key != signing_secret(*data, "wf_2").key);
  CHECK(signing_secret(*data, "wf_1").text.starts_with("whsec_"));
  const std::string url = inbound_url_signature(*data, "wf_1");
  CHECK(verify_inbound_url(*data, "wf_1", url));
  CHECK(!verify_inbound_url(*data, "wf_2", url));
  CHECK(!verify_inbound_url(*data, "wf_1", ""));
}
