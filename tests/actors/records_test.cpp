// SPDX-License-Identifier: Apache-2.0
#include "tests/support/test_system.hpp"

#include <doctest/doctest.h>

using crm::json;
using crm::test::test_system;

TEST_CASE("a contact that is created can be read, found, changed, deleted and restored") {
  test_system system;
  const json made = system
                        .call("create_contact", {{"firstName", "Zoë"},
                                                 {"lastName", "Müller"},
                                                 {"email", "Zoe@Example.com"},
                                                 {"tags", {"vip"}},
                                                 {"notes", "met in Köln"}})
                        .data();
  CHECK(made["type"] == "lead");
  CHECK(made["version"] == 1);
  const std::string id = made["id"];
  CHECK(id.starts_with("con_"));
  CHECK(system.call("get_contact", {{"contactId", id}}).data() == made);
  for (const char* query : {"zoe", "MULLER", "koln", "vip", "zoe@example.com", "mul"})
    CHECK(system.call("search_contacts", {{"query", query}}).page()["total"] == 1);

  const json changed =
      system.call("update_contact", {{"contactId", id}, {"notes", nullptr}, {"type", "client"}})
          .data();
  CHECK(changed["version"] == 2);
  CHECK(!changed.contains("notes"));
  CHECK(system.call("search_contacts", {{"query", "koln"}}).page()["total"] == 0);

  CHECK(system.call("delete_contact", {{"contactId", id}}).data().contains("archivedAt"));
  CHECK(system.call("list_contacts", json::object()).page()["total"] == 0);
  CHECK(system.call("update_contact", {{"contactId", id}, {"type", "lead"}}).code() == "CONFLICT");
  CHECK(!system.call("restore_contact", {{"contactId", id}}).data().contains("archivedAt"));
  CHECK(system.call("list_contacts", json::object()).page()["total"] == 1);
}

TEST_CASE("create names the likely twins beside the data") {
  test_system system;
  const json first =
      system.call("create_contact", {{"firstName", "A"}, {"lastName", "B"}, {"email", "x@y.io"}})
          .data();
  const auto second =
      system.call("create_contact", {{"firstName", "C"}, {"lastName", "D"}, {"email", "X@Y.io"}});
  CHECK(second.envelope["warnings"][0]["ids"][0] == first["id"]);
}
