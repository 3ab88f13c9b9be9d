// SPDX-License-Identifier: Apache-2.0
#include "storage/entities.hpp"

#include "storage/companies.hpp"
#include "storage/contacts.hpp"
#include "storage/custom_values.hpp"
#include "storage/deals.hpp"
#include "tests/support/test_shard.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

using crm::json;
using crm::storage::contact_kind;
using crm::test::need;
using crm::test::number;
using crm::test::test_shard;

namespace {

std::int64_t with_value(test_shard& data, std::string_view key, const json& value) {
  crm::custom_field field;
  field.key = key;
  const auto page =
      need(crm::storage::list_contacts_by_custom_value(data.get(), field, value, {100, {}}));
  CHECK(page.total == page.returned);
  return page.returned;
}

crm::storage::record change(test_shard& data, const crm::storage::record& before, json fields) {
  json doc = crm::storage::document_of(before);
  doc.update(fields);
  return need(
      crm::storage::replace(data.get(), contact_kind, before, doc, "updated", data.origin()));
}

/// One random life of many contacts: created, changed, archived, restored.
void live(test_shard& data, std::mt19937& random, int steps) {
  const json types = {"lead", "client", "partner"};
  const json values = {1,
                       1.0,
                       1.5,
                       "a",
                       "",
                       true,
                       {1, 2, 1},
                       {"a", "b"},
                       nullptr,
                       {{"n", 1}},
                       {{"n", 1.0}},
                       9007199254740993,
                       9007199254740992.0};
  std::vector<crm::storage::record> records;
  for (int step = 0; step < steps; ++step) {
    json fields{{"firstName", "N" + std::to_string(step)}, {"type", types[random() % 3]}};
    if (random() % 3 != 0)
      fields["customFields"] = {{"k", values[random() % values.size()]},
                                {"l", values[random() % values.size()]}};
    if (records.empty() || random() % 4 == 0) {
      records.push_back(data.create(contact_kind, fields));
      continue;
    }
    crm::storage::record& one = records[random() % records.size()];
    if (one.archived_at)
      one = need(crm::storage::restore(data.get(), contact_kind, one, data.origin()));
    else if (random() % 3 == 0)
      one = need(crm::storage::archive(data.get(), contact_kind, one, data.origin()));
    else
      one = change(data, one, fields);
  }
}

} // namespace

TEST_CASE("a replacement that says the same changes nothing and leaves no trace") {
  test_shard data;
  const auto made = data.create(contact_kind, {{"firstName", "Ada"}, {"type", "lead"}});
  data.surroundings().advance(std::chrono::seconds{5});
  const auto same = change(data, made, {{"firstName", "Ada"}, {"notes", nullptr}});
  CHECK(same.doc == made.doc);
  CHECK(same.version == 1);
  CHECK(number(data.db(), "select count(*) from changes") == 1);
}

TEST_CASE("a change moves the version and the time, and keeps everything else") {
  test_shard data;
  const auto made =
      data.create(contact_kind, {{"firstName", "Ada"}, {"type", "lead"}, {"notes", "x"}});
  data.surroundings().advance(std::chrono::seconds{5});
  const auto after = change(data, made, {{"notes", nullptr}, {"type", "client"}});
  json expected = crm::storage::document_of(made);
  expected.erase("notes");
  expected["type"] = "client";
  expected["version"] = 2;
  expected["updatedAt"] = expected["createdAt"].get<std::int64_t>() + 5000;
  CHECK(crm::storage::document_of(after) == expected);
  CHECK(need(crm::storage::find(data.get(), contact_kind, made.id, "id")).doc == after.doc);
}

TEST_CASE("an archived record is found by id, but not by who wants a live one") {
  test_shard data;
  auto made = data.create(contact_kind, {{"firstName", "Ada"}, {"type", "lead"}});
  made = need(crm::storage::archive(data.get(), contact_kind, made, data.origin()));
  CHECK(need(crm::storage::find(data.get(), contact_kind, made.id, "id")).archived_at);
  const auto live = crm::storage::find_live(data.get(), contact_kind, made.id, "contactId");
  REQUIRE(!live);
  CHECK(live.error().code == crm::error_code::conflict);
  CHECK(!crm::storage::archive(data.get(), contact_kind, made, data.origin()));
  const auto other = crm::storage::find(data.get(), crm::storage::deal_kind, made.id, "dealId");
  REQUIRE(!other);
  CHECK(other.error().code == crm::error_code::not_found);
  CHECK(other.error().details.at(0).path == "dealId");
}

TEST_CASE("a record can be restored for thirty days to the millisecond") {
  using std::chrono::hours;
  for (const int extra_ms : {0, 1}) {
    test_shard data;
    auto made = data.create(contact_kind, {{"firstName", "Ada"}, {"type", "lead"}});
    made = need(crm::storage::archive(data.get(), contact_kind, made, data.origin()));
    data.surroundings().advance(hours{24 * 30} + std::chrono::milliseconds{extra_ms});
    const auto back = crm::storage::restore(data.get(), contact_kind, made, data.origin());
    CHECK(static_cast<bool>(back) == (extra_ms == 0));
    if (!back)
      CHECK(back.error().code == crm::error_code::conflict);
  }
}

TEST_CASE("a custom value is found however its number is spelt, and in arrays by each item") {
  test_shard data;
  data.create(contact_kind, {{"firstName", "A"}, {"type", "lead"}, {"customFields", {{"k", 5}}}});
  data.create(contact_kind,
              {{"firstName", "B"}, {"type", "lead"}, {"customFields", {{"k", {5.0, "x", 5}}}}});
  CHECK(with_value(data, "k", 5) == 2);
  CHECK(with_value(data, "k", 5.0) == 2);
  CHECK(with_value(data, "k", "5") == 0);
  CHECK(with_value(data, "k", "x") == 1);
  CHECK(with_value(data, "j", 5) == 0);
}

TEST_CASE("a custom value that changes only its spelling is found by the new one") {
  // JSON holds 1 and 1.0 for equal; as parts of an object they are looked up as they are written.
  test_shard data;
  auto made = data.create(
      contact_kind, {{"firstName", "A"}, {"type", "lead"}, {"customFields", {{"k", {{"n", 1}}}}}});
  made = change(data, made, {{"customFields", {{"k", {{"n", 1.0}}}}}});
  CHECK(with_value(data, "k", {{"n", 1.0}}) == 1);
  CHECK(with_value(data, "k", {{"n", 1}}) == 0);
  need(crm::storage::archive(data.get(), contact_kind, made, data.origin()));
  CHECK(with_value(data, "k", {{"n", 1.0}}) == 0);
  CHECK(number(data.db(), "select count(*) from custom_values") == 0);
}

TEST_CASE("counts and look-up tables agree with the records, whatever happened to them") {
  for (const unsigned seed : {1U, 2U, 3U}) {
    CAPTURE(seed);
    test_shard data;
    std::mt19937 random{seed};
    need(data.get().begin());
    live(data, random, 600);
    need(data.get().commit());
    CHECK(number(data.db(), "select count(*) from (select type, count(*) n from contacts"
                            " where archived_at is null group by type) c left join tallies t"
                            " on t.entity = 'contact' and t.facet = 'type' and t.value = c.type"
                            " where t.n is not c.n")
          == 0);
    CHECK(number(data.db(), "select n from tallies where entity = 'contact' and facet = ''")
          == number(data.db(), "select count(*) from contacts where archived_at is null"));
    CHECK(number(data.db(), "select count(*) from custom_values v left join contacts c"
                            " on c.seq = v.seq where c.seq is null or c.archived_at is not null")
          == 0);
    CHECK(number(data.db(),
                 "select count(*) from (select key, value, count(*) n from custom_values"
                 " group by key, value) c join tallies t on t.entity = 'contact'"
                 " and t.facet = 'customFields.' || c.key and t.value = c.value where t.n <> c.n")
          == 0);
    CHECK(number(data.db(), "select count(*) from tallies where n < 0") == 0);
    need(data.db().script("insert into contacts_text (contacts_text) values ('integrity-check')"));
    CHECK(need(crm::storage::verify_chain(data.db()))
          == number(data.db(), "select sum(version) from contacts"));
  }
}
