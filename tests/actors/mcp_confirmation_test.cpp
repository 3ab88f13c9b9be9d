// SPDX-License-Identifier: Apache-2.0
// The questions before what cannot be undone, and the progress of what takes long, on a running
// system.
#include "tests/support/crm_client.hpp"

#include <doctest/doctest.h>

namespace {

using namespace crm;
using namespace crm::test;

const json can_elicit{{"elicitation", json::object()}};
const json yes{{"confirm", {{"action", "accept"}, {"content", {{"confirm", true}}}}}};

/// Ten contacts, archived long ago, and a custom field with a value in each.
struct full_crm {
  test_system crm;
  std::shared_ptr<mcp::service> server = serve_mcp(crm);
  crm_client client{server};
  std::string field;

  full_crm() {
    field = crm.call("add_custom_field", {{"entityType", "contact"},
                                          {"key", "region"},
                                          {"label", "Region"},
                                          {"fieldType", "text"}})
                .data()["id"];
    for (int i = 0; i < 10; ++i)
      archive_one();
    crm.surroundings().advance(std::chrono::hours{24 * 31});
  }

  void archive_one() {
    const json made =
        crm.call("create_contact",
                 {{"firstName", "A"}, {"lastName", "B"}, {"customFields", {{"region", "EMEA"}}}})
            .data();
    crm.call("delete_contact", {{"contactId", made["id"]}}).data();
  }
  json deletion() const { return call_of("delete_custom_field", {{"definitionId", field}}); }
  static json purge() { return call_of("purge_archived_records", {{"entityType", "contact"}}); }
  static json call_of(const std::string& tool, json args) {
    return {{"name", tool}, {"arguments", std::move(args)}};
  }
  static json answering(json params, const json& asked, const json& answer = yes) {
    params["inputResponses"] = answer;
    params["requestState"] = asked["requestState"];
    return params;
  }
  json ask(json params) {
    return client.modern("tools/call", std::move(params), can_elicit)["result"];
  }
  bool field_is_there() { return !crm.call("list_custom_fields", json::object()).data().empty(); }
};

std::string question_in(const json& result) {
  REQUIRE(result["resultType"] == "input_required");
  return result["inputRequests"]["confirm"]["params"]["message"];
}

} // namespace

TEST_CASE("both erasing tools ask with exact counts, change nothing meanwhile, and run once") {
  full_crm given;
  json asked = given.ask(full_crm::purge());
  CHECK(question_in(asked)
        == "Erase 10 archived contact records for good, with their values in the change log?");
  CHECK(given.crm.call("list_audit_log", {{"limit", 1}}).data()[0]["action"] == "archived");
  json done = given.ask(full_crm::answering(full_crm::purge(), asked));
  CHECK(done["structuredContent"]["data"]["purged"] == 10);

  given.archive_one();
  asked = given.ask(given.deletion());
  CHECK(
      question_in(asked)
      == "Delete the custom field \"Region\" (region) of contact records for good? 1 record loses "
         "its value.");
  CHECK(given.field_is_there());
  done = given.ask(full_crm::answering(given.deletion(), asked));
  CHECK(done["structuredContent"]["data"]["removedValues"] == 1);
  CHECK_FALSE(given.field_is_there());
  CHECK(given.client.modern("tools/call", full_crm::answering(given.deletion(), asked),
                            can_elicit)["error"]["code"]
        == -32602);
}

TEST_CASE("a yes counts only for what was counted: when that has changed, the user is asked anew") {
  full_crm given;
  json asked = given.ask(given.deletion());
  CHECK(question_in(asked).ends_with("10 records lose their value."));
  given.archive_one();
  asked = given.ask(full_crm::answering(given.deletion(), asked));
  CHECK(question_in(asked).ends_with("11 records lose their value."));
  CHECK(given.field_is_there());
  CHECK(given.ask(full_crm::answering(given.deletion(), asked))["isError"] == false);
  CHECK_FALSE(given.field_is_there());
}

TEST_CASE("a state is of no use to another user, another tool, other arguments or a later run") {
  full_crm given;
  const json asked = given.ask(given.deletion());
  const auto refused = [&](crm_client& client, const json& params) {
    const json answer = client.modern("tools/call", params, can_elicit);
    return answer.contains("error") && answer["error"]["code"] == -32602;
  };
  crm_client colleague{given.server, "default", "colleague"};
  CHECK(refused(colleague, full_crm::answering(given.deletion(), asked)));
  given.crm.create_workspace("other");
  crm_client stranger{given.server, "other"};
  CHECK(refused(stranger, full_crm::answering(given.deletion(), asked)));
  CHECK(refused(given.client, full_crm::answering(full_crm::purge(), asked)));
  json other = given.deletion();
  other["arguments"]["expectedVersion"] = 1;
  CHECK(refused(given.client, full_crm::answering(other, asked)));
  // The same key signs, but which states were used up is known to no later run.
  crm_client later{serve_mcp(given.crm)};
  CHECK(refused(later, full_crm::answering(given.deletion(), asked)));
  CHECK(given.field_is_there());
  CHECK(given.ask(full_crm::answering(given.deletion(), asked))["isError"] == false);
}

TEST_CASE("nothing is asked when nothing would be lost, or when the call fails anyway") {
  full_crm given;
  CHECK(
      given.ask(full_crm::call_of("purge_archived_records",
                                  {{"entityType", "deal"}}))["structuredContent"]["data"]["purged"]
      == 0);
  const json unknown =
      given.ask(full_crm::call_of("delete_custom_field", {{"definitionId", "fld_x"}}));
  CHECK(unknown["structuredContent"]["error"]["code"] == "NOT_FOUND");
  const json ill_typed =
      given.ask(full_crm::call_of("purge_archived_records", {{"entityType", "shoe"}}));
  CHECK(ill_typed["structuredContent"]["error"]["code"] == "ZOD_VALIDATION_ERROR");
  auto reader = crm_client::with_token(given.server, given.crm, "read");
  CHECK(reader.modern("tools/call", given.deletion(),
                      can_elicit)["result"]["structuredContent"]["error"]["code"]
        == "SCOPE_ERROR");
}

TEST_CASE("who may delete by a permission of his own is asked as an admin is") {
  full_crm given;
  given.crm.call("add_workspace_member", {{"userId", "eva"}, {"role", "editor"}}).data();
  given.crm
      .call("update_member_permissions",
            {{"userId", "eva"}, {"permissions", {{"canManageIntegrations", true}}}})
      .data();
  auto editor = crm_client::with_token(given.server, given.crm, "admin", "default", "eva");
  const json asked = editor.modern("tools/call", given.deletion(), can_elicit)["result"];
  CHECK(question_in(asked).ends_with("10 records lose their value."));
}

TEST_CASE("a preview is no tool: nobody can call it by name") {
  full_crm given;
  CHECK(given.crm.call("schema", json::object()).code() == "TOOL_NOT_FOUND");
  CHECK(given.crm.call("stages", json::object()).code() == "TOOL_NOT_FOUND");
}

TEST_CASE("what takes long tells its progress, from one to all, to those who gave a token") {
  full_crm given;
  for (int i = 0; i < 10; ++i)
    given.crm
        .call("create_contact",
              {{"firstName", "A"}, {"lastName", "B"}, {"customFields", {{"region", "EMEA"}}}})
        .data();
  // Hidden values leave the text index, record by record.
  const json hiding = full_crm::call_of("update_custom_field_definition",
                                        {{"definitionId", given.field}, {"visibility", "admin"}});
  for (const auto& [call, records] :
       {std::pair{hiding, 10}, {given.deletion(), 20}, {full_crm::purge(), 10}}) {
    CAPTURE(call.dump());
    json params = call;
    params["_meta"] = {{"progressToken", 7}};
    const json answer = given.client.legacy("tools/call", params);
    CHECK(answer["result"]["isError"] == false);
    // The clock of the test stands still, so that all but the first and the last come too soon.
    REQUIRE(given.client.before.size() == 2);
    double last = 0;
    for (const json& news : given.client.before) {
      CHECK(news["method"] == "notifications/progress");
      CHECK(news["params"]["progressToken"] == 7);
      CHECK(news["params"]["total"] == records);
      CHECK(news["params"]["progress"].get<double>() > last);
      last = news["params"]["progress"].get<double>();
    }
    CHECK(last == records);
  }
}
