// SPDX-License-Identifier: Apache-2.0
#include "tests/actors/oracle_calls.hpp"

#include <algorithm>

namespace crm::test::oracle {

namespace {

constexpr std::int64_t day_ms = 24LL * 60 * 60 * 1000;

const std::vector<std::string> words{"acme",   "ada",   "adam",  "berg",   "cobalt", "delta",
                                     "ember",  "fjord", "globe", "harbor", "iris",   "customer",
                                     "custom", "north", "Nova",  "ORBIT"};
const std::vector<std::string> actors{"ann", "bob", "cy"};
const std::vector<std::string> users{"u1", "u2", "u3", "u4", "u5", "u6", "u7", "u8"};
const std::vector<std::string> roles{"owner", "admin", "editor", "viewer"};
const std::vector<std::string> entity_types{"contact", "company", "deal", "activity"};
const std::vector<std::string> activity_types{"call", "email", "meeting", "note", "task"};
const std::vector<std::string> contact_types{"lead", "prospect", "client", "partner", "other"};
const std::vector<std::string> industries{"Software", "Retail", "Energy"};
const std::vector<std::string> visibilities{"all", "all", "admin", "owner"};

bool is_any(const entity&) {
  return true;
}
bool is_live(const entity& each) {
  return each.live();
}

} // namespace

caller::caller(const model& state, std::uint64_t seed) : state_(state), random_(seed) {
  offer_records();
  offer_definitions();
  offer_members();
  offer_reads();
  offer_workflows();
}

std::vector<std::string> caller::tools() const {
  std::vector<std::string> names;
  for (const offer& each : offers_)
    names.push_back(each.tool);
  return names;
}

call caller::next(std::int64_t now_ms) {
  now_ms_ = now_ms;
  unsigned all = 0;
  for (const offer& each : offers_)
    all += each.weight;
  for (;;) {
    auto at = below(all);
    auto chosen = offers_.begin();
    for (; at >= chosen->weight; ++chosen)
      at -= chosen->weight;
    if (auto args = chosen->make())
      return {chosen->tool, *std::move(args), some_actor(), now_ms};
  }
}

// -- values --------------------------------------------------------------------------------------

json caller::some_text() {
  std::string text = one_of(words);
  for (auto more = below(4); more > 0; --more)
    text += " " + one_of(words);
  return text;
}

json caller::some_tags() {
  json tags = json::array();
  for (auto count = below(4); count > 0; --count)
    tags.push_back(one_of(words));
  return tags;
}

json caller::some_period() {
  json args = json::object();
  const std::int64_t since = now_ms_ - static_cast<std::int64_t>(below(120)) * day_ms;
  if (!happens(4))
    args["since"] = since;
  if (!happens(4))
    args["until"] = since + static_cast<std::int64_t>(below(90)) * day_ms;
  return args;
}

void caller::maybe(json& args, const std::string& name, json value, bool update) {
  if (happens(2))
    return;
  args[name] = update && happens(5) ? json() : std::move(value);
}

void caller::maybe_reference(json& args, const std::string& name, const std::string& kind,
                             bool update) {
  if (const entity* target = some_live(kind))
    maybe(args, name, target->id(), update);
}

std::string caller::some_stage() {
  const std::vector<std::string> spellings{"Closed Won", "closed_lost", "LEAD", "Proposal Sent"};
  return happens(5) ? one_of(spellings) : one_of(stages());
}

std::string caller::some_query() {
  std::string query = happens(6) ? "P" + std::to_string(below(30)) + "@mail.example" : "";
  for (auto count = query.empty() ? 1 + below(2) : 0; count > 0; --count)
    query += one_of(words) + " ";
  if (happens(3) && query.size() > 3)
    query = query.substr(0, 3);
  return query;
}

json caller::paged(json args, unsigned limit_max) {
  if (!happens(3))
    args["limit"] = 1 + below(limit_max);
  return args;
}

std::optional<json> caller::custom_value(const json& field) {
  const std::string type = field["fieldType"];
  if (type == "text")
    return some_text();
  if (type == "number")
    return json(below(50));
  if (type == "boolean")
    return json(happens(2));
  const std::vector<std::string> options = field["options"];
  if (type == "select")
    return one_of(options);
  json some = json::array();
  for (const std::string& each : options) {
    if (happens(2))
      some.push_back(each);
  }
  return some;
}

json caller::custom_values(const std::string& kind, bool update) {
  json values = json::object();
  for (const json& field : state_.fields_of(kind)) {
    if (happens(2))
      values[field["key"].get<std::string>()] =
          update && happens(4) ? json() : *custom_value(field);
  }
  return values;
}

json caller::contact_fields(bool update) {
  json args = json::object();
  if (!update || happens(3))
    args["firstName"] = one_of(words);
  if (!update || happens(3))
    args["lastName"] = one_of(words);
  if (happens(3))
    args["type"] = one_of(contact_types);
  maybe(args, "email", "p" + std::to_string(below(30)) + "@mail.example", update);
  maybe(args, "phone", "+49 30 " + std::to_string(100 + below(900)), update);
  maybe(args, "notes", some_text(), update);
  maybe(args, "tags", some_tags(), update);
  maybe(args, "jobTitle", some_text(), update);
  maybe(args, "customFields", custom_values("contact", update), update);
  maybe_reference(args, "companyId", "company", update);
  return args;
}

json caller::company_fields(bool update) {
  json args = json::object();
  if (!update || happens(3))
    args["name"] = some_text();
  maybe(args, "domain", "d" + std::to_string(below(20)) + ".example", update);
  maybe(args, "industry", one_of(industries), update);
  maybe(args, "size", "11-50", update);
  maybe(args, "address", some_text(), update);
  maybe(args, "tags", some_tags(), update);
  maybe(args, "customFields", custom_values("company", update), update);
  return args;
}

json caller::deal_fields(bool update) {
  json args = json::object();
  if (!update || happens(3))
    args["title"] = some_text();
  if (!update || happens(3))
    args["stage"] = some_stage();
  if (happens(3))
    args["probability"] = below(101);
  maybe(args, "value", static_cast<double>(below(400'000)) / 4, update);
  maybe(args, "expectedCloseDate", now_ms_ + static_cast<std::int64_t>(below(400)) * day_ms,
        update);
  maybe(args, "description", some_text(), update);
  maybe(args, "customFields", custom_values("deal", update), update);
  maybe_reference(args, "contactId", "contact", update);
  maybe_reference(args, "companyId", "company", update);
  if (!update && happens(2))
    args["currency"] = happens(2) ? "EUR" : "CHF";
  return args;
}

json caller::activity_fields(bool update) {
  json args = json::object();
  const auto around = [&] {
    return now_ms_ + (static_cast<std::int64_t>(below(120)) - 90) * day_ms
           + static_cast<std::int64_t>(below(day_ms));
  };
  maybe(args, "description", some_text(), update);
  maybe(args, "dueAt", around(), update);
  maybe(args, "customFields", custom_values("activity", update), update);
  if (update) {
    maybe(args, "completedAt", around(), update);
    return args;
  }
  args["type"] = one_of(activity_types);
  args["subject"] = some_text();
  maybe(args, "occurredAt", around(), update);
  maybe_reference(args, "contactId", "contact", update);
  maybe_reference(args, "dealId", "deal", update);
  maybe_reference(args, "companyId", "company", update);
  return args;
}

// -- what there is -------------------------------------------------------------------------------

const entity* caller::some(const std::string& kind, bool (*fits)(const entity&)) {
  std::vector<const entity*> found;
  for (const entity& each : state_.all(kind)) {
    if (fits(each))
      found.push_back(&each);
  }
  return found.empty() ? nullptr : one_of(found);
}

const entity* caller::some_live(const std::string& kind) {
  return some(kind, is_live);
}

std::optional<json> caller::id_of(const std::string& kind, const std::string& argument, bool live) {
  const entity* found = some(kind, live ? is_live : is_any);
  return found == nullptr ? std::nullopt : std::optional<json>{json{{argument, found->id()}}};
}

std::optional<json> caller::with_version(const std::string& kind, const std::string& argument,
                                         json fields) {
  const entity* found = some_live(kind);
  if (found == nullptr)
    return std::nullopt;
  fields[argument] = found->id();
  if (happens(3))
    fields["expectedVersion"] = found->doc["version"];
  return fields;
}

std::string caller::some_actor() {
  return one_of(actors);
}

// -- offers --------------------------------------------------------------------------------------

void caller::offer_records() {
  offers_.push_back({"create_contact", 5, [this] { return contact_fields(false); }});
  offers_.push_back({"create_company", 5, [this] { return company_fields(false); }});
  offers_.push_back({"create_deal", 5, [this] { return deal_fields(false); }});
  offers_.push_back({"create_activity", 4, [this] { return activity_fields(false); }});
  offers_.push_back({"create_record", 4, [this] { return new_record(); }});
  offers_.push_back({"update_contact", 3, [this] {
                       return with_version("contact", "contactId", contact_fields(true));
                     }});
  offers_.push_back({"update_company", 3, [this] {
                       return with_version("company", "companyId", company_fields(true));
                     }});
  offers_.push_back(
      {"update_deal", 3, [this] { return with_version("deal", "dealId", deal_fields(true)); }});
  offers_.push_back({"update_activity", 3, [this] {
                       return with_version("activity", "activityId", activity_fields(true));
                     }});
  offers_.push_back({"update_record", 2, [this] { return changed_record(); }});
  offers_.push_back({"move_deal_stage", 4, [this] {
                       json args{{"newStage", some_stage()}};
                       if (happens(3))
                         args["probability"] = below(101);
                       return with_version("deal", "dealId", std::move(args));
                     }});
  for (const auto& [tool, kind] : {std::pair{"get_contact", "contact"},
                                   {"get_company", "company"},
                                   {"get_deal", "deal"},
                                   {"get_activity", "activity"}})
    offers_.push_back(
        {tool, 1, [this, kind = std::string{kind}] { return id_of(kind, kind + "Id", false); }});
  for (const auto& [tool, kind] : {std::pair{"delete_contact", "contact"},
                                   {"delete_company", "company"},
                                   {"delete_deal", "deal"}})
    offers_.push_back({tool, 2, [this, kind = std::string{kind}] {
                         return with_version(kind, kind + "Id", json::object());
                       }});
  offers_.push_back({"delete_record", 1, [this] {
                       return with_version("custom_object_record", "recordId", json::object());
                     }});
  offers_.push_back(
      {"restore_contact", 2, [this]() -> std::optional<json> {
         std::vector<std::string> ids;
         for (const entity& each : state_.all("contact")) {
           if (!each.live() && now_ms_ - each.doc["archivedAt"].get<std::int64_t>() <= 30 * day_ms)
             ids.push_back(each.id());
         }
         return ids.empty() ? std::nullopt : std::optional<json>{json{{"contactId", one_of(ids)}}};
       }});
}

void caller::offer_definitions() {
  offers_.push_back({"add_custom_field", 2, [this] { return new_field(); }});
  offers_.push_back({"update_custom_field_definition", 1, [this] { return changed_field(); }});
  offers_.push_back({"delete_custom_field", 1, [this] {
                       return with_version("custom_field", "definitionId", json::object());
                     }});
  offers_.push_back({"set_custom_field_value", 3, [this] { return set_value(); }});
  offers_.push_back({"add_custom_object", 1, [this] { return new_object(); }});
}

void caller::offer_members() {
  offers_.push_back({"add_workspace_member", 2, [this] { return new_member(); }});
  offers_.push_back({"update_member_role", 1, [this] { return new_role(); }});
  offers_.push_back({"remove_workspace_member", 1, [this] { return removed_member(); }});
  offers_.push_back({"update_member_permissions", 1, [this] { return new_permissions(); }});
}

std::optional<json> caller::new_field() {
  const std::string type = one_of(entity_types);
  const std::string key = "key_" + std::to_string(below(8));
  for (const json& field : state_.fields_of(type)) {
    if (field["key"] == key)
      return std::nullopt;
  }
  const std::vector<std::string> types{"text", "number", "boolean", "select", "multi_select"};
  json args{
      {"entityType", type}, {"key", key}, {"label", some_text()}, {"fieldType", one_of(types)}};
  if (args["fieldType"] == "select" || args["fieldType"] == "multi_select")
    args["options"] = {"red", "green", "blue custom"};
  if (happens(2))
    args["visibility"] = one_of(visibilities);
  maybe(args, "description", some_text(), false);
  return args;
}

std::optional<json> caller::changed_field() {
  const entity* field = some_live("custom_field");
  if (field == nullptr)
    return std::nullopt;
  json args{{"definitionId", field->id()}};
  if (happens(2))
    args["label"] = some_text();
  if (happens(2))
    args["visibility"] = one_of(visibilities);
  maybe(args, "description", some_text(), true);
  if (field->doc.contains("options") && happens(2)) {
    args["options"] = field->doc["options"];
    args["options"].push_back("option " + std::to_string(args["options"].size()));
  }
  return args;
}

std::optional<json> caller::set_value() {
  const entity* field = some_live("custom_field");
  if (field == nullptr)
    return std::nullopt;
  const entity* target = some_live(field->doc["entityType"]);
  if (target == nullptr)
    return std::nullopt;
  return json{{"entityType", field->doc["entityType"]},
              {"entityId", target->id()},
              {"key", field->doc["key"]},
              {"value", happens(5) ? json() : *custom_value(field->doc)}};
}

std::optional<json> caller::by_custom_field() {
  const auto fields = state_.fields_of("contact");
  if (fields.empty())
    return std::nullopt;
  const json& field = one_of(fields);
  json value = *custom_value(field);
  if (value.is_array())
    value = one_of(field["options"].get<std::vector<std::string>>());
  return paged({{"fieldKey", field["key"]}, {"fieldValue", value}}, 8);
}

std::optional<json> caller::new_object() {
  const std::string type = "thing_" + std::to_string(below(30));
  if (!state_.object(type).is_null())
    return std::nullopt;
  return json{{"objectType", type},
              {"label", "Thing"},
              {"labelPlural", "Things"},
              {"fields",
               {{{"key", "title"}, {"label", "Title"}, {"fieldType", "text"}},
                {{"key", "size"}, {"label", "Size"}, {"fieldType", "number"}},
                {{"key", "colour"},
                 {"label", "Colour"},
                 {"fieldType", "select"},
                 {"options", {"red", "green"}}}}}};
}

std::optional<json> caller::new_record() {
  const entity* object = some_live("custom_object");
  if (object == nullptr)
    return std::nullopt;
  json args{{"objectType", object->doc["objectType"]}, {"fields", json::object()}};
  for (const json& field : object->doc["fields"])
    maybe(args["fields"], field["key"], *custom_value(field), false);
  maybe_reference(args, "relatedContactId", "contact", false);
  maybe_reference(args, "relatedCompanyId", "company", false);
  maybe_reference(args, "relatedDealId", "deal", false);
  return args;
}

std::optional<json> caller::changed_record() {
  const entity* record = some_live("custom_object_record");
  if (record == nullptr)
    return std::nullopt;
  json args{{"recordId", record->id()}, {"fields", json::object()}};
  const json object = state_.object(record->doc["objectType"]);
  for (const json& field : object["fields"])
    maybe(args["fields"], field["key"], *custom_value(field), true);
  return args;
}

std::optional<json> caller::some_object() {
  const entity* object = some_live("custom_object");
  if (object == nullptr)
    return std::nullopt;
  return json{{"objectType", object->doc["objectType"]}};
}

std::optional<json> caller::new_member() {
  const std::string user = one_of(users);
  for (const entity& each : state_.all("member")) {
    if (each.live() && each.doc["userId"] == user)
      return std::nullopt;
  }
  json args{{"userId", user}};
  if (!happens(3))
    args["role"] = one_of(roles);
  return args;
}

std::optional<json> caller::new_role() {
  const entity* member = some_live("member");
  if (member == nullptr)
    return std::nullopt;
  const bool last_owner = member->doc["role"] == "owner" && state_.owners() == 1;
  return json{{"userId", member->doc["userId"]}, {"newRole", last_owner ? "owner" : one_of(roles)}};
}

std::optional<json> caller::removed_member() {
  const entity* member = some_live("member");
  if (member == nullptr || (member->doc["role"] == "owner" && state_.owners() == 1))
    return std::nullopt;
  return json{{"userId", member->doc["userId"]}};
}

std::optional<json> caller::new_permissions() {
  const entity* member = some_live("member");
  if (member == nullptr)
    return std::nullopt;
  json permissions = json::object();
  for (const char* name : {"canExportData", "canManageIntegrations", "canManageBilling",
                           "canInviteMembers", "canManageWorkflows"})
    maybe(permissions, name, happens(2), true);
  return json{{"userId", member->doc["userId"]}, {"permissions", permissions}};
}

} // namespace crm::test::oracle
