// SPDX-License-Identifier: Apache-2.0
#include "protocol/principal.hpp"

#include "protocol/tool_spec.hpp"

#include <doctest/doctest.h>

#include <string>

using crm::scope;
using crm::scope_set;

namespace {

constexpr scope tiers[] = {scope::read, scope::write, scope::admin, scope::workflow_trigger,
                           scope::cloud_admin};

// Design §4.4, row: what the token holds; column: what the tool needs; in the order of `tiers`.
constexpr bool reaches[5][5] = {
    {true, false, false, false, false}, // read
    {true, true, false, false, false},  // write
    {true, true, true, false, false},   // admin
    {false, false, false, true, false}, // workflow-trigger
    {true, true, true, true, true},     // cloud-admin
};

crm::tool_spec tool_that_needs(scope tier) {
  return {"some_tool", "Some tool", "Tests", tier, crm::effect::read, "Does something."};
}

} // namespace

TEST_CASE("a scope reaches exactly the tools that the table of tiers says") {
  for (std::size_t held = 0; held < 5; ++held) {
    for (std::size_t needed = 0; needed < 5; ++needed) {
      CAPTURE(crm::name_of(tiers[held]));
      CAPTURE(crm::name_of(tiers[needed]));
      const crm::principal caller{"default", "agent", {tiers[held]}};
      const auto allowed = crm::authorize(caller, tool_that_needs(tiers[needed]));
      CHECK(static_cast<bool>(allowed) == reaches[held][needed]);
      if (allowed)
        continue;
      CHECK(allowed.error().code == crm::error_code::scope);
      CHECK(allowed.error().details.at(0).expected == crm::name_of(tiers[needed]));
      CHECK(allowed.error().details.at(0).got == crm::name_of(tiers[held]));
    }
  }
}

TEST_CASE("a set of scopes reaches what one of them reaches, and no more") {
  for (unsigned bits = 0; bits < 32; ++bits) {
    scope_set held;
    for (std::size_t i = 0; i < 5; ++i) {
      if ((bits & (1U << i)) != 0)
        held.insert(tiers[i]);
    }
    for (std::size_t needed = 0; needed < 5; ++needed) {
      bool expected = false;
      for (std::size_t i = 0; i < 5; ++i)
        expected = expected || (held.contains(tiers[i]) && reaches[i][needed]);
      CHECK(held.reaches(tiers[needed]) == expected);
    }
    if (bits > 0) {
      const auto read = crm::parse_scopes(held.to_string());
      REQUIRE(read);
      CHECK(*read == held);
    }
  }
}

TEST_CASE("an unknown scope is refused with the valid ones") {
  for (const char* list : {"", "owner", "Read", "read,", ",read", "read, write", "read;write",
                           "cloud_admin", "*", "read,write,root"}) {
    CAPTURE(list);
    const auto read = crm::parse_scopes(list);
    REQUIRE(!read);
    CHECK(read.error().code == crm::error_code::validation);
    CHECK(read.error().message.find("workflow-trigger") != std::string::npos);
  }
}
