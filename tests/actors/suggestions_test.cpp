// SPDX-License-Identifier: Apache-2.0
#include "tests/support/test_system.hpp"

#include <doctest/doctest.h>

#include <random>

using crm::json;
using crm::test::answer;
using crm::test::test_system;

namespace {

const std::vector<std::string> names{"renewal_date", "customer_tier", "annual_revenue",
                                     "preferred_language", "region"};
const std::vector<std::string> options{"bronze", "silver", "platinum", "enterprise"};

/// Makes one slip in a name: a letter is lost, doubled, changed, or swapped with its neighbour.
std::string misspelt(const std::string& name, std::mt19937& random) {
  for (;;) {
    std::string slip = name;
    const std::size_t at = random() % (slip.size() - 1);
    switch (random() % 4) {
    case 0:
      slip.erase(at, 1);
      break;
    case 1:
      slip.insert(at, 1, slip[at]);
      break;
    case 2:
      slip[at] = slip[at] == 'x' ? 'y' : 'x';
      break;
    default:
      std::swap(slip[at], slip[at + 1]);
    }
    if (slip != name)
      return slip;
  }
}

} // namespace

TEST_CASE("a misspelt field key or option is refused, and its suggestion succeeds when followed") {
  test_system system;
  for (const std::string& name : names)
    system
        .call("add_custom_field", {{"entityType", "contact"},
                                   {"key", name},
                                   {"label", name},
                                   {"fieldType", "select"},
                                   {"options", options}})
        .data();
  std::mt19937 random{7};
  const auto create = [&](const std::string& key, const std::string& option) {
    return system.call("create_contact",
                       {{"firstName", "A"}, {"lastName", "B"}, {"customFields", {{key, option}}}});
  };
  for (int i = 0; i < 100; ++i) {
    std::string key = names[random() % names.size()];
    std::string option = options[random() % options.size()];
    std::string& slipped = random() % 2 == 0 ? key : option;
    slipped = misspelt(slipped, random);
    CAPTURE(slipped);
    const answer refused = create(key, option);
    REQUIRE(refused.code() == "ZOD_VALIDATION_ERROR");
    slipped = refused.error()["details"][0].at("didYouMean");
    CHECK(create(key, option).ok());
  }
}

namespace {

/// A call that works, and the part of it that is misspelt: a member's name, or its value.
struct spelt_call {
  const char* tool;
  json args;
  std::string argument;
  enum class part { name, value } part;
};

std::vector<spelt_call> calls_on(const std::string& contact, const std::string& deal) {
  using part = decltype(spelt_call::part);
  const json person{{"firstName", "A"}, {"lastName", "B"}};
  const auto with = [](json args, const json& more) {
    args.update(more);
    return args;
  };
  return {
      {"create_contact", person, "firstName", part::name},
      {"create_contact", with(person, {{"jobTitle", "x"}}), "jobTitle", part::name},
      {"create_contact", with(person, {{"type", "prospect"}}), "type", part::value},
      {"update_contact", {{"contactId", contact}, {"notes", "x"}}, "contactId", part::name},
      {"list_contacts", {{"type", "partner"}}, "type", part::value},
      {"create_deal", {{"title", "A"}, {"stage", "negotiation"}}, "stage", part::value},
      {"create_deal",
       {{"title", "A"}, {"stage", "lead"}, {"currency", "EUR"}},
       "currency",
       part::name},
      {"move_deal_stage", {{"dealId", deal}, {"newStage", "qualified"}}, "newStage", part::value},
      {"move_deal_stage", {{"dealId", deal}, {"newStage", "lost"}}, "newStage", part::name},
      {"list_deals", {{"stage", "proposal"}, {"limit", 5}}, "stage", part::value},
      {"update_deal",
       {{"dealId", deal}, {"expectedCloseDate", 1}},
       "expectedCloseDate",
       part::name},
      {"create_activity", {{"type", "meeting"}, {"subject", "x"}}, "type", part::value},
      {"win_rate", {{"since", 1}, {"until", 2}}, "since", part::name},
      {"list_audit_log", {{"entityType", "contact"}}, "entityType", part::value},
      {"add_workspace_member", {{"userId", "u"}, {"role", "editor"}}, "role", part::value},
  };
}

} // namespace

TEST_CASE("a misspelt argument, stage or choice is refused, and its suggestion succeeds") {
  test_system system;
  const std::string contact =
      system.call("create_contact", {{"firstName", "A"}, {"lastName", "B"}}).data()["id"];
  const std::string deal =
      system.call("create_deal", {{"title", "A"}, {"stage", "lead"}}).data()["id"];
  const auto calls = calls_on(contact, deal);
  std::mt19937 random{11};
  int tried = 0;
  for (std::size_t i = 0; tried < 150; ++i) {
    const spelt_call& right = calls[i % calls.size()];
    const bool of_name = right.part == decltype(right.part)::name;
    const std::string spelling =
        of_name ? right.argument : right.args[right.argument].get<std::string>();
    const std::string slip = misspelt(spelling, random);
    json args = right.args;
    if (of_name)
      args.erase(right.argument);
    args[of_name ? slip : right.argument] = of_name ? right.args[right.argument] : json(slip);
    CAPTURE(right.tool);
    CAPTURE(args.dump());
    const answer refused = system.call(right.tool, args);
    REQUIRE(refused.code() == "ZOD_VALIDATION_ERROR");
    std::string meant;
    for (const json& row : refused.error()["details"]) {
      if (row["path"] == (of_name ? slip : right.argument))
        meant = row.value("didYouMean", "");
    }
    args.erase(slip);
    args[of_name ? meant : right.argument] = of_name ? right.args[right.argument] : json(meant);
    CHECK(system.call(right.tool, args).ok());
    ++tried;
    if (right.tool == std::string{"add_workspace_member"})
      system.call("remove_workspace_member", {{"userId", "u"}});
  }
}
