// SPDX-License-Identifier: Apache-2.0
#include "storage/change_log.hpp"

#include "storage/contacts.hpp"
#include "tests/support/test_shard.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <string_view>
#include <vector>

using crm::json;
using crm::storage::contact_kind;
using crm::test::need;
using crm::test::number;
using crm::test::test_shard;

namespace {

/// A log of six rows: a contact created, changed, archived and restored, and two more created.
void fill(test_shard& data) {
  auto contact = data.create(contact_kind, {{"firstName", "Ada"}, {"type", "lead"}});
  data.surroundings().advance(std::chrono::milliseconds{1});
  auto doc = crm::storage::document_of(contact);
  doc["firstName"] = "Zoë";
  contact =
      need(crm::storage::replace(data.get(), contact_kind, contact, doc, "updated", data.origin()));
  contact = need(crm::storage::archive(data.get(), contact_kind, contact, data.origin()));
  contact = need(crm::storage::restore(data.get(), contact_kind, contact, data.origin()));
  data.create(contact_kind, {{"firstName", "Bob"}, {"type", "lead"}});
  data.create(contact_kind, {{"firstName", "Cy"}, {"type", "client"}});
}

/// What someone can do who has the file but not the program.
void tamper(test_shard& data, const char* sql) {
  need(data.db().script("drop trigger changes_refuse_update; drop trigger changes_refuse_delete"));
  need(data.db().script(sql));
}

struct tamper_row {
  const char* sql;
  /// The first row that must not verify.
  int at;
};

} // namespace

TEST_CASE("an untouched log verifies, also when it is read anew") {
  test_shard data;
  CHECK(need(crm::storage::verify_chain(data.db())) == 0);
  fill(data);
  CHECK(need(crm::storage::verify_chain(data.db())) == 6);
  data.close();
  data.open();
  data.create(contact_kind, {{"firstName", "Di"}, {"type", "lead"}});
  CHECK(need(crm::storage::verify_chain(data.db())) == 7);
}

TEST_CASE("a log continues after a transaction that was rolled back as if it had not been") {
  test_shard data;
  fill(data);
  need(data.get().begin());
  data.create(contact_kind, {{"firstName", "Gone"}, {"type", "lead"}});
  need(data.get().rollback());
  CHECK(need(crm::storage::verify_chain(data.db())) == 6);
  data.create(contact_kind, {{"firstName", "Kept"}, {"type", "lead"}});
  CHECK(need(crm::storage::verify_chain(data.db())) == 7);
}

TEST_CASE(
    "the ranks of every row are counts of the rows before it, whatever was undone or closed") {
  test_shard data;
  const auto write = [&](const char* actor) {
    auto by = data.origin();
    by.actor = actor;
    need(
        crm::storage::create(data.get(), contact_kind, {{"firstName", "A"}, {"type", "lead"}}, by));
  };
  fill(data);
  write("ann");
  need(data.get().begin());
  write("ann");
  write("bob");
  need(data.get().rollback());
  write("bob");
  data.close();
  data.open();
  write("ann");
  fill(data);
  CHECK(number(data.db(), "select count(*) from change_ranks") == 15);
  CHECK(number(data.db(),
               "select count(*) from change_ranks r join (select seq,"
               " row_number() over (partition by entity_type order by seq) as of_type,"
               " row_number() over (partition by actor order by seq) as of_actor,"
               " row_number() over (partition by entity_type, actor order by seq) as of_both"
               " from changes) c using (seq)"
               " where r.of_type = c.of_type and r.of_actor = c.of_actor and r.of_both = c.of_both")
        == 15);
}

TEST_CASE("a commit tells each entity that it changed once, and a rollback tells nothing") {
  test_shard data;
  const auto known = data.create(contact_kind, {{"firstName", "Ada"}, {"type", "lead"}});
  std::vector<std::vector<crm::changed_entity>> told;
  // What was written before is not of the commits to come.
  need(data.get().begin());
  need(data.get().commit());
  data.get().on_commit([&](const auto& changed) { told.push_back(changed); });

  need(data.get().begin());
  data.create(contact_kind, {{"firstName", "Gone"}, {"type", "lead"}});
  need(data.get().rollback());
  need(data.get().begin());
  need(data.get().commit());
  CHECK(told.empty());

  need(data.get().begin());
  const auto archived = need(crm::storage::archive(data.get(), contact_kind, known, data.origin()));
  need(crm::storage::restore(data.get(), contact_kind, archived, data.origin()));
  const auto made = data.create(contact_kind, {{"firstName", "Bob"}, {"type", "lead"}});
  CHECK(told.empty());
  need(data.get().commit());
  REQUIRE(told.size() == 1);
  std::set<std::string> ids;
  for (const crm::changed_entity& each : told[0]) {
    CHECK(each.type == "contact");
    ids.insert(each.id);
  }
  CHECK(told[0].size() == 2);
  CHECK(ids == std::set<std::string>{known.id, made.id});
}

TEST_CASE("every row tells who changed what, when, why, from what and into what") {
  test_shard data;
  fill(data);
  int rows = 0;
  need(data.db().each(
      "select c.at, c.actor, c.client, c.request, c.tool, c.entity_type, c.entity_id, c.action,"
      " c.cause, i.before, i.after from changes c join images i on i.seq = c.seq order by c.seq",
      [&](crm::storage::row r) {
        const char* actions[] = {"created",  "updated", "archived",
                                 "restored", "created", "created"};
        CHECK(r.text(1) == "tester");
        CHECK(r.text(2) == "test");
        CHECK(r.text(3) == "req");
        CHECK(r.text(4) == "some_tool");
        CHECK(r.text(5) == "contact");
        CHECK(r.text(6).starts_with("con_"));
        CHECK(r.text(7) == actions[rows]);
        CHECK(r.text(8) == "call");
        CHECK(r.is_null(9) == (r.text(7) == "created"));
        CHECK(json::parse(r.text(10))["id"] == r.text(6));
        if (rows == 1) {
          CHECK(json::parse(r.text(9))["firstName"] == "Ada");
          CHECK(json::parse(r.text(10))["firstName"] == "Zoë");
        }
        ++rows;
        return true;
      }));
  CHECK(rows == 6);
}

TEST_CASE("SQLite itself refuses to change or remove a row of the log") {
  test_shard data;
  fill(data);
  for (const char* sql :
       {"update changes set actor = 'other' where seq = 2", "delete from changes where seq = 6",
        "delete from changes", "update changes set hash = hash",
        "insert or replace into changes select seq, at, 'other', client, request, tool,"
        " entity_type, entity_id, action, cause, reason, before_digest, after_digest, previous,"
        " hash from changes where seq = 2",
        "replace into changes select * from changes where seq = 2"}) {
    CAPTURE(sql);
    CHECK(!data.db().script(sql));
    CHECK(need(crm::storage::verify_chain(data.db())) == 6);
    CHECK(number(data.db(), "select count(*) from changes where actor = 'tester'") == 6);
  }
}

TEST_CASE("whatever is altered behind the program's back is found, at the first altered row") {
  const tamper_row rows[] = {
      {"update changes set at = at + 1 where seq = 3", 3},
      {"update changes set actor = 'x' where seq = 1", 1},
      {"update changes set client = 'x' where seq = 2", 2},
      {"update changes set request = 'x' where seq = 2", 2},
      {"update changes set tool = 'x' where seq = 2", 2},
      {"update changes set entity_type = 'deal' where seq = 6", 6},
      {"update changes set entity_id = 'x' where seq = 6", 6},
      {"update changes set action = 'updated' where seq = 1", 1},
      {"update changes set cause = 'x' where seq = 4", 4},
      {"update changes set reason = 'x' where seq = 4", 4},
      {"update changes set before_digest = after_digest where seq = 2", 2},
      {"update changes set after_digest = before_digest where seq = 2", 2},
      {"update changes set before_digest = null where seq = 2", 2},
      {"update changes set previous = zeroblob(32) where seq = 4", 4},
      {"update changes set hash = zeroblob(32) where seq = 4", 4},
      {"update changes set actor = actor || client, client = '' where seq = 4", 4},
      {"delete from changes where seq = 1", 1},
      {"delete from changes where seq = 3", 3},
      {"update changes set seq = 7 where seq = 6", 6},
      {"insert into changes select 7, at, actor, client, request, tool, entity_type, entity_id,"
       " action, cause, reason, before_digest, after_digest, hash, hash from changes where seq = 6",
       7},
      {"update images set after = after || ' ' where seq = 5", 5},
      {"update images set before = '{}' where seq = 3", 3},
      {"update images set before = '{}' where seq = 1", 1},
      {"update images set after = '' where seq = 1", 1},
      {"update images set after = (select after from images where seq = 5) where seq = 6", 6},
  };
  for (const tamper_row& row : rows) {
    CAPTURE(row.sql);
    test_shard data;
    fill(data);
    tamper(data, row.sql);
    const auto verified = crm::storage::verify_chain(data.db());
    REQUIRE(!verified);
    CHECK(verified.error().code == crm::error_code::conflict);
    CHECK(verified.error().message.find("at row " + std::to_string(row.at) + ":")
          != std::string::npos);
  }
}

TEST_CASE("images can be erased, and the chain still verifies") {
  test_shard data;
  fill(data);
  for (const char* sql :
       {"update images set before = null, after = null where seq = 2",
        "update images set before = null where seq = 3", "delete from images where seq = 5"}) {
    need(data.db().script(sql));
    CHECK(need(crm::storage::verify_chain(data.db())) == 6);
  }
  data.create(contact_kind, {{"firstName", "Di"}, {"type", "lead"}});
  CHECK(need(crm::storage::verify_chain(data.db())) == 7);
}
