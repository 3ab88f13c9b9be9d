// SPDX-License-Identifier: Apache-2.0
// Who may call what, and what a caller can reach: tokens, scopes, workspaces, ids, cursors.
#include "protocol/tool_spec.hpp"
#include "tests/actors/argument_rows.hpp"
#include "tests/support/sales_records.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

using crm::bearer_token;
using crm::json;
using crm::test::answer;
using crm::test::sales_records;
using crm::test::test_system;
using namespace std::string_view_literals;

namespace {

constexpr std::string_view tiers[] = {"read", "write", "admin", "workflow-trigger", "cloud-admin"};

bool reaches(std::string_view held, std::string_view needed) {
  if (held == needed || held == "cloud-admin")
    return true;
  if (needed == "read")
    return held == "write" || held == "admin";
  return needed == "write" && held == "admin";
}

answer call_with(test_system& system, const std::string& token, const std::string& tool,
                 json args) {
  return system.call_as(bearer_token{token}, tool, std::move(args));
}

/// Every text that an answer holds, for what must not be in it.
std::string text_of(const answer& given) {
  return given.envelope.dump();
}

struct id_row {
  const char* tool;
  const char* argument;
  json others;
};

/// Every tool that takes the id of a record, with what else it needs.
std::vector<id_row> tools_with_ids() {
  const json none = json::object();
  return {
      {"get_contact", "contactId", none},
      {"update_contact", "contactId", {{"notes", "x"}}},
      {"update_contact", "contactId", none},
      {"delete_contact", "contactId", none},
      {"restore_contact", "contactId", none},
      {"get_company", "companyId", none},
      {"update_company", "companyId", {{"notes", "x"}}},
      {"delete_company", "companyId", none},
      {"get_deal", "dealId", none},
      {"update_deal", "dealId", {{"title", "x"}}},
      {"delete_deal", "dealId", none},
      {"move_deal_stage", "dealId", {{"newStage", "won"}}},
      {"get_activity", "activityId", none},
      {"update_activity", "activityId", {{"description", "x"}}},
      // references
      {"create_contact", "companyId", {{"firstName", "A"}, {"lastName", "B"}}},
      {"create_deal", "contactId", {{"title", "A"}, {"stage", "lead"}}},
      {"create_deal", "companyId", {{"title", "A"}, {"stage", "lead"}}},
      {"create_activity", "contactId", {{"type", "call"}, {"subject", "A"}}},
      {"create_activity", "dealId", {{"type", "call"}, {"subject", "A"}}},
      {"create_activity", "companyId", {{"type", "call"}, {"subject", "A"}}},
  };
}

void check_not_found(const answer& given, const id_row& row) {
  CAPTURE(row.tool);
  CAPTURE(row.argument);
  CHECK(given.code() == "NOT_FOUND");
  if (!given.ok())
    CHECK(given.error()["details"][0]["path"] == row.argument);
}

} // namespace

TEST_CASE("every tool is open to exactly the scopes that the table says") {
  test_system system;
  std::vector<std::string> tokens;
  for (const std::string_view tier : tiers)
    tokens.push_back(system.token(std::string{tier}));
  for (const crm::tool_spec* tool : system.get().tools()) {
    const std::string needed = (*crm::test::row_of(tool->name))["scope"];
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      CAPTURE(tool->name);
      CAPTURE(tiers[i]);
      // The arguments are wrong: scope is checked first, validation later, and nothing is run.
      const auto given = call_with(system, tokens[i], std::string{tool->name}, {{"bogus", 1}});
      CHECK(given.code() == (reaches(tiers[i], needed) ? "ZOD_VALIDATION_ERROR" : "SCOPE_ERROR"));
      if (given.code() == "SCOPE_ERROR")
        CHECK(given.error()["message"].get<std::string>().find(needed) != std::string::npos);
    }
  }
}

TEST_CASE("no token, an unknown, an expired or a revoked one is UNAUTHENTICATED, in equal words") {
  test_system system;
  const std::string good = system.token("read");
  CHECK(call_with(system, good, "list_contacts", json::object()).ok());
  for (const std::string& token : {std::string{}, std::string{"vcrm_x"}, good + "x", " " + good,
                                   good.substr(1), std::string(100'000, 'x')})
    CHECK(call_with(system, token, "list_contacts", json::object()).code() == "UNAUTHENTICATED");

  std::promise<crm::result<crm::issued_token>> promise;
  system.get().create_token(
      {"default", "agent", {crm::scope::read}, system.surroundings().now_ms() + 1000},
      crm::completion<crm::issued_token>{
          [&](crm::result<crm::issued_token> r) { promise.set_value(std::move(r)); }});
  const auto issued = promise.get_future().get();
  REQUIRE(issued);
  system.surroundings().advance(std::chrono::milliseconds{999});
  CHECK(call_with(system, issued->token, "list_contacts", json::object()).ok());
  system.surroundings().advance(std::chrono::milliseconds{1});
  CHECK(call_with(system, issued->token, "list_contacts", json::object()).code()
        == "UNAUTHENTICATED");
}

TEST_CASE("a revoked token is refused from the next call on, also after a restart") {
  test_system system;
  std::promise<crm::result<crm::issued_token>> issued;
  system.get().create_token({"default", "agent", {crm::scope::read}, {}},
                            crm::completion<crm::issued_token>{
                                [&](auto outcome) { issued.set_value(std::move(outcome)); }});
  const auto token = issued.get_future().get();
  REQUIRE(token);
  CHECK(call_with(system, token->token, "list_contacts", json::object()).ok());
  std::promise<crm::result<std::string>> revoked;
  system.get().revoke_token(token->id, crm::completion<std::string>{[&](auto outcome) {
                              revoked.set_value(std::move(outcome));
                            }});
  REQUIRE(revoked.get_future().get());
  for (int times = 0; times < 2; ++times) {
    CHECK(call_with(system, token->token, "list_contacts", json::object()).code()
          == "UNAUTHENTICATED");
    system.restart();
  }
}

TEST_CASE("another workspaceId is CROSS_WORKSPACE for every tool, before anything is read") {
  test_system system;
  system.create_workspace("other");
  for (const crm::tool_spec* tool : system.get().tools()) {
    const std::string name{tool->name};
    for (const std::string_view workspace :
         {"other"sv, "Default"sv, "default "sv, " default"sv, "default\0"sv, "def\u0430ult"sv,
          "*"sv, "../other"sv, "other%2f"sv, "file:other?mode=rwc"sv, "/etc/passwd"sv,
          "other-wal"sv, "nowhere"sv}) {
      CAPTURE(name);
      CAPTURE(workspace);
      const auto given = system.call(name, {{"workspaceId", workspace}, {"bogus", {1}}});
      CHECK(given.code() == "CROSS_WORKSPACE");
      CHECK(given.error()["details"][0]["path"] == "workspaceId");
    }
    for (const json& wrong : {json(1), json(nullptr), json{"other"}, json::object(), json("")})
      CHECK(system.call(name, {{"workspaceId", wrong}}).code() == "ZOD_VALIDATION_ERROR");
  }
  CHECK(system.get().counted().open_workspaces == 1); // by the calls that failed validation
  CHECK(system.call("list_contacts", {{"workspaceId", "default"}}).ok());
}

TEST_CASE("a refusal for the workspace opens no file") {
  test_system system;
  system.create_workspace("other");
  CHECK(system.call("list_contacts", {{"workspaceId", "other"}}).code() == "CROSS_WORKSPACE");
  CHECK(system.get().counted().open_workspaces == 0);
}

TEST_CASE("a foreign id is NOT_FOUND, and says nothing of whose it is") {
  test_system system;
  system.create_workspace("other");
  const sales_records mine{system};
  const sales_records theirs{system, "other"};
  const auto before = crm::test::logged_changes(system);
  const auto before_theirs = crm::test::logged_changes(system, "other");
  for (const id_row& row : tools_with_ids()) {
    json args = row.others;
    args[row.argument] = theirs.of(row.argument);
    const auto foreign = system.call(row.tool, args);
    check_not_found(foreign, row);
    CHECK(text_of(foreign).find("other") == std::string::npos);
    // The same words as for an id that never existed.
    const std::string id = theirs.of(row.argument);
    std::string absent = id;
    absent.back() = absent.back() == '0' ? '1' : '0';
    args[row.argument] = absent;
    std::string said = system.call(row.tool, args).error()["message"];
    if (const auto at = said.find(absent); at != std::string::npos)
      said.replace(at, absent.size(), id);
    CHECK(foreign.error()["message"] == said);
  }
  CHECK(crm::test::logged_changes(system) == before);
  CHECK(crm::test::logged_changes(system, "other") == before_theirs);
}

TEST_CASE("the id of another kind, or no id at all, is NOT_FOUND") {
  test_system system;
  const sales_records mine{system};
  const auto before = crm::test::logged_changes(system);
  std::vector<std::string> wrong{"0",
                                 "con_",
                                 "con_0",
                                 "' OR 1=1 --",
                                 "%",
                                 "con_%",
                                 "../default",
                                 std::string{"a\0b", 3},
                                 std::string(10'000, 'x'),
                                 "漢字",
                                 "null"};
  for (const id_row& row : tools_with_ids()) {
    for (const char* kind : {"companyId", "contactId", "dealId", "activityId"}) {
      if (std::string_view{kind} != row.argument)
        wrong.push_back(mine.of(kind));
    }
    std::string padded = mine.of(row.argument);
    wrong.push_back(padded + " ");
    for (char& c : padded)
      c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    wrong.push_back(padded);
    for (const std::string& id : wrong) {
      json args = row.others;
      args[row.argument] = id;
      check_not_found(system.call(row.tool, args), row);
    }
    wrong.resize(11);
  }
  CHECK(crm::test::logged_changes(system) == before);
}

TEST_CASE("a cursor continues the list that it came from and no other") {
  test_system system;
  system.create_workspace("other");
  for (const char* workspace : {"default", "other"}) {
    for (int i = 0; i < 5; ++i) {
      system.call("create_contact", {{"firstName", "A"}, {"lastName", "B"}, {"type", "lead"}},
                  workspace);
      system.call("create_company", {{"name", "A"}}, workspace);
      system.call("create_activity", {{"type", "call"}, {"subject", "A"}}, workspace);
    }
  }
  const json first = {{"type", "lead"}, {"limit", 2}};
  const std::string cursor = system.call("list_contacts", first).page()["nextCursor"];
  const auto next = [&](const std::string& tool, json args, const std::string& text,
                        const std::string& workspace = "default") {
    args["cursor"] = text;
    return system.call(tool, args, workspace);
  };
  CHECK(next("list_contacts", first, cursor).page()["returned"] == 2);
  CHECK(next("list_contacts", {{"type", "lead"}}, cursor).page()["returned"] == 3);
  CHECK(next("list_contacts", {{"type", "lead"}, {"workspaceId", "default"}}, cursor).ok());
  system.restart();
  CHECK(next("list_contacts", first, cursor).ok());

  const std::vector<answer> misused = {
      next("list_contacts", {{"limit", 2}}, cursor),
      next("list_contacts", {{"type", "client"}}, cursor),
      next("list_contacts", first, cursor, "other"),
      next("list_companies", json::object(), cursor),
      next("search_contacts", {{"query", "a"}}, cursor),
      next("list_activities_by_type", {{"type", "call"}}, cursor),
      next("list_contacts", first, ""),
      next("list_contacts", first, cursor + "A"),
      next("list_contacts", first, "' OR 1=1"),
  };
  for (const answer& each : misused) {
    CHECK(each.code() == "ZOD_VALIDATION_ERROR");
    CHECK(each.error()["details"][0]["path"] == "cursor");
  }
  CHECK(system.call("list_contacts", {{"cursor", nullptr}}).code() == "ZOD_VALIDATION_ERROR");
}

TEST_CASE("two workspaces with the same data see only their own") {
  test_system system;
  system.create_workspace("other");
  const sales_records mine{system};
  const sales_records theirs{system, "other"};
  for (const char* tool : {"list_contacts", "list_companies", "list_deals", "list_activities"})
    CHECK(system.call(tool, json::object()).page()["total"] == 1);
  CHECK(system.call("search_contacts", {{"query", "ada"}}).data()[0]["id"] == mine.contact);
  CHECK(system.call("search_contacts", {{"query", "ada"}}, "other").data()[0]["id"]
        == theirs.contact);
  const std::string token = system.token("admin", "other");
  CHECK(call_with(system, token, "get_contact", {{"contactId", theirs.contact}}).ok());
  CHECK(call_with(system, token, "get_contact", {{"contactId", mine.contact}}).code()
        == "NOT_FOUND");
}
