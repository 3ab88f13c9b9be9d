// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/crash_check.hpp"

#include "actors/system.hpp"
#include "tests/support/test_shard.hpp"

#include <cstdio>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>

namespace crm::test {

namespace {

/// What the ledger says of one record.
struct ledger_entry {
  std::string id;
  bool changed = false;
};

/// Reads the ledger by key; a line without its full stop was cut short by the kill.
std::map<std::string, ledger_entry> read_ledger(const std::filesystem::path& file,
                                                crash_totals& totals) {
  std::map<std::string, ledger_entry> entries;
  std::ifstream stream{file};
  for (std::string line; std::getline(stream, line);) {
    std::istringstream words{line};
    std::string what;
    std::string key;
    std::string id;
    std::string end;
    if (!(words >> what >> key >> id >> end) || end != ".") {
      totals.cut_short += line.empty() ? 0 : 1;
      continue;
    }
    ledger_entry& entry = entries[key];
    if (entry.id.empty())
      entry.id = id;
    if (what == "changed")
      entry.changed = true;
    else if (entry.id != id)
      ++totals.duplicated;
    ++totals.acknowledged;
  }
  return entries;
}

void tell_lost(const std::string& key, const ledger_entry& entry, const std::string& found) {
  std::fprintf(stderr, "lost: key %s, id %s, %s; found: %s\n", key.c_str(), entry.id.c_str(),
               entry.changed ? "changed" : "created", found.c_str());
}

/// Checks the records one by one against the ledger.
void check_records(storage::database& db, std::map<std::string, ledger_entry> ledger,
                   crash_totals& totals) {
  std::map<std::string, int> met;
  need(db.each("select id, doc from contacts", [&](storage::row r) {
    const json doc = json::parse(r.text(1));
    const std::string key = doc.at("lastName");
    if (++met[key] > 1)
      ++totals.duplicated;
    const auto entry = ledger.find(key);
    if (entry == ledger.end()) {
      ++totals.unacknowledged;
      return true;
    }
    const bool kept =
        entry->second.id == r.text(0) && (!entry->second.changed || doc.value("notes", "") == key);
    if (!kept) {
      ++totals.lost;
      tell_lost(key, entry->second, doc.dump());
    }
    ledger.erase(entry);
    return true;
  }));
  for (const auto& [key, entry] : ledger) {
    ++totals.lost;
    tell_lost(key, entry, "nothing");
  }
}

/// Counts what is there in part only. Each query compares two things that are written together.
void check_wholeness(storage::database& db, crash_totals& totals) {
  totals.halves += number(db, "select count(*) from contacts c where version <>"
                              " (select count(*) from changes where entity_id = c.id)");
  totals.halves += number(db, "select count(*) from changes where entity_id not in"
                              " (select id from contacts)");
  totals.halves += number(db, "select count(*) from changes c left join images i on i.seq = c.seq"
                              " where i.after is null");
  totals.halves += number(db, "select count(*) from contacts c join changes l on l.entity_id = c.id"
                              " join images i on i.seq = l.seq"
                              " where json_extract(i.after, '$.version') = c.version"
                              " and i.after <> c.doc");
  totals.halves += number(db, "select abs((select count(*) from contacts) - coalesce((select n"
                              " from tallies where entity = 'contact' and facet = ''), 0))");
  totals.halves += number(db, "select abs((select count(*) from contacts)"
                              " - (select count(*) from contacts_text_docsize))");
  totals.halves += number(db, "select abs((select count(*) from contacts) - (select count(*)"
                              " from contacts_text where contacts_text match 'crash'))");
}

} // namespace

void check_against_ledger(const std::filesystem::path& folder, crash_totals& totals) {
  const auto file = folder / "data" / "workspaces" / "default.db";
  const auto ledger = read_ledger(folder / "ledger", totals);
  if (!std::filesystem::exists(file)) {
    totals.lost += static_cast<long long>(ledger.size());
    return; // killed before there was anything
  }
  const auto rows = actors::verify_workspace(folder / "data", "default");
  if (!rows)
    throw std::runtime_error{rows.error().message};
  auto db = need(storage::database::open(file));
  if (const auto health = text(db, "select * from pragma_integrity_check"); health != "ok")
    throw std::runtime_error{"integrity_check: " + health};
  check_records(db, ledger, totals);
  check_wholeness(db, totals);
}

} // namespace crm::test
