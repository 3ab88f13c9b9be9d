// SPDX-License-Identifier: Apache-2.0
// The model's workflows and runs, and the random calls about them. The workflows are manual and of
// one step that stops or fails: what runs do otherwise has tests of its own.
#include "tests/actors/oracle_calls.hpp"

namespace crm::test::oracle {

// -- the model -----------------------------------------------------------------------------------

answer model::create_workflow(const call& made) {
  json fields = made.args;
  fields["isActive"] = true;
  fields["definitionVersion"] = 1;
  versions_[made.new_id] = {{made.args["actions"], made.actor}};
  return {.data = create("workflow", std::move(fields), made).doc};
}

answer model::update_workflow(const call& made) {
  entity& what = find("workflow", made.args["workflowId"]);
  std::vector<workflow_version>& versions = versions_.at(what.id());
  json doc = what.doc;
  for (const auto& [name, value] : made.args.items()) {
    if (name != "workflowId" && name != "expectedVersion")
      doc[name] = value;
  }
  const bool sent = made.args.contains("trigger") || made.args.contains("actions");
  const bool differs =
      doc["trigger"] != what.doc["trigger"] || doc["actions"] != what.doc["actions"];
  if (differs || (sent && versions.back().author != made.actor)) {
    versions.push_back({doc["actions"], made.actor});
    doc["definitionVersion"] = versions.size();
  }
  store("workflow", what, std::move(doc), "updated", made);
  return {.data = what.doc};
}

answer model::pause_workflow(const call& made) {
  entity& what = find("workflow", made.args["workflowId"]);
  json doc = what.doc;
  doc["isActive"] = false;
  doc["pausedAt"] = made.now_ms;
  if (made.args.contains("reason"))
    doc["pauseReason"] = made.args["reason"];
  store("workflow", what, std::move(doc), "paused", made);
  return {.data = what.doc};
}

answer model::resume_workflow(const call& made) {
  entity& what = find("workflow", made.args["workflowId"]);
  json doc = what.doc;
  doc["isActive"] = true;
  doc.erase("pausedAt");
  doc.erase("pauseReason");
  store("workflow", what, std::move(doc), "resumed", made);
  return {.data = what.doc};
}

answer model::replay_execution(const call& made) {
  const std::string id = made.args["executionId"];
  json run{{"id", made.new_id}, {"createdAt", made.now_ms}, {"trigger", made.new_trigger}};
  if (id.starts_with("wf_")) {
    run["workflowId"] = id;
    run["workflowVersion"] = versions_.at(id).size();
  } else {
    const json old = find("execution", id).doc;
    run["workflowId"] = old["workflowId"];
    run["workflowVersion"] = made.args.value("version", "pinned") == "latest"
                                 ? json(versions_.at(old["workflowId"]).size())
                                 : old["workflowVersion"];
    run["replayOf"] = id;
  }
  json pending = run;
  pending["status"] = "pending";
  pending["nextAttemptAt"] = made.now_ms;
  pending["steps"] = json::array();
  log("execution", made.new_id, "created", nullptr, pending, made);

  // By the time that anyone looks again it has run.
  const std::size_t version = run["workflowVersion"];
  const json action = versions_.at(run["workflowId"]).at(version - 1).actions[0];
  const std::string step = std::to_string(action["order"].get<int>());
  json taken{
      {"step", step}, {"action", action["type"]}, {"attempts", 1}, {"startedAt", made.now_ms}};
  if (action["type"] == "stop") {
    run["status"] = "completed";
    taken["state"] = "succeeded";
    taken["data"] = action["config"];
  } else {
    run["status"] = "failed";
    taken["state"] = "failed";
    taken["error"] = {
        {"code", "CONFLICT"}, {"message", action["config"]["message"]}, {"retryable", false}};
    run["error"] = taken["error"];
    run["error"]["step"] = step;
  }
  taken["finishedAt"] = run["startedAt"] = run["finishedAt"] = made.now_ms;
  run["steps"] = {taken};
  std::vector<entity>& runs = table("execution");
  runs.push_back({static_cast<std::int64_t>(runs.size()) + 1, run});
  return {.data = pending};
}

bool model::may_be_replayed(const json& run) const {
  if (run["status"] != "failed")
    return false;
  for (const entity& each : all("execution")) {
    if (each.doc.value("replayOf", "") == run["id"] && each.doc["status"] == "completed")
      return false;
  }
  for (const entity& each : all("workflow")) {
    if (each.doc["id"] == run["workflowId"])
      return each.doc["isActive"];
  }
  return false;
}

// -- the calls -----------------------------------------------------------------------------------

json caller::some_actions() {
  if (happens(2))
    return {{{"type", "stop"}, {"order", 1 + below(2)}, {"config", json::object()}}};
  return {{{"type", "fail"}, {"order", 3}, {"config", {{"message", some_text()}}}}};
}

std::optional<json> caller::changed_workflow() {
  json args = json::object();
  if (happens(3))
    args["name"] = some_text();
  maybe(args, "description", some_text(), true);
  if (happens(2))
    args["actions"] = some_actions();
  if (happens(3))
    args["trigger"] = {{"type", "manual"}, {"config", json::object()}};
  return with_version("workflow", "workflowId", std::move(args));
}

std::optional<json> caller::some_workflow(bool active) {
  std::vector<std::string> ids;
  for (const entity& each : state_.all("workflow")) {
    if (each.doc["isActive"] == active)
      ids.push_back(each.id());
  }
  return ids.empty() ? std::nullopt : std::optional<json>{json{{"workflowId", one_of(ids)}}};
}

std::optional<json> caller::some_replay() {
  std::vector<std::string> failed;
  for (const entity& each : state_.all("execution")) {
    if (state_.may_be_replayed(each.doc))
      failed.push_back(each.id());
  }
  if (!failed.empty() && happens(2)) {
    json args{{"executionId", one_of(failed)}};
    if (happens(2))
      args["version"] = happens(2) ? "latest" : "pinned";
    if (happens(2))
      args["from"] = happens(2) ? "start" : "failed";
    return args;
  }
  const auto workflow = some_workflow(true);
  return workflow ? std::optional<json>{json{{"executionId", (*workflow)["workflowId"]}}}
                  : std::nullopt;
}

void caller::offer_workflows() {
  offers_.push_back({"create_workflow", 1, [this] {
                       json args{{"name", some_text()},
                                 {"trigger", {{"type", "manual"}, {"config", json::object()}}},
                                 {"actions", some_actions()}};
                       maybe(args, "description", some_text(), false);
                       return args;
                     }});
  offers_.push_back({"update_workflow", 2, [this] { return changed_workflow(); }});
  offers_.push_back({"pause_workflow", 1, [this] {
                       auto args = some_workflow(true);
                       if (args)
                         maybe(*args, "reason", some_text(), false);
                       return args;
                     }});
  offers_.push_back({"resume_workflow", 2, [this] { return some_workflow(false); }});
  offers_.push_back({"list_workflows", 2, [this] {
                       json args = json::object();
                       if (happens(2))
                         args["isActive"] = happens(2);
                       return paged(args, 10);
                     }});
  offers_.push_back({"replay_execution", 2, [this] { return some_replay(); }});
  offers_.push_back({"list_executions", 2, [this] {
                       json args = json::object();
                       if (happens(2))
                         args["status"] = happens(2) ? "failed" : "completed";
                       const auto workflow = some_workflow(true);
                       if (workflow && happens(2))
                         args.update(*workflow);
                       return paged(args, 10);
                     }});
}

} // namespace crm::test::oracle
