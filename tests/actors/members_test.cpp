// SPDX-License-Identifier: Apache-2.0
#include "tests/support/test_system.hpp"

#include <doctest/doctest.h>

using crm::bearer_token;
using crm::json;
using crm::test::test_system;

namespace {

/// A workspace with members whose tokens all reach everything, so that the role alone decides.
struct team {
  test_system system;
  std::map<std::string, std::string> tokens;

  void add(const std::string& user, const std::string& role) {
    system.call("add_workspace_member", {{"userId", user}, {"role", role}}).data();
    token_for(user, "admin,workflow-trigger");
  }
  void token_for(const std::string& user, const std::string& scopes) {
    tokens[user] = system.token(scopes, "default", user);
  }
  crm::test::answer as(const std::string& user, const std::string& tool,
                       json args = json::object()) {
    return system.call_as(bearer_token{tokens.at(user)}, tool, std::move(args));
  }
  void permit(const std::string& user, json permissions) {
    system
        .call("update_member_permissions",
              {{"userId", user}, {"permissions", std::move(permissions)}})
        .data();
  }
};

const json a_company{{"name", "Acme"}};

} // namespace

TEST_CASE("a role bounds what a token reaches") {
  team team;
  team.add("olga", "owner");
  team.add("adam", "admin");
  team.add("edda", "editor");
  team.add("vera", "viewer");
  team.token_for("nina", "write"); // never a member: the scope alone decides
  team.system.restart();
  struct row {
    const char* user;
    const char* tool;
    json args;
    bool reached;
  };
  for (const row& each : std::vector<row>{
           {"olga", "list_audit_log", json::object(), true},
           {"adam", "list_audit_log", json::object(), true},
           {"edda", "list_audit_log", json::object(), false},
           {"edda", "create_company", a_company, true},
           {"vera", "create_company", a_company, false},
           {"vera", "list_companies", json::object(), true},
           {"nina", "create_company", a_company, true},
           {"nina", "list_audit_log", json::object(), false},
       }) {
    CAPTURE(each.user);
    CAPTURE(each.tool);
    CHECK(team.as(each.user, each.tool, each.args).code() == (each.reached ? "" : "SCOPE_ERROR"));
  }
}

TEST_CASE("a role never widens a token") {
  team team;
  team.add("olga", "owner");
  team.token_for("olga", "read");
  CHECK(team.as("olga", "create_company", a_company).code() == "SCOPE_ERROR");
}

TEST_CASE("a change of role is effective on the member's next call") {
  team team;
  team.add("edda", "viewer");
  CHECK(team.as("edda", "create_company", a_company).code() == "SCOPE_ERROR");
  team.system.call("update_member_role", {{"userId", "edda"}, {"newRole", "editor"}}).data();
  CHECK(team.as("edda", "create_company", a_company).ok());
  team.system.call("update_member_role", {{"userId", "edda"}, {"newRole", "viewer"}}).data();
  CHECK(team.as("edda", "create_company", a_company).code() == "SCOPE_ERROR");
}

TEST_CASE("a removed member is refused from the next call on, until added again") {
  team team;
  team.add("edda", "editor");
  CHECK(team.as("edda", "list_companies").ok());
  const json removed = team.system.call("remove_workspace_member", {{"userId", "edda"}}).data();
  CHECK(removed.contains("archivedAt"));
  CHECK(team.as("edda", "list_companies").code() == "SCOPE_ERROR");
  team.system.restart();
  CHECK(team.as("edda", "list_companies").code() == "SCOPE_ERROR");
  CHECK(team.system.call("remove_workspace_member", {{"userId", "edda"}}).code() == "NOT_FOUND");
  CHECK(team.system.call("list_workspace_members", json::object()).page()["total"] == 0);
  team.add("edda", "viewer");
  CHECK(team.as("edda", "list_companies").ok());
  CHECK(team.system.call("list_workspace_members", json::object()).page()["total"] == 1);
}

TEST_CASE("nobody becomes a member twice") {
  team team;
  team.add("edda", "editor");
  CHECK(team.system.call("add_workspace_member", {{"userId", "edda"}}).code() == "CONFLICT");
}

TEST_CASE("the last owner can be neither removed nor demoted") {
  team team;
  team.add("olga", "owner");
  CHECK(team.as("olga", "remove_workspace_member", {{"userId", "olga"}}).code() == "CONFLICT");
  const json demote{{"userId", "olga"}, {"newRole", "admin"}};
  CHECK(team.as("olga", "update_member_role", demote).code() == "CONFLICT");
  team.add("otto", "owner");
  CHECK(team.as("olga", "update_member_role", demote).ok());
  CHECK(team.system.call("remove_workspace_member", {{"userId", "otto"}}).code() == "CONFLICT");
}

TEST_CASE("only owners make and unmake owners") {
  team team;
  team.add("olga", "owner");
  team.add("otto", "owner");
  team.add("adam", "admin");
  for (const auto& [tool, args] : std::vector<std::pair<std::string, json>>{
           {"add_workspace_member", {{"userId", "new"}, {"role", "owner"}}},
           {"update_member_role", {{"userId", "adam"}, {"newRole", "owner"}}},
           {"update_member_role", {{"userId", "olga"}, {"newRole", "viewer"}}},
           {"remove_workspace_member", {{"userId", "olga"}}},
           {"update_member_permissions",
            {{"userId", "olga"}, {"permissions", {{"canExportData", false}}}}}}) {
    CAPTURE(tool);
    CHECK(team.as("adam", tool, args).code() == "SCOPE_ERROR");
  }
  CHECK(team.as("adam", "add_workspace_member", {{"userId", "new"}, {"role", "admin"}}).ok());
  CHECK(team.as("olga", "add_workspace_member", {{"userId", "newer"}, {"role", "owner"}}).ok());
}

TEST_CASE("a permission gives to and takes from one member") {
  team team;
  team.add("adam", "admin");
  team.add("edda", "editor");
  struct row {
    const char* permission;
    const char* tool;
    json args;
  };
  int number = 0;
  for (const row& each :
       std::vector<row>{{"canExportData", "list_audit_log", json::object()},
                        {"canExportData", "get_actor_history", {{"actorId", "x"}}},
                        {"canManageBilling", "list_workspace_limits", json::object()},
                        {"canInviteMembers", "add_workspace_member", json::object()}}) {
    CAPTURE(each.tool);
    const auto call = [&](const std::string& user) {
      json args = each.args;
      if (std::string_view{each.tool} == "add_workspace_member")
        args = {{"userId", "u" + std::to_string(++number)}, {"role", "viewer"}};
      return team.as(user, each.tool, args).code();
    };
    CHECK(call("adam") == "");
    CHECK(call("edda") == "SCOPE_ERROR");
    team.permit("adam", {{each.permission, false}});
    team.permit("edda", {{each.permission, true}});
    CHECK(call("adam") == "SCOPE_ERROR");
    CHECK(call("edda") == "");
    team.system.restart();
    CHECK(call("adam") == "SCOPE_ERROR");
    team.permit("adam", {{each.permission, nullptr}});
    team.permit("edda", {{each.permission, nullptr}});
    CHECK(call("adam") == "");
    CHECK(call("edda") == "SCOPE_ERROR");
  }
}

TEST_CASE("a permission widens a role, never the scope of a token") {
  team team;
  team.add("vera", "viewer");
  team.permit("vera", {{"canManageIntegrations", true}, {"canExportData", true}});
  int number = 0;
  const auto add_field = [&] {
    return team
        .as("vera", "add_custom_field",
            {{"entityType", "deal"},
             {"key", "k" + std::to_string(++number)},
             {"label", "K"},
             {"fieldType", "text"}})
        .code();
  };
  const auto delete_field = [&] {
    const json fields = team.system.call("list_custom_fields", json::object()).data();
    return team.as("vera", "delete_custom_field", {{"definitionId", fields[0]["id"]}}).code();
  };
  CHECK(add_field() == ""); // a viewer, with a token of scope admin
  CHECK(add_field() == "");
  CHECK(delete_field() == "");
  CHECK(team.as("vera", "create_company", a_company).code() == "SCOPE_ERROR");
  team.token_for("vera", "write");
  CHECK(add_field() == "");
  CHECK(delete_field() == "SCOPE_ERROR");
  CHECK(team.as("vera", "list_audit_log").code() == "SCOPE_ERROR");
  team.token_for("vera", "read");
  CHECK(add_field() == "SCOPE_ERROR");
  CHECK(team.as("vera", "list_custom_fields").ok());
}

TEST_CASE("an invited member cannot be given more than the inviter has") {
  team team;
  team.add("edda", "editor");
  team.permit("edda", {{"canInviteMembers", true}});
  CHECK(team.as("edda", "add_workspace_member", {{"userId", "a"}, {"role", "admin"}}).code()
        == "SCOPE_ERROR");
  CHECK(team.as("edda", "add_workspace_member", {{"userId", "a"}}).ok());
}

TEST_CASE("nobody but an owner changes the own permissions, and nothing is taken from an owner") {
  team team;
  team.add("olga", "owner");
  team.add("adam", "admin");
  team.permit("adam", {{"canExportData", false}});
  CHECK(team.as("adam", "update_member_permissions",
                {{"userId", "adam"}, {"permissions", {{"canExportData", true}}}})
            .code()
        == "SCOPE_ERROR");
  team.permit("olga", {{"canExportData", false}});
  CHECK(team.as("olga", "list_audit_log").ok());
}

TEST_CASE("a member's change leaves one row in the log, and none when it changes nothing") {
  team team;
  team.add("edda", "editor");
  const auto logged = [&] {
    return team.system.call("list_audit_log", json::object()).page()["total"].get<int>();
  };
  CHECK(logged() == 1);
  team.system.call("update_member_role", {{"userId", "edda"}, {"newRole", "editor"}}).data();
  team.permit("edda", json::object());
  CHECK(logged() == 1);
  team.permit("edda", {{"canExportData", true}});
  CHECK(logged() == 2);
}

TEST_CASE("a call of the batch that fails takes no member's right along") {
  team team;
  team.add("edda", "viewer");
  const auto refused =
      team.system.call("update_member_role", {{"userId", "nobody"}, {"newRole", "editor"}});
  CHECK(refused.code() == "NOT_FOUND");
  CHECK(team.as("edda", "create_company", a_company).code() == "SCOPE_ERROR");
}
