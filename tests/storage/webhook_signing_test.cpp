// SPDX-License-Identifier: Apache-2.0
#include "storage/signing.hpp"
#include "storage/trigger_watch.hpp"
#include "storage/workflows.hpp"
#include "tests/support/temp_folder.hpp"
#include "tests/support/test_environment.hpp"

#include <doctest/doctest.h>

using crm::json;
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

TEST_CASE("a message that came in runs its workflow once, and only with a fitting signature") {
  const crm::test::temp_folder folder;
  crm::test::test_environment surroundings;
  auto data = shard::open(folder.path() / "w.db", "w", surroundings.get());
  REQUIRE(data);
  trigger_watch watch{*data};
  const change_origin origin{
      "tester", "test", "r", "create_workflow", "call", "", surroundings.now_ms()};
  const auto made = create(*data, workflow_kind,
                           {{"name", "in"}, {"isActive", true}, {"definitionVersion", 1}}, origin);
  REQUIRE(made);
  REQUIRE(add_version(*data,
                      {made->id, 1, R"({"type":"webhook.received","config":{}})",
                       R"([{"type":"stop","order":1,"config":{}}])", "tester", "write"},
                      origin.now_ms));
  const std::int64_t now = origin.now_ms;
  const std::string key = signing_secret(*data, made->id).key;
  const auto headers = sign_webhook(key, "msg_1", "{}", now);
  CHECK(watch.message_received(made->id, headers, "{}", now));
  CHECK(watch.message_received(made->id, headers, "{}", now)); // once more: the same run
  CHECK(due_executions(*data, now, 10)->size() == 1);
  CHECK(!watch.message_received(made->id, headers, R"({"a":1})", now));
  CHECK(!watch.message_received(made->id, headers, "{}", now + webhook_clock_ms_max + 1'000));
  CHECK(!watch.message_received("wf_other", headers, "{}", now));
  CHECK(due_executions(*data, now, 10)->size() == 1);
}
