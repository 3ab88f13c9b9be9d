// SPDX-License-Identifier: Apache-2.0
// How the read tools grow: the same calls on a small workspace (1,000 contacts, 200 deals, 2,000
// activities) and on one a hundred times as large, straight through the actors, one call at a time.
// Prints p50 at both sizes, their ratio, and what the first call took on the large one; then what a
// purge costs.
//
//   bench_scale [--calls 200] [--large 100]
#include "tests/support/test_system.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace {

using crm::json;
using crm::test::test_system;

constexpr std::int64_t day_ms = 24LL * 60 * 60 * 1000;
/// How long the deals take to be made, and again to move, at either size: a period means the same.
constexpr std::int64_t story_ms = 100 * day_ms;

/// Lets many calls be under way at once, so that they share commits, and gathers the new ids.
class filler {
public:
  explicit filler(test_system& system) : system_(system) {}

  void submit(const std::string& tool, json args, std::vector<std::string>* ids = nullptr) {
    {
      std::unique_lock lock{guard_};
      room_.wait(lock, [&] { return under_way_ < under_way_max; });
      ++under_way_;
    }
    system_.get().submit({crm::local_user{"default", "user" + std::to_string(++count_ % 5)},
                          tool,
                          std::move(args),
                          {"bench", "req"},
                          std::chrono::steady_clock::now() + std::chrono::seconds{60},
                          crm::completion<crm::tool_reply>{
                              [this, ids](auto outcome) { finish(std::move(outcome), ids); }}});
  }

  void wait() {
    std::unique_lock lock{guard_};
    room_.wait(lock, [&] { return under_way_ == 0; });
  }

private:
  static constexpr int under_way_max = 256;

  void finish(crm::result<crm::tool_reply> outcome, std::vector<std::string>* ids) {
    if (!outcome) {
      std::fprintf(stderr, "%s\n", outcome.error().message.c_str());
      std::exit(1);
    }
    const std::lock_guard lock{guard_};
    if (ids != nullptr)
      ids->push_back(json::parse(outcome->data).at("id"));
    --under_way_;
    room_.notify_one();
  }

  test_system& system_;
  std::mutex guard_;
  std::condition_variable room_;
  int under_way_ = 0;
  std::uint64_t count_ = 0;
};

/// A workspace of one size, filled.
class filled_workspace {
public:
  explicit filled_workspace(int scale) : contacts_(1'000 * scale), deals_(200 * scale) {
    filler fill{system_};
    define_things(fill);
    add_people(fill);
    add_deals(fill);
    add_activities(fill);
    add_records(fill);
    archive_some(fill);
  }

  test_system& system() { return system_; }
  std::size_t contacts() const { return contact_ids_.size() - 1; }
  const std::string& company(std::size_t i) const {
    return companies_ids_[i % companies_ids_.size()];
  }
  const std::string& contact(std::size_t i) const { return contact_ids_[i % contact_ids_.size()]; }
  const std::string& deal(std::size_t i) const { return deal_ids_[i % deal_ids_.size()]; }
  const std::string& activity(std::size_t i) const {
    return activity_ids_[i % activity_ids_.size()];
  }
  std::int64_t now_ms() { return system_.surroundings().now_ms(); }

private:
  static const char* pick(std::initializer_list<const char*> words, int i) {
    return words.begin()[static_cast<std::size_t>(i) % words.size()];
  }

  void define_things(filler& fill) {
    fill.submit(
        "add_custom_field",
        {{"entityType", "contact"}, {"key", "region"}, {"label", "Region"}, {"fieldType", "text"}});
    fill.submit("add_custom_object",
                {{"objectType", "ticket"},
                 {"label", "Ticket"},
                 {"labelPlural", "Tickets"},
                 {"fields", {{{"key", "summary"}, {"label", "Summary"}, {"fieldType", "text"}}}}});
    fill.wait();
  }

  void add_records(filler& fill) {
    for (int i = 0; i < deals_; ++i)
      fill.submit("create_record",
                  {{"objectType", "ticket"},
                   {"fields", {{"summary", "The heating is cold " + std::to_string(i)}}}});
    fill.wait();
  }

  void add_people(filler& fill) {
    for (int i = 0; i < contacts_ / 10; ++i)
      fill.submit("create_company",
                  {{"name", pick({"Nord", "Acme", "Globex"}, i) + std::to_string(i)},
                   {"domain", "c" + std::to_string(i) + ".example"},
                   {"industry", pick({"Software", "Retail", "Energy", "Health"}, i)}},
                  &companies_ids_);
    fill.wait();
    for (int i = 0; i < contacts_; ++i)
      fill.submit("create_contact",
                  {{"firstName", pick({"Zoë", "Anna", "Otto", "Maria", "Ada"}, i)},
                   {"lastName", pick({"Müller", "Schmidt", "Lovelace"}, i) + std::to_string(i)},
                   {"email", "p" + std::to_string(i) + "@example.com"},
                   {"type", pick({"lead", "prospect", "client"}, i)},
                   {"companyId", company(static_cast<std::size_t>(i) / 10)},
                   {"tags", {pick({"vip", "newsletter", "partner"}, i)}},
                   {"customFields", {{"region", "region " + std::to_string(i / 10)}}},
                   {"notes", "A customer who asked for an offer in spring"}},
                  &contact_ids_);
    fill.wait();
  }

  void add_deals(filler& fill) {
    for (int i = 0; i < deals_; ++i) {
      system_.surroundings().advance(std::chrono::milliseconds{story_ms / deals_});
      json args{{"title", "Offer " + std::to_string(i)},
                {"stage", "lead"},
                {"currency", pick({"EUR", "USD"}, i)},
                {"contactId", contact(static_cast<std::size_t>(i))},
                {"companyId", company(static_cast<std::size_t>(i))},
                {"expectedCloseDate", now_ms() + (i % 300) * day_ms}};
      if (i % 10 != 0)
        args["value"] = 1'000.25 + i;
      fill.submit("create_deal", std::move(args), &deal_ids_);
    }
    fill.wait();
    const std::vector<std::string> ids = deal_ids_;
    for (const char* stage : {"qualified", "proposal", "won"}) {
      for (std::size_t i = 0; i < ids.size(); ++i) {
        system_.surroundings().advance(std::chrono::milliseconds{story_ms / 3 / deals_});
        if (i % 4 != 0 || *stage == 'q')
          fill.submit(
              "move_deal_stage",
              {{"dealId", ids[i]}, {"newStage", *stage == 'w' && i % 3 == 0 ? "lost" : stage}});
        if (*stage == 'p' && i % 2 == 0)
          ++i; // half of the deals are still open
      }
    }
    fill.wait();
  }

  void add_activities(filler& fill) {
    for (int i = 0; i < contacts_ * 2; ++i) {
      const char* type = pick({"call", "email", "meeting", "note", "task"}, i);
      const auto at = static_cast<std::size_t>(i);
      json args{{"type", type},
                {"subject", "Spoke about the offer " + std::to_string(i)},
                {"contactId", contact(at)},
                {"dealId", deal(at)},
                {"companyId", company(at)},
                {"occurredAt", now_ms()
                                   - (static_cast<std::int64_t>(i) * 7'919 % (contacts_ * 2))
                                         * (730 * day_ms / (contacts_ * 2))}};
      if (*type == 't')
        args["dueAt"] = now_ms() + (i % 60 - 30) * day_ms;
      fill.submit("create_activity", std::move(args), &activity_ids_);
    }
    fill.wait();
  }

  void archive_some(filler& fill) {
    for (std::size_t i = 0; i < deal_ids_.size(); i += 20)
      fill.submit("delete_deal", {{"dealId", deal_ids_[i]}});
    fill.wait();
  }

  int contacts_;
  int deals_;
  test_system system_;
  std::vector<std::string> companies_ids_;
  std::vector<std::string> contact_ids_;
  std::vector<std::string> deal_ids_;
  std::vector<std::string> activity_ids_;
};

/// One row of the table: a tool and arguments that change from call to call.
struct probe {
  std::string label;
  std::string tool;
  std::function<json(filled_workspace&, std::size_t)> args;
  /// A contact is changed before each call, outside of the measured time.
  enum class writes { none, between } writes = writes::none;
};

std::vector<probe> list_probes() {
  const auto fixed = [](json args) {
    return [args](filled_workspace&, std::size_t) { return args; };
  };
  return {
      {"get_contact", "get_contact",
       [](auto& w, auto i) {
         return json{{"contactId", w.contact(i * 7)}};
       }},
      {"get_company", "get_company",
       [](auto& w, auto i) {
         return json{{"companyId", w.company(i * 7)}};
       }},
      {"get_deal", "get_deal",
       [](auto& w, auto i) {
         return json{{"dealId", w.deal(i * 7)}};
       }},
      {"get_activity", "get_activity",
       [](auto& w, auto i) {
         return json{{"activityId", w.activity(i * 7)}};
       }},
      {"list_contacts", "list_contacts", fixed(json::object())},
      {"list_contacts type", "list_contacts", fixed({{"type", "client"}})},
      {"list_contacts companyId", "list_contacts",
       [](auto& w, auto i) {
         return json{{"companyId", w.company(i)}};
       }},
      {"list_contacts companyId type", "list_contacts",
       [](auto& w, auto i) {
         return json{{"companyId", w.company(i)}, {"type", "client"}};
       }},
      {"list_companies", "list_companies", fixed(json::object())},
      {"list_companies industry", "list_companies", fixed({{"industry", "Retail"}})},
      {"list_deals", "list_deals", fixed(json::object())},
      {"list_deals stage", "list_deals", fixed({{"stage", "won"}})},
      {"list_deals contactId", "list_deals",
       [](auto& w, auto i) {
         return json{{"contactId", w.contact(i)}};
       }},
      {"list_deals companyId stage", "list_deals",
       [](auto& w, auto i) {
         return json{{"companyId", w.company(i)}, {"stage", "proposal"}};
       }},
      {"list_activities", "list_activities", fixed(json::object())},
      {"list_activities contactId", "list_activities",
       [](auto& w, auto i) {
         return json{{"contactId", w.contact(i)}};
       }},
      {"list_activities dealId", "list_activities",
       [](auto& w, auto i) {
         return json{{"dealId", w.deal(i)}};
       }},
      {"list_activities_by_type", "list_activities_by_type", fixed({{"type", "call"}})},
      {"list_activities_by_type since until", "list_activities_by_type",
       [](auto& w, auto i) {
         const std::int64_t start = w.now_ms() - 600 * day_ms + static_cast<std::int64_t>(i) * 977;
         return json{{"type", "email"}, {"since", start}, {"until", start + 400 * day_ms}};
       }},
  };
}

std::vector<probe> search_probes() {
  const auto fixed = [](json args) {
    return [args](filled_workspace&, std::size_t) { return args; };
  };
  return {
      {"search_contacts rare", "search_contacts",
       [](auto& w, auto i) {
         return json{{"query", "p" + std::to_string(w.contacts() - i)}};
       }},
      {"search_contacts one in five", "search_contacts", fixed({{"query", "zoe"}})},
      {"search_contacts every one", "search_contacts", fixed({{"query", "customer"}})},
      {"search_contacts two common", "search_contacts", fixed({{"query", "customer vip"}})},
      {"search_contacts common, rare", "search_contacts",
       [](auto& w, auto i) {
         return json{{"query", "customer p" + std::to_string(w.contacts() - i)}};
       }},
      {"search_contacts short prefix", "search_contacts", fixed({{"query", "m"}})},
      {"search_contacts prefix", "search_contacts", fixed({{"query", "schm"}})},
      {"search_contacts every one, after a write", "search_contacts",
       fixed({{"query", "customer"}}), probe::writes::between},
      {"search_contacts 3 digits of a number", "search_contacts",
       [](auto&, auto i) {
         return json{{"query", "p" + std::to_string(100 + i)}, {"limit", 1}};
       }},
      {"list_contacts_by_custom_field", "list_contacts_by_custom_field",
       [](auto& w, auto i) {
         return json{{"fieldKey", "region"},
                     {"fieldValue", "region " + std::to_string(i % (w.contacts() / 10))}};
       }},
      {"search_companies", "search_companies", fixed({{"query", "retail"}})},
      {"search_deals", "search_deals", fixed({{"query", "offer"}})},
      {"list_records", "list_records", fixed({{"objectType", "ticket"}})},
      {"search_records", "search_records", fixed({{"objectType", "ticket"}, {"query", "heating"}})},
  };
}

std::vector<probe> insight_probes() {
  const auto fixed = [](json args) {
    return [args](filled_workspace&, std::size_t) { return args; };
  };
  const auto within = [](json args) {
    return [args](filled_workspace& w, std::size_t i) {
      json full = args;
      const std::int64_t start = w.now_ms() - 150 * day_ms + static_cast<std::int64_t>(i) * 977;
      full["since"] = start;
      full["until"] = w.now_ms() - 20 * day_ms;
      return full;
    };
  };
  return {
      {"pipeline_value", "pipeline_value", fixed(json::object())},
      {"forecast_pipeline", "forecast_pipeline", fixed(json::object())},
      {"win_rate", "win_rate", fixed(json::object())},
      {"win_rate since until", "win_rate", within(json::object())},
      {"conversion_rate", "conversion_rate", fixed(json::object())},
      {"conversion_rate since until", "conversion_rate", within(json::object())},
      {"activity_summary", "activity_summary", fixed(json::object())},
      {"activity_summary since until", "activity_summary", within(json::object())},
      {"activity_summary ownerId", "activity_summary", within({{"ownerId", "user1"}})},
      {"list_audit_log", "list_audit_log", fixed(json::object())},
      {"list_audit_log entityType", "list_audit_log", fixed({{"entityType", "contact"}})},
      {"list_audit_log all filters", "list_audit_log",
       within({{"entityType", "deal"}, {"actorId", "user1"}})},
      {"get_actor_history", "get_actor_history", within({{"actorId", "user2"}})},
      {"get_entity_history", "get_entity_history",
       [](auto& w, auto i) {
         return json{{"entityType", "deal"}, {"entityId", w.deal(i)}};
       }},
      {"list_workspace_limits", "list_workspace_limits", fixed(json::object())},
      {"list_custom_fields", "list_custom_fields", fixed(json::object())},
      {"list_custom_objects", "list_custom_objects", fixed(json::object())},
      {"list_workspace_members", "list_workspace_members", fixed(json::object())},
  };
}

double call_ms(filled_workspace& on, const probe& what, std::size_t i) {
  if (what.writes == probe::writes::between)
    on.system()
        .call("update_contact",
              {{"contactId", on.contact(i)}, {"jobTitle", "Nr " + std::to_string(i)}})
        .data();
  json args = what.args(on, i);
  const auto start = std::chrono::steady_clock::now();
  const auto answer = on.system().call(what.tool, std::move(args));
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
  answer.data(); // ends the program if the call failed
  return took.count();
}

double p50_ms(filled_workspace& on, const probe& what, std::size_t calls) {
  std::vector<double> times;
  for (std::size_t i = 0; i < calls; ++i)
    times.push_back(call_ms(on, what, i));
  std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(calls / 2),
                   times.end());
  return times[calls / 2];
}

void print_row(filled_workspace& small, filled_workspace& large, const probe& what,
               std::size_t calls) {
  call_ms(small, what, calls);
  const double first = call_ms(large, what, calls);
  p50_ms(small, what, calls / 10 + 1); // warms both up
  p50_ms(large, what, calls / 10 + 1);
  const double at_small = p50_ms(small, what, calls);
  const double at_large = p50_ms(large, what, calls);
  std::printf("| %s | %.3f | %.3f | %.1f | %.1f |\n", what.label.c_str(), at_small, at_large,
              at_large / at_small, first);
  std::fflush(stdout);
}

/// Prints what a purge of the archived deals costs for each of them.
void print_purge(filled_workspace& on) {
  on.system().surroundings().advance(std::chrono::hours{24 * 40});
  const auto start = std::chrono::steady_clock::now();
  const auto answer =
      on.system().call("purge_archived_records", {{"entityType", "deal"}, {"olderThanDays", 30}});
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
  std::printf("\npurge of deals: %.1f ms, answer %s\n", took.count(), answer.data().dump().c_str());
}

} // namespace

int main(int argc, char** argv) {
  std::size_t calls = 200;
  int scale = 100;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--calls") == 0)
      calls = std::stoul(argv[i + 1]);
    else if (std::strcmp(argv[i], "--large") == 0)
      scale = std::stoi(argv[i + 1]);
  }
  filled_workspace small{1};
  const auto start = std::chrono::steady_clock::now();
  filled_workspace large{scale};
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  std::printf("filled the large workspace in %.1f s\n\n", took.count());
  std::printf("| tool | p50 small, ms | p50 large, ms | ratio | first large, ms |\n"
              "|---|---:|---:|---:|---:|\n");
  for (const auto& family : {list_probes(), search_probes(), insight_probes()}) {
    for (const probe& each : family)
      print_row(small, large, each, calls);
  }
  print_purge(large);
  return 0;
}
