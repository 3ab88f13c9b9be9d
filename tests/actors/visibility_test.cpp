// SPDX-License-Identifier: Apache-2.0
#include "tests/support/test_system.hpp"

#include <doctest/doctest.h>

using crm::bearer_token;
using crm::json;
using crm::test::answer;
using crm::test::test_system;

namespace {

/// A workspace with one contact that has a value under each visibility, and one token per tier.
struct hidden_values {
  test_system system;
  bearer_token read{system.token("read")};
  bearer_token write{system.token("write")};
  bearer_token admin{system.token("admin")};
  bearer_token owner{system.token("cloud-admin")};
  std::string field;
  std::string id;

  hidden_values() {
    for (const char* seen_by : {"all", "admin", "owner"}) {
      field = system
                  .call("add_custom_field", {{"entityType", "contact"},
                                             {"key", std::string{"for_"} + seen_by},
                                             {"label", seen_by},
                                             {"fieldType", "text"},
                                             {"visibility", seen_by}})
                  .data()["id"];
    }
    id = system
             .call("create_contact",
                   {{"firstName", "Ada"},
                    {"lastName", "Lovelace"},
                    {"customFields",
                     {{"for_all", "open"}, {"for_admin", "secret"}, {"for_owner", "topmost"}}}})
             .data()["id"];
  }

  /// The keys of the custom fields that a caller sees of the contact in an answer.
  static json keys(const json& contact) {
    json list = json::array();
    const json fields = contact.value("customFields", json::object());
    for (const auto& [key, value] : fields.items())
      list.push_back(key);
    return list;
  }
};

} // namespace

TEST_CASE("values are hidden from readers below, in every answer") {
  hidden_values given;
  const std::vector<std::pair<crm::credential, json>> readers{
      {given.read, {"for_all"}},
      {given.write, {"for_all"}},
      {given.admin, {"for_all", "for_admin"}},
      {given.owner, {"for_all", "for_admin", "for_owner"}},
      {crm::local_user{"default", "me"}, {"for_all", "for_admin", "for_owner"}}};
  for (const auto& [who, keys] : readers) {
    CAPTURE(keys);
    const auto call = [&, who = who](const char* tool, const json& args) {
      return given.system.call_as(who, tool, args);
    };
    CHECK(given.keys(call("get_contact", {{"contactId", given.id}}).data()) == keys);
    CHECK(given.keys(call("list_contacts", json::object()).data()[0]) == keys);
    CHECK(given.keys(call("search_contacts", {{"query", "ada"}}).data()[0]) == keys);
    const json by_value{{"fieldKey", "for_all"}, {"fieldValue", "open"}};
    CHECK(given.keys(call("list_contacts_by_custom_field", by_value).data()[0]) == keys);
  }
}

TEST_CASE("the answer of a write hides what the writer may not read, and keeps it") {
  hidden_values given;
  const json changed =
      given.system
          .call_as(given.write, "update_contact", {{"contactId", given.id}, {"notes", "hello"}})
          .data();
  CHECK(given.keys(changed) == json{"for_all"});
  const json cleared = given.system
                           .call_as(given.write, "update_contact",
                                    {{"contactId", given.id}, {"customFields", nullptr}})
                           .data();
  CHECK(!cleared.contains("customFields"));
  const json all = given.system.call("get_contact", {{"contactId", given.id}}).data();
  CHECK(given.keys(all) == json{"for_admin", "for_owner"});
}

TEST_CASE("hidden values cannot be found by asking for them") {
  hidden_values given;
  const auto ask = [&](const crm::credential& who, const char* key, const char* value) {
    return given.system.call_as(who, "list_contacts_by_custom_field",
                                {{"fieldKey", key}, {"fieldValue", value}});
  };
  CHECK(ask(given.read, "for_admin", "secret").code() == "SCOPE_ERROR");
  CHECK(ask(given.admin, "for_owner", "topmost").code() == "SCOPE_ERROR");
  CHECK(ask(given.admin, "for_admin", "secret").page()["total"] == 1);
  const auto found = [&](const char* query) {
    return given.system.call("search_contacts", {{"query", query}}).page()["total"];
  };
  CHECK(found("open") == 1);
  CHECK(found("secret") == 0);
  CHECK(found("topm") == 0);
}

TEST_CASE("a search follows a change of visibility, there and back") {
  hidden_values given;
  const auto show_to = [&](const char* whom) {
    given.system
        .call("update_custom_field_definition",
              {{"definitionId", given.field}, {"visibility", whom}})
        .data();
    return given.system.call("search_contacts", {{"query", "topmost"}}).page()["total"];
  };
  CHECK(show_to("all") == 1);
  CHECK(
      given.keys(given.system.call_as(given.read, "get_contact", {{"contactId", given.id}}).data())
      == json{"for_all", "for_owner"});
  CHECK(show_to("admin") == 0);
  CHECK(show_to("owner") == 0);
  given.system
      .call("update_contact", {{"contactId", given.id}, {"customFields", {{"for_owner", "new"}}}})
      .data();
  CHECK(show_to("all") == 0);
  CHECK(given.system.call("search_contacts", {{"query", "new"}}).page()["total"] == 1);
}
