// SPDX-License-Identifier: Apache-2.0
#include "storage/definitions.hpp"

#include "storage/contacts.hpp"
#include "storage/custom_definitions.hpp"
#include "storage/custom_values.hpp"
#include "tests/support/test_shard.hpp"

#include <doctest/doctest.h>

#include <string>

using crm::json;
using crm::test::need;
using crm::test::number;
using crm::test::test_shard;

namespace {

crm::storage::record define(test_shard& data, const char* key, const char* type = "text") {
  return need(crm::storage::add_definition(
      data.get(), crm::storage::custom_field_kind,
      {{"entityType", "contact"}, {"key", key}, {"fieldType", type}}, data.origin()));
}

bool knows(test_shard& data, const char* key) {
  return data.get().known().field("contact", key) != nullptr;
}

} // namespace

TEST_CASE("definitions in memory follow a commit, a rollback and a restart") {
  test_shard data;
  need(data.get().begin());
  const auto kept = define(data, "kept");
  need(data.get().commit());
  need(data.get().begin());
  define(data, "undone");
  CHECK(knows(data, "undone"));
  need(data.get().rollback());
  CHECK(!knows(data, "undone"));
  CHECK(knows(data, "kept"));

  need(data.get().begin());
  CHECK(need(crm::storage::erase_custom_field(data.get(), kept, data.origin())) == 0);
  CHECK(!knows(data, "kept"));
  need(data.get().rollback());
  CHECK(knows(data, "kept"));
  data.close();
  data.open();
  CHECK(knows(data, "kept"));
  need(crm::storage::verify_chain(data.db()));
}

TEST_CASE("deleting a field leaves nothing of it, and the text index whole") {
  test_shard data;
  need(data.get().begin());
  const auto field = define(data, "tel", "phone");
  define(data, "other");
  for (int i = 0; i < 300; ++i) {
    const std::string n = std::to_string(i);
    json fields{{"firstName", "N" + n}, {"type", "lead"}};
    if (i % 3 != 0)
      fields["customFields"] = {{"tel", "+49 (30) " + n}, {"other", "o" + n}};
    const auto made = data.create(crm::storage::contact_kind, fields);
    if (i % 5 == 0)
      need(crm::storage::archive(data.get(), crm::storage::contact_kind, made, data.origin()));
  }
  const std::int64_t before = number(data.db(), "select count(*) from changes");
  CHECK(need(crm::storage::erase_custom_field(data.get(), field, data.origin())) == 200);
  need(data.get().commit());
  CHECK(number(data.db(), "select count(*) from changes") == before + 201);
  CHECK(number(data.db(), "select count(*) from custom_values where key = 'tel'") == 0);
  CHECK(number(data.db(), "select count(*) from tallies where facet = 'customFields.tel'") == 0);
  CHECK(number(data.db(), "select count(*) from contacts where doc like '%\"tel\"%'") == 0);
  CHECK(number(data.db(), "select count(*) from contacts where doc like '%\"other\"%'") == 200);
  need(data.db().script("insert into contacts_text (contacts_text) values ('integrity-check')"));
  const auto found =
      need(crm::storage::search(data.get(), crm::storage::contact_search, "4930", {10, {}}));
  CHECK(found.total == 0);
  need(crm::storage::verify_chain(data.db()));
}
