// SPDX-License-Identifier: Apache-2.0
// The model's lists, searches and histories.
#include "tests/actors/oracle_model.hpp"

#include <algorithm>
#include <cctype>
#include <limits>

namespace crm::test::oracle {

namespace {

bool takes_limit(const std::string& tool) {
  return tool != "list_custom_fields" && tool != "list_custom_objects"
         && tool != "list_workspace_members" && tool != "get_entity_history";
}

/// The default of `limit`; tools that take none have pages of 100.
std::int64_t page_size(const std::string& tool) {
  if (tool.starts_with("search_"))
    return 10;
  if (tool == "list_audit_log" || tool == "get_actor_history")
    return 50;
  return tool == "list_workflows" || !takes_limit(tool) ? 100 : 20;
}

/// The kind of record that a tool such as list_contacts is about.
std::string listed_kind(const std::string& tool) {
  static const std::map<std::string, std::string> kinds{{"contacts", "contact"},
                                                        {"companies", "company"},
                                                        {"deals", "deal"},
                                                        {"activities", "activity"},
                                                        {"records", "custom_object_record"},
                                                        {"custom_fields", "custom_field"},
                                                        {"custom_objects", "custom_object"},
                                                        {"workflows", "workflow"},
                                                        {"executions", "execution"},
                                                        {"workspace_members", "member"}};
  return kinds.at(tool.substr(tool.find('_') + 1));
}

bool within(const json& args, std::int64_t at) {
  return at >= args.value("since", std::numeric_limits<std::int64_t>::min())
         && at < args.value("until", std::numeric_limits<std::int64_t>::max());
}

void add_words(std::vector<std::string>& out, const std::string& text) {
  std::string word;
  for (const char c : text + " ") {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    } else if (!word.empty()) {
      out.push_back(word);
      word.clear();
    }
  }
}

void add_value(std::vector<std::string>& out, const json& value) {
  if (value.is_array()) {
    for (const json& each : value)
      add_value(out, each);
  } else if (value.is_string()) {
    add_words(out, value.get<std::string>());
  } else if (value.is_number()) {
    add_words(out, value.dump());
  }
}

const std::map<std::string, std::vector<std::string>>& title_members() {
  static const std::map<std::string, std::vector<std::string>> members{
      {"contact", {"firstName", "lastName", "email"}},
      {"company", {"name", "domain"}},
      {"deal", {"title"}},
      {"custom_object_record", {}}};
  return members;
}

const std::map<std::string, std::vector<std::string>>& body_members() {
  static const std::map<std::string, std::vector<std::string>> members{
      {"contact", {"phone", "jobTitle", "source", "linkedinUrl", "tags", "notes"}},
      {"company",
       {"industry", "size", "website", "phone", "address", "description", "tags", "notes"}},
      {"deal", {"stage", "currency", "description", "tags"}},
      {"custom_object_record", {}}};
  return members;
}

/// How often the words of a phrase stand one behind the other; the last one may be a beginning.
int occurrences(const std::vector<std::string>& text, const std::vector<std::string>& phrase,
                bool last_is_beginning) {
  int count = 0;
  for (std::size_t at = 0; at + phrase.size() <= text.size(); ++at) {
    bool same = true;
    for (std::size_t i = 0; i < phrase.size() && same; ++i) {
      const bool beginning = last_is_beginning && i + 1 == phrase.size();
      same = beginning ? text[at + i].starts_with(phrase[i]) : text[at + i] == phrase[i];
    }
    count += same ? 1 : 0;
  }
  return count;
}

} // namespace

// -- pages ---------------------------------------------------------------------------------------

std::vector<row> model::newest_first(const std::vector<const entity*>& found) const {
  std::vector<row> rows;
  for (const entity* each : found)
    rows.push_back({{0, -each->seq}, each->doc});
  return rows;
}

answer model::page_of(std::vector<row> rows, const call& made, const json& understood) {
  std::sort(rows.begin(), rows.end(), [](const row& a, const row& b) { return a.at < b.at; });
  const auto limit = static_cast<std::size_t>(made.args.value("limit", page_size(made.tool)));
  json applied = made.args;
  applied.update(understood);
  applied.erase("cursor");
  if (takes_limit(made.tool))
    applied["limit"] = limit;
  answer out{.data = json::array()};
  const bool continues = made.args.contains("cursor");
  for (const row& each : rows) {
    if (continues && each.at <= cursors_.at(made.args["cursor"]))
      continue;
    if (out.data.size() == limit) {
      out.more = true;
      break;
    }
    out.data.push_back(each.doc);
    out.last = each.at;
  }
  out.page = {{"returned", out.data.size()}, {"total", rows.size()}, {"applied", applied}};
  return out;
}

// -- lists ---------------------------------------------------------------------------------------

answer model::list_live(const call& made) {
  json filter = made.args;
  filter.erase("limit");
  filter.erase("cursor");
  json understood = json::object();
  if (filter.contains("stage"))
    understood["stage"] = filter["stage"] = stage_named(filter["stage"]);
  std::vector<const entity*> found;
  for (const entity& each : all(listed_kind(made.tool))) {
    const bool matches =
        std::all_of(filter.items().begin(), filter.items().end(), [&](auto wanted) {
          return each.doc.value(wanted.key(), json()) == wanted.value();
        });
    if (each.live() && matches)
      found.push_back(&each);
  }
  return page_of(newest_first(found), made, understood);
}

answer model::list_activities_by_type(const call& made) {
  std::vector<row> rows;
  for (const entity& each : all("activity")) {
    const std::int64_t at = each.doc["occurredAt"];
    if (each.doc["type"] == made.args["type"] && within(made.args, at))
      rows.push_back({{-static_cast<double>(at), -each.seq}, each.doc});
  }
  return page_of(std::move(rows), made, json::object());
}

answer model::list_contacts_by_custom_field(const call& made) {
  std::vector<const entity*> found;
  for (const entity& each : all("contact")) {
    const json values = each.doc.value("customFields", json::object());
    const json value = values.value(made.args["fieldKey"].get<std::string>(), json());
    const json& wanted = made.args["fieldValue"];
    const bool holds = value.is_array()
                           ? std::find(value.begin(), value.end(), wanted) != value.end()
                           : value == wanted;
    if (each.live() && holds)
      found.push_back(&each);
  }
  return page_of(newest_first(found), made, json::object());
}

// -- search --------------------------------------------------------------------------------------

std::vector<std::string> model::words_of(const std::string& kind, const json& doc,
                                         bool of_title) const {
  std::vector<std::string> words;
  const auto& members = of_title ? title_members() : body_members();
  for (const std::string& member : members.at(kind))
    add_value(words, doc.value(member, json()));
  if (of_title)
    return words;
  if (doc.contains("phone")) {
    std::string digits;
    for (const char c : doc["phone"].get<std::string>())
      digits += c >= '0' && c <= '9' ? std::string(1, c) : "";
    add_words(words, digits);
  }
  if (kind == "custom_object_record") {
    for (const auto& [key, value] : doc["fields"].items())
      add_value(words, value);
    return words;
  }
  for (const json& field : fields_of(kind)) {
    const json values = doc.value("customFields", json::object());
    if (field["visibility"] == "all")
      add_value(words, values.value(field["key"].get<std::string>(), json()));
  }
  return words;
}

answer model::search(const call& made) {
  const std::string kind = listed_kind(made.tool);
  std::vector<std::vector<std::string>> phrases;
  std::string term;
  for (const char c : made.args["query"].get<std::string>() + " ") {
    if (c != ' ') {
      term += c;
    } else if (!term.empty()) {
      add_words(phrases.emplace_back(), term);
      term.clear();
    }
  }
  std::vector<row> rows;
  for (const entity& each : all(kind)) {
    const bool searched =
        each.live()
        && (!made.args.contains("objectType") || each.doc["objectType"] == made.args["objectType"]);
    if (!searched)
      continue;
    const auto title = words_of(kind, each.doc, true);
    const auto body = words_of(kind, each.doc, false);
    // A record's object is one more word, found once in each of them.
    const bool of_object = kind == "custom_object_record";
    const auto words = static_cast<double>(title.size() + body.size() + (of_object ? 1 : 0));
    const double damping = 1.2 * (0.25 + 0.75 * words / 40.0);
    double score = 0.0;
    bool found = true;
    for (const auto& phrase : phrases) {
      const bool last = &phrase == &phrases.back();
      const int hits = 10 * occurrences(title, phrase, last) + occurrences(body, phrase, last);
      found = found && hits > 0;
      score += hits * 2.2 / (hits + damping);
    }
    score += of_object ? 2.2 / (1.0 + damping) : 0.0;
    if (found)
      rows.push_back({{-score, each.seq}, each.doc});
  }
  return page_of(std::move(rows), made, json::object());
}

// -- the change log ------------------------------------------------------------------------------

answer model::list_changes(const call& made) {
  std::vector<row> rows;
  for (const change& each : log_) {
    const bool matches =
        (!made.args.contains("entityType") || each.row["entityType"] == made.args["entityType"])
        && (!made.args.contains("actorId") || each.row["actor"] == made.args["actorId"])
        && within(made.args, each.row["at"]);
    if (matches)
      rows.push_back({{0, -each.row["seq"].get<std::int64_t>()}, each.row});
  }
  return page_of(std::move(rows), made, json::object());
}

namespace {

/// What differs, by the name of the field.
json differences(const json& before, const json& after) {
  const auto flatten = [](const json& doc) {
    std::map<std::string, json> flat;
    if (!doc.is_object())
      return flat;
    for (const auto& [name, value] : doc.items()) {
      const bool silent = name == "id" || name == "version" || name == "createdAt"
                          || name == "createdBy" || name == "updatedAt";
      if (name == "customFields") {
        for (const auto& [key, each] : value.items())
          flat["customFields." + key] = each;
      } else if (!silent) {
        flat[name] = value;
      }
    }
    return flat;
  };
  const auto was = flatten(before);
  const auto is = flatten(after);
  json rows = json::array();
  auto all = was;
  all.insert(is.begin(), is.end());
  for (const auto& [name, either] : all) {
    const json old_value = was.contains(name) ? was.at(name) : json();
    const json new_value = is.contains(name) ? is.at(name) : json();
    if (old_value != new_value)
      rows.push_back({{"field", name}, {"old", old_value}, {"new", new_value}});
  }
  return rows;
}

} // namespace

answer model::get_entity_history(const call& made) {
  std::vector<row> rows;
  for (const change& each : log_) {
    if (each.row["entityId"] != made.args["entityId"])
      continue;
    json shown = each.row;
    shown["erased"] = each.erased;
    shown["changes"] = differences(each.before, each.after);
    rows.push_back({{0, -each.row["seq"].get<std::int64_t>()}, std::move(shown)});
  }
  return page_of(std::move(rows), made, json::object());
}

answer model::list_workspace_limits(const call&) {
  json data{{"tier", "self-hosted"}};
  const std::map<std::string, std::string> kinds{{"contacts", "contact"},
                                                 {"companies", "company"},
                                                 {"deals", "deal"},
                                                 {"activities", "activity"},
                                                 {"customFields", "custom_field"},
                                                 {"customObjects", "custom_object"},
                                                 {"workflows", "workflow"},
                                                 {"records", "custom_object_record"},
                                                 {"members", "member"}};
  for (const auto& [name, kind] : kinds) {
    data["limits"][name] = nullptr;
    const auto& table = all(kind);
    data["usage"][name] =
        std::count_if(table.begin(), table.end(), [](const entity& each) { return each.live(); });
  }
  return {.data = data};
}

// -- which tool is which -------------------------------------------------------------------------

const std::map<std::string, model::handler>& model::handlers() {
  static const std::map<std::string, handler> by_tool{
      {"create_contact", &model::create_contact},
      {"create_company", &model::create_company},
      {"create_deal", &model::create_deal},
      {"create_activity", &model::create_activity},
      {"create_record", &model::create_record},
      {"get_contact", &model::get_one},
      {"get_company", &model::get_one},
      {"get_deal", &model::get_one},
      {"get_activity", &model::get_one},
      {"update_contact", &model::update_one},
      {"update_company", &model::update_one},
      {"update_activity", &model::update_one},
      {"update_record", &model::update_one},
      {"update_deal", &model::update_deal},
      {"move_deal_stage", &model::move_deal_stage},
      {"delete_contact", &model::archive_one},
      {"delete_company", &model::archive_one},
      {"delete_deal", &model::archive_one},
      {"delete_record", &model::archive_one},
      {"restore_contact", &model::restore_contact},
      {"set_custom_field_value", &model::set_custom_field_value},
      {"add_custom_field", &model::add_custom_field},
      {"update_custom_field_definition", &model::update_custom_field_definition},
      {"delete_custom_field", &model::delete_custom_field},
      {"add_custom_object", &model::add_custom_object},
      {"add_workspace_member", &model::add_workspace_member},
      {"update_member_role", &model::update_member_role},
      {"remove_workspace_member", &model::remove_workspace_member},
      {"update_member_permissions", &model::update_member_permissions},
      {"purge_archived_records", &model::purge_archived_records},
      {"list_contacts", &model::list_live},
      {"list_companies", &model::list_live},
      {"list_deals", &model::list_live},
      {"list_activities", &model::list_live},
      {"list_records", &model::list_live},
      {"create_workflow", &model::create_workflow},
      {"update_workflow", &model::update_workflow},
      {"pause_workflow", &model::pause_workflow},
      {"resume_workflow", &model::resume_workflow},
      {"replay_execution", &model::replay_execution},
      {"list_workflows", &model::list_live},
      {"list_executions", &model::list_live},
      {"list_custom_fields", &model::list_live},
      {"list_custom_objects", &model::list_live},
      {"list_workspace_members", &model::list_live},
      {"list_activities_by_type", &model::list_activities_by_type},
      {"list_contacts_by_custom_field", &model::list_contacts_by_custom_field},
      {"search_contacts", &model::search},
      {"search_companies", &model::search},
      {"search_deals", &model::search},
      {"search_records", &model::search},
      {"list_audit_log", &model::list_changes},
      {"get_actor_history", &model::list_changes},
      {"get_entity_history", &model::get_entity_history},
      {"list_workspace_limits", &model::list_workspace_limits},
      {"pipeline_value", &model::pipeline_value},
      {"forecast_pipeline", &model::forecast_pipeline},
      {"win_rate", &model::win_rate},
      {"conversion_rate", &model::conversion_rate},
      {"activity_summary", &model::activity_summary},
  };
  return by_tool;
}

answer model::run(const call& made) {
  return (this->*handlers().at(made.tool))(made);
}

} // namespace crm::test::oracle
