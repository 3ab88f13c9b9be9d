// SPDX-License-Identifier: Apache-2.0
#include "storage/control.hpp"

#include "storage/digest.hpp"
#include "tests/support/test_shard.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <string>

using crm::storage::control_store;
using crm::storage::token_entry;
using crm::test::need;

namespace {

token_entry token(const std::string& secret, const std::string& id) {
  return {crm::storage::sha256(secret),          id,  "acme", "agent",
          {crm::scope::read, crm::scope::write}, 100, 5000,   {}};
}

} // namespace

TEST_CASE("workspaces and tokens are there again when the control file is opened again") {
  const crm::test::temp_folder folder;
  const auto file = folder.path() / "control.db";
  {
    control_store store = need(control_store::open(file));
    need(store.add_workspace({"zeta", "Zeta", 1}));
    need(store.add_workspace({"acme", "Acme \"GmbH\"", 2}));
    need(store.add_token(token("secret", "tok_1")));
  }
  control_store store = need(control_store::open(file));
  const auto workspaces = need(store.workspaces());
  REQUIRE(workspaces.size() == 2);
  CHECK(workspaces[0].id == "acme");
  CHECK(workspaces[0].name == "Acme \"GmbH\"");
  CHECK(workspaces[0].created_at == 2);
  CHECK(need(store.has_workspace("zeta")));
  CHECK(!need(store.has_workspace("zet")));
  const auto tokens = need(store.live_tokens());
  REQUIRE(tokens.size() == 1);
  CHECK(tokens[0].digest == crm::storage::sha256("secret"));
  CHECK(tokens[0].id == "tok_1");
  CHECK(tokens[0].workspace == "acme");
  CHECK(tokens[0].actor == "agent");
  CHECK(tokens[0].scopes == crm::scope_set{crm::scope::read, crm::scope::write});
  CHECK(tokens[0].expires_at == 5000);
  CHECK(!tokens[0].revoked_at);
}

TEST_CASE("a workspace id is taken once") {
  const crm::test::temp_folder folder;
  control_store store = need(control_store::open(folder.path() / "control.db"));
  need(store.add_workspace({"acme", "Acme", 1}));
  const auto twice = store.add_workspace({"acme", "Other", 2});
  REQUIRE(!twice);
  CHECK(twice.error().code == crm::error_code::conflict);
  CHECK(twice.error().message.find("acme") != std::string::npos);
  CHECK(need(store.workspaces()).at(0).name == "Acme");
}

TEST_CASE("a token belongs to a workspace that exists, and its digest and id are its own") {
  const crm::test::temp_folder folder;
  control_store store = need(control_store::open(folder.path() / "control.db"));
  const auto homeless = store.add_token(token("secret", "tok_1"));
  REQUIRE(!homeless);
  CHECK(homeless.error().code == crm::error_code::not_found);
  need(store.add_workspace({"acme", "Acme", 1}));
  need(store.add_token(token("secret", "tok_1")));
  CHECK(!store.add_token(token("secret", "tok_2")));
  CHECK(!store.add_token(token("other", "tok_1")));
  CHECK(need(store.live_tokens()).size() == 1);
}

TEST_CASE("a revoked token stays revoked, from the first time on") {
  const crm::test::temp_folder folder;
  const auto file = folder.path() / "control.db";
  {
    control_store store = need(control_store::open(file));
    need(store.add_workspace({"acme", "Acme", 1}));
    need(store.add_token(token("one", "tok_1")));
    need(store.add_token(token("two", "tok_2")));
    CHECK(need(store.revoke_token("tok_1", 300)).digest == crm::storage::sha256("one"));
    CHECK(need(store.revoke_token("tok_1", 400)).id == "tok_1");
    const auto unknown = store.revoke_token("tok_9", 300);
    REQUIRE(!unknown);
    CHECK(unknown.error().code == crm::error_code::not_found);
  }
  control_store store = need(control_store::open(file));
  const auto tokens = need(store.live_tokens());
  REQUIRE(tokens.size() == 1);
  CHECK(tokens[0].id == "tok_2");
  CHECK(need(store.revoke_token("tok_1", 500)).revoked_at == 300);
}

TEST_CASE("the control file never holds a token itself") {
  const crm::test::temp_folder folder;
  const auto file = folder.path() / "control.db";
  {
    control_store store = need(control_store::open(file));
    need(store.add_workspace({"acme", "Acme", 1}));
    need(store.add_token(token("vcrm_a-secret-that-must-not-leak", "tok_1")));
  }
  std::ifstream stream{file, std::ios::binary};
  const std::string bytes{std::istreambuf_iterator<char>{stream}, {}};
  CHECK(bytes.find("tok_1") != std::string::npos);
  CHECK(bytes.find("must-not-leak") == std::string::npos);
}
