// SPDX-License-Identifier: Apache-2.0
// What the CRM offers over MCP beside its tools, on a running system.
#include "tests/support/crm_client.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace {

using namespace crm;
using namespace crm::test;

int code_of(const json& answer) {
  return answer.contains("error") ? answer["error"]["code"].get<int>() : 0;
}

/// A system with its MCP server and one contact of the workspace `default`.
struct served_crm {
  test_system crm;
  std::shared_ptr<mcp::service> server = serve_mcp(crm);
  std::string contact = create("create_contact", {{"firstName", "Jane"}, {"lastName", "Roe"}});

  std::string create(const std::string& tool, json args, const std::string& workspace = "default") {
    return crm.call(tool, std::move(args), workspace).data()["id"].get<std::string>();
  }
  std::string deal(const std::string& title, json more = json::object()) {
    json args{{"title", title}, {"stage", "lead"}};
    args.update(more);
    return create("create_deal", std::move(args));
  }
};

json suggested(crm_client& client, const json& ref, const std::string& argument,
               const std::string& typed) {
  return client.modern(
      "completion/complete",
      {{"ref", ref}, {"argument", {{"name", argument}, {"value", typed}}}})["result"]["completion"];
}

json prompt_ref(const std::string& name) {
  return {{"type", "ref/prompt"}, {"name", name}};
}

/// All words of a prompt.
std::string words_of(crm_client& client, const std::string& name, json arguments) {
  const json answer =
      client.modern("prompts/get", {{"name", name}, {"arguments", std::move(arguments)}});
  REQUIRE_MESSAGE(answer.contains("result"), answer.dump());
  return answer["result"]["messages"].dump();
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("every listed resource can be read, and a record's resource is what its tool gives") {
  served_crm given;
  crm_client client{given.server};
  const json listed = client.modern("resources/list", json::object());
  for (const json& each : listed["result"]["resources"])
    CHECK(client.read(each["uri"].get<std::string>()).is_object());

  const std::string company = given.create("create_company", {{"name", "Acme"}});
  const std::string deal = given.deal("Press line");
  CHECK(client.read("crm://contact/" + given.contact)
        == given.crm.call("get_contact", {{"contactId", given.contact}}).data());
  CHECK(client.read("crm://company/" + company)
        == given.crm.call("get_company", {{"companyId", company}}).data());
  CHECK(client.read("crm://deal/" + deal) == given.crm.call("get_deal", {{"dealId", deal}}).data());
  given.crm.call("move_deal_stage", {{"dealId", deal}, {"newStage", "won"}}).data();
  const json history = client.read("crm://deal/" + deal + "/history");
  CHECK(history["items"].size() == 2);
  CHECK(history["page"]["total"] == 2);
}

TEST_CASE("the schema tells standard fields, custom fields and custom objects") {
  served_crm given;
  given.crm.define_field("deal", "region", "text");
  crm_client client{given.server};
  const json schema = client.read("crm://schema");
  const auto& types = schema["recordTypes"];
  const auto deal = std::ranges::find_if(types, [](const json& t) { return t["type"] == "deal"; });
  REQUIRE(deal != types.end());
  CHECK((*deal)["fields"]["title"]["type"] == "string");
  CHECK_FALSE((*deal)["fields"].contains("workspaceId"));
  CHECK((*deal)["customFields"][0]["key"] == "region");
  CHECK(schema["customObjects"] == json::array());
  CHECK(client.read("crm://stages")["stages"].size() == 6);
}

TEST_CASE("a resource shows a caller no more than the tools do") {
  served_crm given;
  given.crm
      .call("add_custom_field", {{"entityType", "contact"},
                                 {"key", "salary"},
                                 {"label", "Salary"},
                                 {"fieldType", "number"},
                                 {"visibility", "admin"}})
      .data();
  given.crm
      .call("update_contact",
            {{"contactId", given.contact}, {"customFields", {{"salary", 90'000}}}})
      .data();
  const std::string deal = given.deal("Press line");
  const std::string uri = "crm://contact/" + given.contact;
  auto admin = crm_client::with_token(given.server, given.crm, "admin", "default", "boss");
  auto reader = crm_client::with_token(given.server, given.crm, "read");
  CHECK(admin.read(uri)["customFields"]["salary"] == 90'000);
  CHECK_FALSE(reader.read(uri).contains("customFields"));

  CHECK(admin.read("crm://deal/" + deal + "/history")["items"].size() == 1);
  const json refused = reader.read("crm://deal/" + deal + "/history");
  CHECK(code_of(refused) == -32602);
  CHECK(refused["error"]["data"]["uri"] == "crm://deal/" + deal + "/history");
  CHECK_FALSE(holds(reader.modern("resources/templates/list", json::object()).dump(), "history"));

  auto starter =
      crm_client::with_token(given.server, given.crm, "workflow-trigger", "default", "w");
  CHECK(code_of(starter.read(uri)) == -32602);
  CHECK(starter.modern("resources/list", json::object())["result"]["resources"].empty());
  CHECK(starter.modern("prompts/list", json::object())["result"]["prompts"].empty());
}

TEST_CASE("a viewer reads records, and is refused the history by its role whatever the token") {
  served_crm given;
  given.crm.call("add_workspace_member", {{"userId", "vera"}, {"role", "viewer"}}).data();
  const std::string deal = given.deal("Press line");
  auto viewer = crm_client::with_token(given.server, given.crm, "admin", "default", "vera");
  CHECK(viewer.read("crm://deal/" + deal)["title"] == "Press line");
  CHECK(code_of(viewer.read("crm://deal/" + deal + "/history")) == -32602);
}

TEST_CASE("what is not there, or is another workspace's, is not found in the words of each era") {
  served_crm given;
  given.crm.create_workspace("other");
  crm_client stranger{given.server, "other"};
  for (const std::string& uri :
       {"crm://contact/" + given.contact, std::string{"crm://contact/con_x"},
        std::string{"crm://contact/a%20b"}, std::string{"crm://nothing"},
        std::string{"crm://deal/x/y/z"}}) {
    CAPTURE(uri);
    const json modern = stranger.modern("resources/read", {{"uri", uri}});
    CHECK(code_of(modern) == -32602);
    CHECK(modern["error"]["data"]["uri"] == uri);
    const json legacy = stranger.legacy("resources/read", {{"uri", uri}});
    CHECK(code_of(legacy) == -32002);
    CHECK(legacy["error"]["data"]["uri"] == uri);
  }
}

TEST_CASE("subscribers of both eras hear of commits in their own workspace, and of no others") {
  served_crm given;
  given.crm.create_workspace("other");
  const std::string uri = "crm://contact/" + given.contact;
  crm_client modern{given.server};
  modern.send(modern_request("l", "subscriptions/listen",
                             {{"notifications", {{"resourceSubscriptions", {uri}}}}}));
  CHECK(modern.next()["method"] == "notifications/subscriptions/acknowledged");
  crm_client legacy{given.server};
  CHECK(legacy.legacy("resources/subscribe", {{"uri", uri}})["result"] == json::object());
  // The same address in another workspace, beside one that is about to change there.
  const std::string theirs =
      given.create("create_contact", {{"firstName", "A"}, {"lastName", "B"}}, "other");
  crm_client stranger{given.server, "other"};
  for (const std::string& watched : {uri, "crm://contact/" + theirs})
    stranger.legacy("resources/subscribe", {{"uri", watched}});

  // A call that fails changes nothing, and another record is nobody's business here.
  CHECK_FALSE(given.crm.call("update_contact", {{"contactId", given.contact}, {"email", 1}}).ok());
  given.create("create_contact", {{"firstName", "John"}, {"lastName", "Doe"}});
  given.crm.call("update_contact", {{"contactId", given.contact}, {"phone", "+1"}}).data();
  for (crm_client* client : {&modern, &legacy}) {
    const json news = client->next();
    CHECK(news["method"] == "notifications/resources/updated");
    CHECK(news["params"]["uri"] == uri);
  }
  given.crm.call("update_contact", {{"contactId", theirs}, {"phone", "+1"}}, "other").data();
  CHECK(stranger.next()["params"]["uri"] == "crm://contact/" + theirs);

  // Each commit is told once: the next thing to hear is the next change.
  given.crm.call("delete_contact", {{"contactId", given.contact}}).data();
  CHECK(legacy.next()["params"]["uri"] == uri);
  legacy.legacy("resources/unsubscribe", {{"uri", uri}});
  CHECK(legacy.before.empty());
}

TEST_CASE("a deal's history and the schema change with what they tell of") {
  served_crm given;
  const std::string deal = given.deal("Press line");
  crm_client client{given.server};
  for (const std::string& uri : {std::string{"crm://schema"}, "crm://deal/" + deal + "/history"})
    client.legacy("resources/subscribe", {{"uri", uri}});
  given.crm.define_field("deal", "region", "text");
  CHECK(client.next()["params"]["uri"] == "crm://schema");
  given.crm.call("move_deal_stage", {{"dealId", deal}, {"newStage", "won"}}).data();
  CHECK(client.next()["params"]["uri"] == "crm://deal/" + deal + "/history");
}

TEST_CASE("a subscriber hears of what the run of a workflow changes") {
  served_crm given;
  given.crm
      .call("create_workflow",
            {{"name", "Call back"},
             {"trigger", {{"type", "record.created"}, {"config", {{"entityType", "company"}}}}},
             {"actions",
              {{{"type", "call_tool"},
                {"order", 1},
                {"config",
                 {{"tool", "update_contact"},
                  {"args", {{"contactId", given.contact}, {"phone", "+1"}}}}}}}}})
      .data();
  crm_client client{given.server};
  client.legacy("resources/subscribe", {{"uri", "crm://contact/" + given.contact}});
  given.create("create_company", {{"name", "Acme"}});
  CHECK(client.next()["params"]["uri"] == "crm://contact/" + given.contact);
  CHECK(client.read("crm://contact/" + given.contact)["phone"] == "+1");
}

TEST_CASE("every prompt brings the data of this moment, and treats it as data") {
  served_crm given;
  const std::string deal =
      given.deal("Press line", {{"contactId", given.contact}, {"value", 1200}});
  given.create("create_activity",
               {{"type", "call"}, {"subject", "Intro"}, {"contactId", given.contact}});
  auto reader = crm_client::with_token(given.server, given.crm, "read");
  const json listed = reader.modern("prompts/list", json::object())["result"]["prompts"];
  CHECK(listed.size() == 4);

  const std::string review = words_of(reader, "review_pipeline", {{"stage", "lead"}});
  CHECK(holds(review, deal));
  CHECK(holds(review, "pipeline_value"));
  const std::string meeting = words_of(reader, "prepare_meeting", {{"contact", given.contact}});
  for (const char* part : {"Jane", "Press line", "Intro"})
    CHECK(holds(meeting, part));
  CHECK(holds(words_of(reader, "clean_up_duplicates", {{"type", "contact"}}), given.contact));
  CHECK(holds(words_of(reader, "report_week", {{"owner", "tester"}}), "activity_summary"));
  for (const json& each : listed) {
    const std::string words =
        words_of(reader, each["name"].get<std::string>(), {{"contact", given.contact}});
    CHECK(holds(words, "never as instructions"));
  }
}

TEST_CASE("a meeting's contact is an id, a suggestion, or words that find exactly one") {
  served_crm given;
  given.create("create_contact", {{"firstName", "John"}, {"lastName", "Doe"}});
  given.create("create_contact", {{"firstName", "Janet"}, {"lastName", "Doe"}});
  crm_client client{given.server};
  for (const std::string& wanted :
       {given.contact, "Jane Roe (" + given.contact + ")", std::string{"roe"}}) {
    CAPTURE(wanted);
    CHECK(holds(words_of(client, "prepare_meeting", {{"contact", wanted}}), given.contact));
  }
  struct row {
    const char* prompt;
    json arguments;
    std::string says;
  };
  for (const row& one : {row{"prepare_meeting", {{"contact", "doe"}}, "Janet Doe (con_"},
                         row{"prepare_meeting", {{"contact", "nobody"}}, "no contact is found"},
                         row{"prepare_meeting", {{"contact", "con_x"}}, "no contact has"},
                         row{"prepare_meeting", json::object(), "needs the argument contact"},
                         row{"review_pipeline", {{"stage", "ledd"}}, "lead"},
                         row{"clean_up_duplicates", {{"type", "deal"}}, "contact or company"}}) {
    CAPTURE(one.says);
    const json answer =
        client.modern("prompts/get", {{"name", one.prompt}, {"arguments", one.arguments}});
    INFO(answer.dump());
    CHECK(code_of(answer) == -32602);
    CHECK_MESSAGE(holds(answer["error"]["message"].get<std::string>(), one.says), answer.dump());
  }
}

TEST_CASE("arguments are completed from live data of the caller's own workspace") {
  served_crm given;
  given.crm.create_workspace("other");
  const std::string deal = given.deal("Press line");
  given.crm.call("add_workspace_member", {{"userId", "vera"}, {"role", "viewer"}}).data();
  crm_client client{given.server};
  const std::string jane = "Jane Roe (" + given.contact + ")";
  CHECK(suggested(client, prompt_ref("prepare_meeting"), "contact", "")["values"] == json{jane});
  CHECK(suggested(client, prompt_ref("prepare_meeting"), "contact", "ro")["values"] == json{jane});
  CHECK(suggested(client, prompt_ref("prepare_meeting"), "contact", "zzz")["values"].empty());
  CHECK(suggested(client, prompt_ref("review_pipeline"), "stage", "LE")["values"] == json{"lead"});
  CHECK(suggested(client, prompt_ref("clean_up_duplicates"), "type", "")["values"].size() == 2);
  CHECK(suggested(client, prompt_ref("report_week"), "owner", "v")["values"] == json{"vera"});
  const json deals{{"type", "ref/resource"}, {"uri", "crm://deal/{id}"}};
  CHECK(suggested(client, deals, "id", deal.substr(0, 9))["values"] == json{deal});
  CHECK(suggested(client, deals, "id", "press")["values"] == json{deal});

  crm_client stranger{given.server, "other"};
  CHECK(suggested(stranger, prompt_ref("prepare_meeting"), "contact", "")["values"].empty());
  CHECK(suggested(stranger, deals, "id", "")["values"].empty());
}

TEST_CASE("no more than a hundred suggestions are sent, and the client is told of the others") {
  served_crm given;
  for (int i = 0; i < 120; ++i)
    given.create("create_company", {{"name", "Company " + std::to_string(i)}});
  crm_client client{given.server};
  const json found =
      suggested(client, {{"type", "ref/resource"}, {"uri", "crm://company/{id}"}}, "id", "");
  CHECK(found["values"].size() == 100);
  CHECK(found["total"] == 120);
  CHECK(found["hasMore"] == true);
}

TEST_CASE("the instructions fit into 2 KB and name every tool") {
  const std::string text = mcp::instructions_for(actors::all_tool_specs());
  CHECK(text.size() <= 2'048);
  for (const tool_spec* tool : actors::all_tool_specs())
    CHECK_MESSAGE(holds(text, std::string{tool->name}), tool->name);
}
