// SPDX-License-Identifier: Apache-2.0
// The random calls that read: lists, searches, histories, analytics; and the purge.
#include "tests/actors/oracle_calls.hpp"

namespace crm::test::oracle {

namespace {

/// A record, or what once was one, as the change log names it.
json logged_entity(const change& seen) {
  return {{"entityType", seen.row["entityType"]}, {"entityId", seen.row["entityId"]}};
}

} // namespace

std::optional<json> caller::some_history() {
  if (state_.log().empty())
    return std::nullopt;
  return logged_entity(one_of(state_.log()));
}

void caller::offer_reads() {
  const auto filtered = [this](const std::vector<std::pair<std::string, std::string>>& references) {
    json args = json::object();
    for (const auto& [name, kind] : references) {
      const entity* target = some_live(kind);
      if (target != nullptr && happens(3))
        args[name] = target->id();
    }
    return args;
  };
  const auto searching = [this](const char* tool) {
    offers_.push_back({tool, 3, [this] { return paged({{"query", some_query()}}, 6); }});
  };
  offers_.push_back({"list_contacts", 2, [this, filtered] {
                       json args = filtered({{"companyId", "company"}});
                       if (happens(3))
                         args["type"] = "lead";
                       return paged(args, 12);
                     }});
  offers_.push_back({"list_companies", 2, [this] {
                       json args = json::object();
                       if (happens(2))
                         args["industry"] = "Retail";
                       return paged(args, 12);
                     }});
  offers_.push_back({"list_deals", 2, [this, filtered] {
                       json args = filtered({{"contactId", "contact"}, {"companyId", "company"}});
                       if (happens(3))
                         args["stage"] = some_stage();
                       return paged(args, 12);
                     }});
  offers_.push_back(
      {"list_activities", 2, [this, filtered] {
         return paged(
             filtered({{"contactId", "contact"}, {"companyId", "company"}, {"dealId", "deal"}}),
             12);
       }});
  offers_.push_back({"list_activities_by_type", 2, [this] {
                       json args = some_period();
                       args["type"] = happens(2) ? "task" : "call";
                       return paged(args, 12);
                     }});
  offers_.push_back({"list_contacts_by_custom_field", 2, [this] { return by_custom_field(); }});
  offers_.push_back({"list_custom_fields", 1, [this] {
                       return happens(2) ? json::object() : json{{"entityType", "contact"}};
                     }});
  offers_.push_back({"list_custom_objects", 1, [] { return json::object(); }});
  offers_.push_back({"list_records", 1, [this]() -> std::optional<json> {
                       const auto object = some_object();
                       return object ? std::optional{paged(*object, 8)} : std::nullopt;
                     }});
  searching("search_contacts");
  searching("search_companies");
  searching("search_deals");
  offers_.push_back({"search_records", 2, [this]() -> std::optional<json> {
                       auto args = some_object();
                       if (!args)
                         return args;
                       (*args)["query"] = some_query();
                       return paged(*args, 6);
                     }});
  for (const char* tool :
       {"pipeline_value", "forecast_pipeline", "list_workspace_limits", "list_workspace_members"})
    offers_.push_back({tool, 2, [] { return json::object(); }});
  for (const char* tool : {"win_rate", "conversion_rate"})
    offers_.push_back({tool, 2, [this] { return some_period(); }});
  offers_.push_back({"activity_summary", 2, [this] {
                       json args = some_period();
                       if (happens(2))
                         args["ownerId"] = some_actor();
                       return args;
                     }});
  offers_.push_back({"list_audit_log", 2, [this] {
                       json args = some_period();
                       if (happens(2))
                         args["entityType"] = happens(2) ? "contact" : "member";
                       if (happens(2))
                         args["actorId"] = some_actor();
                       return paged(args, 20);
                     }});
  offers_.push_back({"get_actor_history", 1, [this] {
                       json args = some_period();
                       args["actorId"] = some_actor();
                       return paged(args, 20);
                     }});
  offers_.push_back({"get_entity_history", 2, [this] { return some_history(); }});
  offers_.push_back(
      {"purge_archived_records", 1, [this] {
         const std::vector<std::string> kinds{"contact", "company", "deal", "custom_object_record"};
         json args{{"entityType", one_of(kinds)}};
         if (happens(2))
           args["olderThanDays"] = 30 + below(30);
         return args;
       }});
}

} // namespace crm::test::oracle
