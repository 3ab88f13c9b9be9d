// SPDX-License-Identifier: Apache-2.0
// What the tools should answer, computed the plain way: everything in vectors, every list by
// looking at every record, every number by going through the history. It shares no code with the
// program that it is compared with, and knows valid calls only.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace crm::test::oracle {

using json = nlohmann::json;

/// A call to a tool. What the model cannot know comes with it: the time, and the id that the
/// program gave to what the call created.
struct call {
  std::string tool;
  json args;
  std::string actor;
  std::int64_t now_ms = 0;
  std::string new_id = {};
  json new_trigger = {};
};

/// Where a row stands in its list: smaller stands before.
struct place {
  double first = 0;
  std::int64_t second = 0;
  auto operator<=>(const place&) const = default;
};

struct row {
  place at;
  json doc;
};

/// What a tool should answer.
struct answer {
  json data;
  /// `returned`, `total` and `applied` of a list; null for other tools.
  json page = nullptr;
  /// Whether the list goes on, and behind which place.
  bool more = false;
  place last = {};
  /// The ids that a warning of likely twins names.
  json twins = json::array();
};

/// That a deal entered a stage.
struct stage_entry {
  std::string stage;
  std::int64_t at;
};

struct entity {
  std::int64_t seq = 0;
  json doc;
  /// Of deals.
  std::vector<stage_entry> entered = {};

  bool live() const { return !doc.contains("archivedAt"); }
  std::string id() const { return doc.at("id"); }
};

/// A row of the change log.
struct change {
  json row;
  json before;
  json after;
  bool erased = false;
};

class model {
public:
  /// Answers a call that is valid now, and changes what it changes.
  answer run(const call& made);

  /// Tells where the list goes on to which the program gave this cursor.
  void remember_cursor(const std::string& cursor, const place& behind) {
    cursors_[cursor] = behind;
  }

  // What a caller must know to make valid calls.
  const std::vector<entity>& all(const std::string& kind) const;
  const std::vector<change>& log() const { return log_; }
  /// The definitions of custom fields of a kind of record.
  std::vector<json> fields_of(const std::string& entity_type) const;
  /// The definition of a custom object.
  json object(const std::string& type) const;
  std::size_t owners() const;
  /// Whether a run has failed and nothing stands in the way of trying it again.
  bool may_be_replayed(const json& run) const;

private:
  using handler = answer (model::*)(const call&);
  static const std::map<std::string, handler>& handlers();

  // records
  answer create_contact(const call& made);
  answer create_company(const call& made);
  answer create_deal(const call& made);
  answer create_activity(const call& made);
  answer create_record(const call& made);
  answer update_one(const call& made);
  answer update_deal(const call& made);
  answer move_deal_stage(const call& made);
  answer get_one(const call& made);
  answer archive_one(const call& made);
  answer restore_contact(const call& made);
  answer set_custom_field_value(const call& made);

  // definitions, members, purge
  answer add_custom_field(const call& made);
  answer update_custom_field_definition(const call& made);
  answer delete_custom_field(const call& made);
  answer add_custom_object(const call& made);
  answer add_workspace_member(const call& made);
  answer update_member_role(const call& made);
  answer remove_workspace_member(const call& made);
  answer update_member_permissions(const call& made);
  answer purge_archived_records(const call& made);

  // workflows
  answer create_workflow(const call& made);
  answer update_workflow(const call& made);
  answer pause_workflow(const call& made);
  answer resume_workflow(const call& made);
  answer replay_execution(const call& made);

  // lists
  answer list_live(const call& made);
  answer list_activities_by_type(const call& made);
  answer list_contacts_by_custom_field(const call& made);
  answer search(const call& made);
  answer list_changes(const call& made);
  answer get_entity_history(const call& made);
  answer list_workspace_limits(const call& made);

  // analytics
  answer pipeline_value(const call& made);
  answer forecast_pipeline(const call& made);
  answer win_rate(const call& made);
  answer conversion_rate(const call& made);
  answer activity_summary(const call& made);

  std::vector<entity>& table(const std::string& kind) { return tables_[kind]; }
  entity& find(const std::string& kind, const std::string& id);
  entity& member(const std::string& user);
  entity& create(const std::string& kind, json fields, const call& made);
  void store(const std::string& kind, entity& what, json doc, const std::string& action,
             const call& made);
  void log(const std::string& kind, const std::string& id, const std::string& action, json before,
           json after, const call& made);
  json twins_of(const std::string& kind, const std::string& member, const entity& what) const;
  std::vector<row> newest_first(const std::vector<const entity*>& found) const;
  answer page_of(std::vector<row> rows, const call& made, const json& understood);
  std::vector<std::string> words_of(const std::string& kind, const json& doc, bool of_title) const;

  std::map<std::string, std::vector<entity>> tables_;
  std::vector<change> log_;
  std::map<std::string, place> cursors_;
  struct workflow_version {
    json actions;
    std::string author;
  };
  /// All versions of each workflow.
  std::map<std::string, std::vector<workflow_version>> versions_;
};

/// Returns what a stage is called however it is spelt.
std::string stage_named(const std::string& spelling);

/// The open stages in order, then won, then lost.
const std::vector<std::string>& stages();

} // namespace crm::test::oracle
