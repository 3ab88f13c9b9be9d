// SPDX-License-Identifier: Apache-2.0
#include "storage/pending_texts.hpp"

#include "storage/companies.hpp"
#include "storage/contacts.hpp"
#include "storage/custom_definitions.hpp"
#include "storage/custom_records.hpp"
#include "storage/deals.hpp"
#include "storage/purge.hpp"
#include "storage/search.hpp"
#include "tests/support/file_size_bound.hpp"
#include "tests/support/test_shard.hpp"

#include <doctest/doctest.h>

#include <array>
#include <filesystem>
#include <random>
#include <string>
#include <string_view>
#include <vector>

using crm::json;
using crm::storage::contact_kind;
using crm::test::need;
using crm::test::number;
using crm::test::test_shard;

namespace {

constexpr std::array<std::string_view, 4> words{"ash", "birch", "cedar", "elm"};

std::int64_t found(test_shard& data, std::string_view word) {
  return need(crm::storage::search(data.get(), crm::storage::contact_search, word, {1, {}})).total;
}

/// How many live contacts have the word for a name, as their own table tells.
std::int64_t named(test_shard& data, std::string_view word) {
  return number(data.db(),
                "select count(*) from contacts where archived_at is null"
                " and json_extract(doc, '$.firstName') = ?",
                word);
}

void check_all(test_shard& data) {
  for (const std::string_view word : words) {
    CAPTURE(word);
    CHECK(found(data, word) == named(data, word));
  }
}

/// Contacts that come, go and change their names, some of them in transactions that are undone.
class changing_contacts {
public:
  changing_contacts(test_shard& data, unsigned seed) : data_(data), random_(seed) {}

  void transaction(int changes, bool commits) {
    const auto before = contacts_;
    need(data_.get().begin());
    for (int i = 0; i < changes; ++i)
      change_one();
    if (random_() % 4 == 0)
      check_all(data_);
    if (random_() % 4 == 0)
      change_one();
    if (commits)
      return need(data_.get().commit());
    need(data_.get().rollback());
    contacts_ = before;
  }

private:
  std::string some_word() { return std::string{words[random_() % words.size()]}; }

  void change_one() {
    if (contacts_.empty() || random_() % 3 == 0) {
      contacts_.push_back(
          data_.create(contact_kind, {{"firstName", some_word()}, {"type", "lead"}}));
      return;
    }
    auto& contact = contacts_[random_() % contacts_.size()];
    if (contact.archived_at) {
      contact = need(crm::storage::restore(data_.get(), contact_kind, contact, data_.origin()));
    } else if (random_() % 3 == 0) {
      contact = need(crm::storage::archive(data_.get(), contact_kind, contact, data_.origin()));
    } else {
      json doc = crm::storage::document_of(contact);
      doc["firstName"] = some_word();
      contact = need(crm::storage::replace(data_.get(), contact_kind, contact, std::move(doc),
                                           "updated", data_.origin()));
    }
  }

  test_shard& data_;
  std::mt19937 random_;
  std::vector<crm::storage::record> contacts_;
};

void add_contact(test_shard& data, std::string_view name) {
  need(data.get().begin());
  data.create(contact_kind, {{"firstName", name}, {"type", "lead"}});
  need(data.get().commit());
}

crm::storage::record define(test_shard& data, const crm::storage::entity_kind& kind,
                            const json& definition) {
  need(data.get().begin());
  auto defined = need(crm::storage::add_definition(data.get(), kind, definition, data.origin()));
  need(data.get().commit());
  return defined;
}

std::int64_t indexed_until(test_shard& data) {
  return number(data.db(), "select value from meta where key = 'indexed_until'");
}

} // namespace

TEST_CASE("a search finds what is committed, whatever was undone, searched or reopened meanwhile") {
  for (const unsigned seed : {1U, 2U, 3U, 4U}) {
    CAPTURE(seed);
    test_shard data;
    changing_contacts contacts{data, seed};
    std::mt19937 random{seed};
    for (int round = 0; round < 120; ++round) {
      CAPTURE(round);
      contacts.transaction(static_cast<int>(random() % 20), random() % 5 != 0);
      if (random() % 8 == 0)
        check_all(data);
      if (random() % 8 == 0) {
        data.close();
        data.open();
        check_all(data);
      }
    }
    check_all(data);
  }
}

TEST_CASE("a file that was closed with texts of every kind to index finds them when it is opened") {
  test_shard data;
  define(data, crm::storage::custom_object_kind,
         {{"objectType", "tree"},
          {"label", "Tree"},
          {"labelPlural", "Trees"},
          {"fields", {{{"key", "kind"}, {"label", "Kind"}, {"fieldType", "text"}}}}});
  define(data, crm::storage::custom_field_kind,
         {{"entityType", "contact"}, {"key", "wood"}, {"fieldType", "text"}});
  need(data.get().begin());
  data.create(contact_kind,
              {{"firstName", "A"}, {"type", "lead"}, {"customFields", {{"wood", "ash"}}}});
  data.create(crm::storage::company_kind, {{"name", "ash"}});
  data.create(crm::storage::deal_kind, {{"title", "ash"},
                                        {"stage", "lead"},
                                        {"value", 1},
                                        {"currency", "EUR"},
                                        {"probability", 10}});
  data.create(crm::storage::custom_record_kind,
              {{"objectType", "tree"}, {"fields", {{"kind", "ash"}}}});
  need(data.get().commit());
  const std::int64_t indexed = indexed_until(data);
  data.close();
  data.open();
  CHECK(indexed_until(data) == indexed + 4);
  const auto total = [&](const crm::storage::search_sql& sql) {
    return need(crm::storage::search(data.get(), sql, "ash", {1, {}})).total;
  };
  CHECK(total(crm::storage::contact_search) == 1);
  CHECK(total(crm::storage::company_search) == 1);
  CHECK(total(crm::storage::deal_search) == 1);
  CHECK(need(crm::storage::search_custom_records(data.get(), "tree", "ash", {1, {}})).total == 1);
}

TEST_CASE("a definition that changes finds its texts indexed under the one before") {
  test_shard data;
  const auto field = define(data, crm::storage::custom_field_kind,
                            {{"entityType", "contact"}, {"key", "wood"}, {"fieldType", "text"}});
  need(data.get().begin());
  data.create(contact_kind,
              {{"firstName", "A"}, {"type", "lead"}, {"customFields", {{"wood", "ash"}}}});
  need(data.get().commit());
  need(data.get().begin());
  need(crm::storage::erase_custom_field(data.get(), field, data.origin()));
  need(data.get().commit());
  CHECK(indexed_until(data) == number(data.db(), "select max(seq) from changes"));
  data.close();
  data.open();
  CHECK(found(data, "ash") == 0);
}

TEST_CASE("texts are written before so many wait, or so many changes, that opening takes long") {
  test_shard data;
  for (int i = 0; i < 300; ++i)
    add_contact(data, "ash");
  CHECK(number(data.db(), "select max(seq) from changes") - indexed_until(data) < 150);
  need(data.get().begin());
  const auto long_notes = std::string(200'000, 'n');
  data.create(contact_kind, {{"firstName", "a"}, {"type", "lead"}, {"notes", long_notes}});
  need(data.get().commit());
  CHECK(number(data.db(), "select max(seq) from changes") == indexed_until(data));
}

TEST_CASE("however often texts are written, their index stays in few parts") {
  test_shard data;
  // Fewer than the 16 from which on FTS5 merges unasked.
  for (int turn = 0; turn < 15; ++turn) {
    add_contact(data, "ash");
    need(data.get().index_texts());
  }
  CHECK(number(data.db(), "select count(distinct segid) from contacts_text_idx") <= 8);
  check_all(data);
}

TEST_CASE("a purge leaves nothing to find, and nothing that opening the file would stumble over") {
  test_shard data;
  add_contact(data, "ash");
  need(data.get().begin());
  const auto stored = need(crm::storage::find_at(data.get(), contact_kind, 1));
  need(crm::storage::archive(data.get(), contact_kind, stored, data.origin()));
  need(data.get().commit());
  need(data.get().begin());
  need(crm::storage::purge(data.get(), crm::storage::purgeable_kinds()[0],
                           data.surroundings().now_ms(), 10, data.origin(), nullptr));
  need(data.get().commit());
  data.close();
  data.open();
  CHECK(found(data, "ash") == 0);
  CHECK(number(data.db(), "select count(*) from contacts") == 0);
}

TEST_CASE("a search that indexes first leaves commits as durable as they were") {
  test_shard data;
  add_contact(data, "ash");
  CHECK(found(data, "ash") == 1);
  CHECK(number(data.db(), "select synchronous from pragma_synchronous") == 2);
  CHECK(indexed_until(data) == 1);
}

TEST_CASE("on a full disk a search finds what is committed, and indexes it once there is room") {
  test_shard data;
  for (int i = 0; i < 10; ++i)
    add_contact(data, "ash");
  {
    const auto log = data.file().string() + "-wal";
    const crm::test::file_size_bound full{std::filesystem::file_size(log)};
    CHECK(found(data, "ash") == 10);
    CHECK(found(data, "ash") == 10);
    CHECK(indexed_until(data) == 0);
    CHECK(number(data.db(), "select synchronous from pragma_synchronous") == 2);
  }
  CHECK(found(data, "ash") == 10);
  CHECK(indexed_until(data) == 10);
  add_contact(data, "ash");
  CHECK(found(data, "ash") == 11);
  CHECK(crm::test::text(data.db(), "pragma integrity_check") == "ok");
}

TEST_CASE("an index that cannot be written undoes the open transaction, and nothing is lost") {
  test_shard data;
  add_contact(data, "ash");
  need(data.db().script("create trigger refuse before update on meta begin"
                        " select raise(abort, 'refused'); end"));
  need(data.get().begin());
  data.create(contact_kind, {{"firstName", "ash"}, {"type", "lead"}});
  CHECK(!crm::storage::search(data.get(), crm::storage::contact_search, "ash", {1, {}}));
  CHECK(!data.db().in_transaction());
  need(data.get().rollback());
  need(data.db().script("drop trigger refuse"));
  CHECK(found(data, "ash") == 1);
  CHECK(named(data, "ash") == 1);
}
