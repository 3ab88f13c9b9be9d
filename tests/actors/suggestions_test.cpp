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
