// SPDX-License-Identifier: Apache-2.0
// The model's records, definitions and members: what every write should leave.
#include "tests/actors/oracle_model.hpp"

#include <algorithm>
#include <stdexcept>

namespace crm::test::oracle {

namespace {

constexpr std::int64_t day_ms = 24LL * 60 * 60 * 1000;

const std::map<std::string, std::string>& id_arguments() {
  static const std::map<std::string, std::string> by_kind{{"contactId", "contact"},
                                                          {"companyId", "company"},
                                                          {"dealId", "deal"},
                                                          {"activityId", "activity"},
                                                          {"recordId", "custom_object_record"}};
  return by_kind;
}

/// The kind of record that a tool such as update_contact is about.
std::string kind_of_tool(const std::string& tool) {
  const std::string noun = tool.substr(tool.find('_') + 1);
  return noun == "record" ? "custom_object_record" : noun;
}

std::string id_argument(const std::string& kind) {
  for (const auto& [argument, each] : id_arguments()) {
    if (each == kind)
      return argument;
  }
  throw std::runtime_error{"no id argument for " + kind};
}

std::string values_member(const std::string& kind) {
  return kind == "custom_object_record" ? "fields" : "customFields";
}

/// Sets the given members; values of custom fields are merged by key.
void merge(const std::string& kind, json& doc, const json& given) {
  const std::string values = values_member(kind);
  for (const auto& [name, value] : given.items()) {
    if (name == id_argument(kind) || name == "expectedVersion")
      continue;
    if (name != values) {
      doc[name] = value;
      continue;
    }
    json merged = value.is_null() ? json::object() : doc.value(values, json::object());
    if (!value.is_null()) {
      for (const auto& [key, each] : value.items()) {
        if (each.is_null())
          merged.erase(key);
        else
          merged[key] = each;
      }
    }
    if (merged.empty() && values == "customFields")
      doc.erase(values);
    else
      doc[values] = merged;
  }
}

double stage_probability(const std::string& stage) {
  static const std::map<std::string, double> defaults{{"lead", 10},     {"qualified", 25},
                                                      {"proposal", 50}, {"negotiation", 75},
                                                      {"won", 100},     {"lost", 0}};
  return defaults.at(stage);
}

bool is_closed(const std::string& stage) {
  return stage == "won" || stage == "lost";
}

void enter_stage(json& deal, const std::string& spelling, const json& args, std::int64_t now_ms) {
  const std::string stage = stage_named(spelling);
  const bool moves = !deal.contains("stage") || deal["stage"] != stage;
  deal["stage"] = stage;
  if (args.contains("probability"))
    deal["probability"] = args["probability"];
  else if (moves)
    deal["probability"] = stage_probability(stage);
  if (!is_closed(stage))
    deal.erase("closedAt");
  else if (moves)
    deal["closedAt"] = now_ms;
}

json with_default(json args, const std::string& name, json value) {
  if (!args.contains(name))
    args[name] = std::move(value);
  return args;
}

} // namespace

const std::vector<std::string>& stages() {
  static const std::vector<std::string> all{"lead",        "qualified", "proposal",
                                            "negotiation", "won",       "lost"};
  return all;
}

std::string stage_named(const std::string& spelling) {
  static const std::map<std::string, std::string> others{{"Closed Won", "won"},
                                                         {"closed_lost", "lost"},
                                                         {"LEAD", "lead"},
                                                         {"Proposal Sent", "proposal"}};
  const auto found = others.find(spelling);
  return found == others.end() ? spelling : found->second;
}

// -- what every write does -----------------------------------------------------------------------

const std::vector<entity>& model::all(const std::string& kind) const {
  static const std::vector<entity> none;
  const auto found = tables_.find(kind);
  return found == tables_.end() ? none : found->second;
}

entity& model::find(const std::string& kind, const std::string& id) {
  for (entity& each : table(kind)) {
    if (each.id() == id)
      return each;
  }
  throw std::runtime_error{"the model knows no " + kind + " " + id};
}

void model::log(const std::string& kind, const std::string& id, const std::string& action,
                json before, json after, const call& made) {
  json row{{"seq", log_.size() + 1}, {"at", made.now_ms}, {"actor", made.actor}, {"client", "test"},
           {"requestId", "req"},     {"tool", made.tool}, {"entityType", kind},  {"entityId", id},
           {"action", action},       {"cause", "call"},   {"reason", ""}};
  log_.push_back({std::move(row), std::move(before), std::move(after)});
}

entity& model::create(const std::string& kind, json fields, const call& made) {
  std::vector<entity>& into = table(kind);
  for (auto member = fields.begin(); member != fields.end();)
    member = member.value().is_null() ? fields.erase(member) : std::next(member);
  if (fields.contains("customFields") && fields["customFields"].empty())
    fields.erase("customFields");
  fields["id"] = made.new_id;
  fields["version"] = 1;
  fields["createdAt"] = made.now_ms;
  fields["createdBy"] = made.actor;
  fields["updatedAt"] = made.now_ms;
  const std::int64_t seq = into.empty() ? 1 : into.back().seq + 1;
  into.push_back({seq, fields});
  log(kind, made.new_id, "created", nullptr, fields, made);
  return into.back();
}

void model::store(const std::string& kind, entity& what, json doc, const std::string& action,
                  const call& made) {
  for (auto member = doc.begin(); member != doc.end();)
    member = member.value().is_null() ? doc.erase(member) : std::next(member);
  if (doc == what.doc)
    return;
  doc["version"] = what.doc["version"].get<std::int64_t>() + 1;
  doc["updatedAt"] = made.now_ms;
  log(kind, what.id(), action, what.doc, doc, made);
  if (kind == "deal" && doc["stage"] != what.doc["stage"])
    what.entered.push_back({doc["stage"], made.now_ms});
  what.doc = std::move(doc);
}

json model::twins_of(const std::string& kind, const std::string& member, const entity& what) const {
  json ids = json::array();
  if (!what.doc.contains(member))
    return ids;
  for (const entity& each : all(kind)) {
    if (each.live() && each.seq != what.seq && ids.size() < 5
        && each.doc.value(member, json()) == what.doc[member])
      ids.push_back(each.id());
  }
  return ids;
}

// -- records -------------------------------------------------------------------------------------

answer model::create_contact(const call& made) {
  const entity& created = create("contact", with_default(made.args, "type", "lead"), made);
  return {.data = created.doc, .twins = twins_of("contact", "email", created)};
}

answer model::create_company(const call& made) {
  const entity& created = create("company", made.args, made);
  return {.data = created.doc, .twins = twins_of("company", "domain", created)};
}

answer model::create_deal(const call& made) {
  json fields = with_default(made.args, "currency", "USD");
  const std::string spelling = fields["stage"];
  fields.erase("stage");
  enter_stage(fields, spelling, made.args, made.now_ms);
  entity& created = create("deal", std::move(fields), made);
  created.entered.push_back({created.doc["stage"], made.now_ms});
  return {.data = created.doc};
}

answer model::create_activity(const call& made) {
  return {.data = create("activity", with_default(made.args, "occurredAt", made.now_ms), made).doc};
}

answer model::create_record(const call& made) {
  return {.data = create("custom_object_record", made.args, made).doc};
}

answer model::update_one(const call& made) {
  const std::string kind = kind_of_tool(made.tool);
  entity& what = find(kind, made.args[id_argument(kind)]);
  json doc = what.doc;
  merge(kind, doc, made.args);
  store(kind, what, std::move(doc), "updated", made);
  return {.data = what.doc};
}

answer model::update_deal(const call& made) {
  entity& what = find("deal", made.args["dealId"]);
  json given = made.args;
  given.erase("stage");
  given.erase("probability");
  json doc = what.doc;
  merge("deal", doc, given);
  const std::string before = what.doc["stage"];
  enter_stage(doc, made.args.value("stage", before), made.args, made.now_ms);
  store("deal", what, std::move(doc), "updated", made);
  return {.data = what.doc};
}

answer model::move_deal_stage(const call& made) {
  entity& what = find("deal", made.args["dealId"]);
  json doc = what.doc;
  enter_stage(doc, made.args["newStage"], made.args, made.now_ms);
  store("deal", what, std::move(doc), "updated", made);
  return {.data = what.doc};
}

answer model::get_one(const call& made) {
  const std::string kind = kind_of_tool(made.tool);
  return {.data = find(kind, made.args[id_argument(kind)]).doc};
}

answer model::archive_one(const call& made) {
  const std::string kind = kind_of_tool(made.tool);
  entity& what = find(kind, made.args[id_argument(kind)]);
  json doc = what.doc;
  doc["archivedAt"] = made.now_ms;
  store(kind, what, std::move(doc), "archived", made);
  return {.data = what.doc};
}

answer model::restore_contact(const call& made) {
  entity& what = find("contact", made.args["contactId"]);
  json doc = what.doc;
  doc.erase("archivedAt");
  store("contact", what, std::move(doc), "restored", made);
  return {.data = what.doc};
}

answer model::set_custom_field_value(const call& made) {
  const std::string kind = made.args["entityType"];
  entity& what = find(kind, made.args["entityId"]);
  json doc = what.doc;
  merge(kind, doc, {{"customFields", {{made.args["key"].get<std::string>(), made.args["value"]}}}});
  store(kind, what, std::move(doc), "updated", made);
  return {.data = what.doc};
}

// -- definitions ---------------------------------------------------------------------------------

std::vector<json> model::fields_of(const std::string& entity_type) const {
  std::vector<json> found;
  for (const entity& each : all("custom_field")) {
    if (each.doc["entityType"] == entity_type)
      found.push_back(each.doc);
  }
  return found;
}

json model::object(const std::string& type) const {
  for (const entity& each : all("custom_object")) {
    if (each.doc["objectType"] == type)
      return each.doc;
  }
  return nullptr;
}

answer model::add_custom_field(const call& made) {
  json fields = with_default(with_default(made.args, "required", false), "visibility", "all");
  return {.data = create("custom_field", std::move(fields), made).doc};
}

answer model::update_custom_field_definition(const call& made) {
  entity& what = find("custom_field", made.args["definitionId"]);
  json doc = what.doc;
  for (const auto& [name, value] : made.args.items()) {
    if (name != "definitionId" && name != "expectedVersion")
      doc[name] = value;
  }
  store("custom_field", what, std::move(doc), "updated", made);
  return {.data = what.doc};
}

answer model::delete_custom_field(const call& made) {
  const json definition = find("custom_field", made.args["definitionId"]).doc;
  const std::string kind = definition["entityType"];
  const std::string key = definition["key"];
  std::int64_t removed = 0;
  for (const bool live : {true, false}) { // in the order in which the log shows it
    for (entity& each : table(kind)) {
      if (each.live() != live || !each.doc.value("customFields", json::object()).contains(key))
        continue;
      json doc = each.doc;
      doc["customFields"].erase(key);
      if (doc["customFields"].empty())
        doc.erase("customFields");
      store(kind, each, std::move(doc), "updated", made);
      ++removed;
    }
  }
  std::erase_if(table("custom_field"),
                [&](const entity& each) { return each.doc["id"] == definition["id"]; });
  log("custom_field", definition["id"], "deleted", definition, nullptr, made);
  json data = definition;
  data["removedValues"] = removed;
  return {.data = data};
}

answer model::add_custom_object(const call& made) {
  json definition = with_default(made.args, "fields", json::array());
  for (json& field : definition["fields"])
    field = with_default(field, "required", false);
  return {.data = create("custom_object", std::move(definition), made).doc};
}

// -- members -------------------------------------------------------------------------------------

std::size_t model::owners() const {
  std::size_t count = 0;
  for (const entity& each : all("member"))
    count += each.live() && each.doc["role"] == "owner" ? 1 : 0;
  return count;
}

entity& model::member(const std::string& user) {
  for (entity& each : table("member")) {
    if (each.live() && each.doc["userId"] == user)
      return each;
  }
  throw std::runtime_error{"the model knows no member " + user};
}

answer model::add_workspace_member(const call& made) {
  json fields = with_default(made.args, "role", "editor");
  fields["permissions"] = json::object();
  return {.data = create("member", std::move(fields), made).doc};
}

answer model::update_member_role(const call& made) {
  entity& what = member(made.args["userId"]);
  json doc = what.doc;
  doc["role"] = made.args["newRole"];
  store("member", what, std::move(doc), "updated", made);
  return {.data = what.doc};
}

answer model::remove_workspace_member(const call& made) {
  entity& what = member(made.args["userId"]);
  json doc = what.doc;
  doc["archivedAt"] = made.now_ms;
  store("member", what, std::move(doc), "removed", made);
  return {.data = what.doc};
}

answer model::update_member_permissions(const call& made) {
  entity& what = member(made.args["userId"]);
  json doc = what.doc;
  for (const auto& [name, value] : made.args["permissions"].items()) {
    if (value.is_null())
      doc["permissions"].erase(name);
    else
      doc["permissions"][name] = value;
  }
  store("member", what, std::move(doc), "updated", made);
  return {.data = what.doc};
}

// -- purge ---------------------------------------------------------------------------------------

answer model::purge_archived_records(const call& made) {
  const std::string kind = made.args["entityType"];
  const std::int64_t days = made.args.value("olderThanDays", std::int64_t{30});
  const std::int64_t until = made.now_ms - days * day_ms;
  std::vector<entity> old;
  for (const entity& each : table(kind)) {
    if (!each.live() && each.doc["archivedAt"] <= until)
      old.push_back(each);
  }
  std::stable_sort(old.begin(), old.end(), [](const entity& a, const entity& b) {
    return a.doc["archivedAt"] < b.doc["archivedAt"];
  });
  std::int64_t erased = 0;
  for (const entity& each : old) {
    for (change& past : log_) {
      if (past.row["entityId"] != each.doc["id"] || past.erased
          || (past.before.is_null() && past.after.is_null()))
        continue;
      past.before = past.after = nullptr;
      past.erased = true;
      ++erased;
    }
    log(kind, each.id(), "purged", nullptr, nullptr, made);
    std::erase_if(table(kind), [&](const entity& one) { return one.seq == each.seq; });
  }
  return {.data = {{"entityType", kind},
                   {"olderThanDays", days},
                   {"archivedUntil", until},
                   {"purged", old.size()},
                   {"erasedChanges", erased},
                   {"remaining", 0}}};
}

} // namespace crm::test::oracle
