// SPDX-License-Identifier: Apache-2.0
#include "storage/search.hpp"

#include "protocol/limits.hpp"
#include "storage/contacts.hpp"
#include "tests/support/test_shard.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

using crm::json;
using crm::storage::contact_kind;
using crm::test::need;
using crm::test::test_shard;
using namespace std::string_view_literals;

namespace {

crm::storage::record add(test_shard& data, json fields) {
  fields.update({{"type", "lead"}});
  return data.create(contact_kind, fields);
}

crm::storage::page find(test_shard& data, std::string_view query,
                        const crm::storage::page_request& request = {50, {}}) {
  return need(crm::storage::search(data.get(), crm::storage::contact_search, query, request));
}

/// The first names of what a query finds, best match first.
std::vector<std::string> names(test_shard& data, std::string_view query) {
  std::vector<std::string> found;
  for (const json& doc : json::parse(find(data, query).data))
    found.push_back(doc["firstName"]);
  return found;
}

using list = std::vector<std::string>;

} // namespace

TEST_CASE("a search finds whole words in any order, and the last one by its beginning") {
  test_shard data;
  add(data, {{"firstName", "Zoë"}, {"lastName", "Müller-Lüdenscheid"}, {"notes", "met in Köln"}});
  add(data, {{"firstName", "Łukasz"}, {"email", "luk@Example.com"}, {"tags", {"vip", "Kraków"}}});
  add(data, {{"firstName", "漢字"}, {"phone", "+49 (30) 123-456"}, {"jobTitle", "CTO"}});
  CHECK(names(data, "zoe") == list{"Zoë"});
  CHECK(names(data, "ZOË müller") == list{"Zoë"});
  CHECK(names(data, "koln zoe") == list{"Zoë"});
  CHECK(names(data, "mul") == list{"Zoë"});
  CHECK(names(data, "mul zoe") == list{}); // only the last word may be a beginning
  CHECK(names(data, "müller-lüd") == list{"Zoë"});
  CHECK(names(data, "luk@example.com") == list{"Łukasz"});
  CHECK(names(data, "example") == list{"Łukasz"});
  CHECK(names(data, "vip krakow") == list{"Łukasz"});
  CHECK(names(data, "漢") == list{"漢字"});
  CHECK(names(data, "4930123456") == list{"漢字"});
  CHECK(names(data, "+49 (30)") == list{"漢字"});
  CHECK(names(data, "cto") == list{"漢字"});
  CHECK(names(data, "zoe cto") == list{});
}

TEST_CASE("a search puts a name before a mention") {
  test_shard data;
  add(data, {{"firstName", "Bob"}, {"notes", "knows Ada"}});
  add(data, {{"firstName", "Ada"}, {"notes", "the one"}});
  add(data, {{"firstName", "Cy"}, {"notes", "met ada, and ada again, with Ada's friend Ada"}});
  const auto found = names(data, "ada");
  REQUIRE(found.size() == 3);
  CHECK(found[0] == "Ada");
}

TEST_CASE("what a search finds follows every change of a record") {
  test_shard data;
  auto record =
      add(data, {{"firstName", "Ada"}, {"notes", "old"}, {"customFields", {{"x", "blue"}}}});
  CHECK(names(data, "old") == list{"Ada"});
  CHECK(names(data, "blue") == list{"Ada"});
  auto doc = crm::storage::document_of(record);
  doc["notes"] = "new";
  doc["customFields"] = {{"x", {1, "green", {{"y", "deep"}}}}};
  record =
      need(crm::storage::replace(data.get(), contact_kind, record, doc, "updated", data.origin()));
  CHECK(names(data, "old") == list{});
  CHECK(names(data, "blue") == list{});
  CHECK(names(data, "new green deep") == list{"Ada"});
  record = need(crm::storage::archive(data.get(), contact_kind, record, data.origin()));
  CHECK(names(data, "ada") == list{});
  CHECK(find(data, "ada").total == 0);
  record = need(crm::storage::restore(data.get(), contact_kind, record, data.origin()));
  CHECK(names(data, "new") == list{"Ada"});
  CHECK(find(data, "new").total == 1);
}

TEST_CASE("a query is never a syntax error and never an operator") {
  test_shard data;
  add(data, {{"firstName", "Ada"}, {"lastName", "Lovelace"}, {"notes", "title body rank"}});
  for (const std::string_view query : {"\""sv,          "\"\""sv,
                                       "\"\"\""sv,      "ada\""sv,
                                       "\"ada"sv,       "'"sv,
                                       "' OR 1=1 --"sv, "*"sv,
                                       "ada*"sv,        "**"sv,
                                       "^ada"sv,        "+ada"sv,
                                       "-ada"sv,        "ada AND"sv,
                                       "AND"sv,         "OR OR"sv,
                                       "NOT ada"sv,     "ada NOT lovelace"sv,
                                       "NEAR("sv,       "NEAR(ada lovelace, 1)"sv,
                                       "title:ada"sv,   "{title}:ada"sv,
                                       "body : ada"sv,  "- title : ada"sv,
                                       "("sv,           ")"sv,
                                       "()"sv,          "(ada"sv,
                                       "{"sv,           "}"sv,
                                       ":"sv,           "%"sv,
                                       "_"sv,           "\\"sv,
                                       "?1"sv,          "$x"sv,
                                       "@x"sv,          ";"sv,
                                       "--"sv,          "/*"sv,
                                       "\0"sv,          "ada\0lovelace"sv,
                                       "\0\"\0"sv,      " "sv,
                                       "\t\n\r\x7F"sv,  "!!! ??? ..."sv,
                                       "ada !!!"sv,     "😀"sv,
                                       "\u200B"sv,      "\uFEFF"sv,
                                       "e\u0301"sv,     "ada,lovelace"sv}) {
    CAPTURE(query);
    CHECK(crm::storage::search(data.get(), crm::storage::contact_search, query, {10, {}}));
  }
  CHECK(names(data, "ada NOT lovelace") == list{}); // `not` is a word like any other
  CHECK(names(data, "title:ada") == list{});
  CHECK(names(data, "ada*") == list{"Ada"});
  CHECK(names(data, "ada !!!") == list{"Ada"});
  CHECK(names(data, "ada\0lovelace"sv) == list{"Ada"});
  CHECK(names(data, "!!!") == list{});
}

TEST_CASE("two hundred characters of anything are a query") {
  test_shard data;
  add(data, {{"firstName", "Ada"}, {"notes", std::string(500, 'x') + " a b c"}});
  std::mt19937 random{3};
  const std::vector<std::string> pieces{
      "\"",      "'",      "*",     "(",     ")",  "^",    "-",
      "+",       ":",      ",",     "{",     "}",  "\\",   "%",
      "_",       " ",      "\n",    "a",     "ad", "ada",  "AND",
      "OR",      " NOT ",  "NEAR(", "title", "é",  "漢",   "😀",
      ".",       "/",      ";",     "\t",    "1",  "\x01", std::string(1, '\0'),
      "e\u0301", "\u0085", "\u2028"};
  for (int round = 0; round < 3'000; ++round) {
    std::string query;
    for (int i = 0; i < 200; ++i)
      query += pieces[random() % pieces.size()];
    const auto found =
        crm::storage::search(data.get(), crm::storage::contact_search, query, {10, {}});
    if (!found)
      FAIL(json(query).dump());
  }
  for (const std::string_view piece : {"a "sv, "a."sv, "\" "sv, "* "sv, "- "sv, "ab"sv, "é "sv}) {
    std::string query;
    while (query.size() < 400)
      query += piece;
    CHECK(crm::storage::search(data.get(), crm::storage::contact_search, query, {10, {}}));
  }
}

TEST_CASE("walking a search meets every match once, while others come and go") {
  test_shard data;
  std::mt19937 random{5};
  std::set<std::string> expected;
  std::vector<crm::storage::record> leaving;
  const auto some = [&](const char* name) {
    std::string notes;
    for (auto words = random() % 12; words > 0; --words)
      notes += random() % 4 == 0 ? "ada " : "other ";
    return add(data, {{"firstName", name},
                      {"lastName", random() % 2 == 0 ? "Ada" : "Bo"},
                      {"notes", notes + "ada"}});
  };
  need(data.get().begin());
  for (int i = 0; i < 600; ++i) {
    const auto stays = some("stays");
    expected.insert(stays.id);
    leaving.push_back(some("leaves"));
  }
  std::map<std::string, int> met;
  crm::storage::page_request request{20, {}};
  do {
    const auto page = find(data, "ada", request);
    for (const json& doc : json::parse(page.data))
      ++met[doc["id"].get<std::string>()];
    request.after = page.next;
    for (int i = 0; i < 7 && !leaving.empty(); ++i) {
      need(crm::storage::archive(data.get(), contact_kind, leaving.back(), data.origin()));
      leaving.pop_back();
      some("came");
      add(data, {{"firstName", "Unrelated"}, {"notes", std::string(2000, 'y')}});
    }
  } while (request.after && met.size() < 10'000);
  need(data.get().commit());
  int missed = 0;
  for (const std::string& id : expected)
    missed += met.count(id) == 0 ? 1 : 0;
  CHECK(missed == 0);
  CHECK(std::all_of(met.begin(), met.end(), [](const auto& each) { return each.second == 1; }));
}

TEST_CASE("a search in an open transaction finds what it wrote, and nothing of what was undone") {
  test_shard data;
  need(data.get().begin());
  const auto kept = add(data, {{"firstName", "Ada"}});
  CHECK(find(data, "ada", {20, {}}).returned == 1);
  need(data.get().commit());
  need(data.get().begin());
  add(data, {{"firstName", "Ada"}});
  need(crm::storage::archive(data.get(), contact_kind, kept, data.origin()));
  need(data.get().rollback());
  need(data.get().begin());
  CHECK(find(data, "ada", {20, {}}).returned == 1);
  need(data.get().commit());
  CHECK(find(data, "ada", {20, {}}).returned == 1);
}

TEST_CASE("a kept search answers what a new one would, whatever changed in between") {
  test_shard data;
  std::mt19937 random{11};
  std::vector<crm::storage::record> live;
  std::vector<crm::storage::record> archived;
  const auto some_fields = [&] {
    std::string notes{"ada "};
    for (auto words = random() % 9; words > 0; --words)
      notes += random() % 3 == 0 ? "adamant " : "other ";
    return json{{"firstName", random() % 2 == 0 ? "Ada" : "Bo"},
                {"type", "lead"},
                {"notes", random() % 5 == 0 ? "none" : notes}};
  };
  need(data.get().begin());
  for (int i = 0; i < 700; ++i)
    live.push_back(data.create(contact_kind, some_fields()));
  const std::vector<std::string_view> queries{"ada", "adam", "ada other", "other ada", "lead"};
  const auto change_something = [&] {
    const auto at = random() % live.size();
    switch (random() % 4) {
    case 0:
      live.push_back(data.create(contact_kind, some_fields()));
      return;
    case 1: {
      json doc = crm::storage::document_of(live[at]);
      doc.update(some_fields());
      live[at] = need(crm::storage::replace(data.get(), contact_kind, live[at], std::move(doc),
                                            "updated", data.origin()));
      return;
    }
    case 2:
      archived.push_back(
          need(crm::storage::archive(data.get(), contact_kind, live[at], data.origin())));
      live.erase(live.begin() + static_cast<std::ptrdiff_t>(at));
      return;
    default:
      if (archived.empty())
        return;
      live.push_back(
          need(crm::storage::restore(data.get(), contact_kind, archived.back(), data.origin())));
      archived.pop_back();
    }
  };
  for (int round = 0; round < 60; ++round) {
    // Few changes are caught up with; more than limits::kept_changes_max drop what was kept.
    const auto changes = round % 20 == 19 ? crm::limits::kept_changes_max + 5 : random() % 12;
    for (std::size_t i = 0; i < changes; ++i)
      change_something();
    std::vector<crm::storage::page> kept;
    for (const std::string_view query : queries)
      kept.push_back(find(data, query));
    for (std::size_t i = 0; i < queries.size(); ++i) {
      CAPTURE(round);
      CAPTURE(queries[i]);
      data.get().searches().forget();
      const auto anew = find(data, queries[i]);
      CHECK(kept[i].data == anew.data);
      CHECK(kept[i].total == anew.total);
    }
    for (const std::string_view query : queries)
      find(data, query);
  }
  need(data.get().commit());
}

TEST_CASE("a kept search forgets what is undone") {
  test_shard data;
  need(data.get().begin());
  for (std::size_t i = 0; i < crm::limits::kept_matches_min + 10; ++i)
    add(data, {{"firstName", "Ada"}});
  need(data.get().commit());
  const auto before = find(data, "ada");
  need(data.get().begin());
  add(data, {{"firstName", "Ada"}});
  CHECK(find(data, "ada").total == before.total + 1);
  need(data.get().rollback());
  CHECK(find(data, "ada").total == before.total);
  CHECK(find(data, "ada").data == before.data);
}
