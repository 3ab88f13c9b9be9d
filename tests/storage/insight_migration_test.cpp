// SPDX-License-Identifier: Apache-2.0
#include "storage/migrations.hpp"
#include "tests/support/temp_folder.hpp"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

using crm::storage::database;
using crm::storage::row;

namespace {

/// Two deals as the first schema holds them: one went lead, proposal, lead; one was made and won.
constexpr const char* old_data = R"sql(
insert into deals (seq, id, version, doc, stage, currency, probability) values
  (1, 'deal_a', 3, '{}', 'lead', 'USD', 10), (2, 'deal_b', 2, '{}', 'won', 'USD', 100);
insert into changes (seq, at, actor, client, request, tool, entity_type, entity_id, action, cause,
    reason, previous, hash) values
  (1, 100, 'ann', '', '', '', 'deal', 'deal_a', 'created', '', '', x'00', x'00'),
  (2, 200, 'bob', '', '', '', 'deal', 'deal_b', 'created', '', '', x'00', x'00'),
  (3, 300, 'ann', '', '', '', 'deal', 'deal_a', 'updated', '', '', x'00', x'00'),
  (4, 400, 'ann', '', '', '', 'deal', 'deal_b', 'updated', '', '', x'00', x'00'),
  (5, 500, 'bob', '', '', '', 'deal', 'deal_a', 'updated', '', '', x'00', x'00'),
  (6, 600, 'bob', '', '', '', 'contact', 'con_a', 'created', '', '', x'00', x'00');
insert into images (seq, before, after) values
  (1, null, '{"stage":"lead"}'), (2, null, '{"stage":"qualified"}'),
  (3, '{"stage":"lead"}', '{"stage":"proposal"}'),
  (4, '{"stage":"qualified"}', '{"stage":"won"}'),
  (5, '{"stage":"proposal"}', '{"stage":"lead","title":"x"}'), (6, null, '{}');
insert into activities (seq, id, version, doc, type, owner, occurred_at, contact_id) values
  (1, 'act_a', 1, '{}', 'call', 'ann', -5, 'con_a'), (2, 'act_b', 1, '{}', 'call', 'bob', 9, null);
)sql";

} // namespace

TEST_CASE("a file of the first schema gets its stage history, counts and ranks") {
  const crm::test::temp_folder folder;
  auto db = database::open(folder.path() / "old.db");
  REQUIRE(db);
  REQUIRE(crm::storage::migrate(*db, crm::storage::shard_migrations.first(1)));
  REQUIRE(db->script(old_data));
  REQUIRE(crm::storage::migrate(*db, crm::storage::shard_migrations));

  std::vector<std::string> entries;
  REQUIRE(db->each(
      "select deal || ' ' || stage || ' ' || entered_at || ' ' || coalesce(repeat_of, '-') || ' '"
      " || advanced from stage_entries order by change",
      [&](row r) {
        entries.emplace_back(r.text(0));
        return true;
      }));
  CHECK(entries
        == std::vector<std::string>{"1 lead 100 - 1", "2 qualified 200 - 1", "1 proposal 300 - 0",
                                    "2 won 400 - 0", "1 lead 500 100 0"});
  std::string ranks;
  REQUIRE(
      db->each("select of_type || of_actor || of_both from change_ranks order by seq", [&](row r) {
        ranks += std::string{r.text(0)} + " ";
        return true;
      }));
  CHECK(ranks == "111 211 322 433 522 131 ");
  std::map<std::string, std::int64_t> counts;
  REQUIRE(db->each("select owner, sum(n) from activity_counts where width = 9 group by owner",
                   [&](row r) {
                     counts[std::string{r.text(0)}] = r.integer(1);
                     return true;
                   }));
  CHECK(counts == std::map<std::string, std::int64_t>{{"*", 2}, {"@ann", 1}, {"@bob", 1}});
}
