// SPDX-License-Identifier: Apache-2.0
#include "actors/tools/custom_values.hpp"

#include "actors/tools/visibility.hpp"
#include "protocol/limits.hpp"
#include "storage/custom_values.hpp"

#include <algorithm>

namespace crm::tools {

namespace {

crm::error taken(const storage::entity_kind& kind, const std::string& holder, const json& value,
                 const std::string& path) {
  const std::string name{kind.name};
  return argument_error(error_code::conflict,
                        path + ": the " + name + " " + holder
                            + " has this value already, and it must be unique",
                        {path, brief_json(value), "a value that no other " + name + " has"});
}

} // namespace

custom_value_writer::custom_value_writer(tool_context& context, const storage::entity_kind& kind,
                                         json& doc, std::optional<std::int64_t> seq)
    : context_(context), kind_(kind), doc_(doc), seq_(seq), member_(kind.custom_member),
      fields_(storage::fields_of(context.data.known(), kind, doc)) {
  const auto stored = doc.find(member_);
  values_ = stored != doc.end() && seq ? *stored : json::object();
}

void custom_value_writer::wrong(error_detail detail) {
  if (wrong_.size() < limits::error_details_max)
    wrong_.push_back(std::move(detail));
}

void custom_value_writer::set(const std::string& key, const json& value, const std::string& path) {
  const custom_field* field = storage::field_named(fields_, key);
  const bool clears = value.is_null() && seq_;
  if (clears && (field != nullptr ? !field->required : values_.contains(key))) {
    values_.erase(key);
    return;
  }
  if (field == nullptr)
    return wrong(unknown_key(fields_, key, path));
  if (clears)
    return wrong({path, "null", "a value: the field is required"});
  auto checked = check_value(*field, value, path);
  if (auto* detail = std::get_if<error_detail>(&checked))
    return wrong(std::move(*detail));
  store(*field, std::get<json>(std::move(checked)), path);
}

void custom_value_writer::store(const custom_field& field, json value, const std::string& path) {
  if (field.rules.unique && !failure_) {
    const auto holder =
        storage::holder_of_value(context_.data, kind_, doc_, field, value, seq_.value_or(0));
    if (!holder)
      failure_ = holder.error();
    else if (*holder)
      failure_ = taken(kind_, **holder, value, path);
  }
  values_[field.key] = std::move(value);
}

void custom_value_writer::clear_all() {
  const auto clearance = clearance_of(context_);
  if (!clearance) {
    failure_ = clearance.error();
    return;
  }
  std::vector<std::string> seen;
  for (const auto& [key, value] : values_.items()) {
    const custom_field* field = storage::field_named(fields_, key);
    if (field == nullptr || field->visible_to <= *clearance)
      seen.push_back(key);
  }
  for (const std::string& key : seen)
    set(key, nullptr, member_ + "." + key);
}

bool custom_value_writer::is_wrong(const std::string& key) const {
  const std::string path = member_ + "." + key;
  return std::any_of(wrong_.begin(), wrong_.end(), [&](const error_detail& each) {
    return each.path == path || each.path.starts_with(path + "[");
  });
}

void custom_value_writer::require_all() {
  for (const custom_field& field : fields_) {
    if (field.required && !values_.contains(field.key) && !is_wrong(field.key))
      wrong({member_ + "." + field.key, "nothing", "a value: the field is required"});
  }
}

result<void> custom_value_writer::finish() {
  if (!wrong_.empty())
    return arguments_error(std::move(wrong_));
  if (failure_)
    return *std::move(failure_);
  // Custom objects always show their fields; elsewhere nothing is shown where there is nothing.
  if (values_.empty() && !doc_.contains(member_))
    return {};
  if (values_.empty() && kind_.custom_member == "customFields")
    doc_.erase(member_);
  else
    doc_[member_] = std::move(values_);
  return {};
}

result<void> admit_custom_values(tool_context& context, const storage::entity_kind& kind,
                                 json& doc) {
  const std::string member{kind.custom_member};
  custom_value_writer writer{context, kind, doc, std::nullopt};
  if (const auto given = doc.find(member); given != doc.end()) {
    for (const auto& [key, value] : given->items())
      writer.set(key, value, member + "." + key);
  }
  writer.require_all();
  return writer.finish();
}

result<void> merge_custom_values(tool_context& context, const storage::entity_kind& kind, json& doc,
                                 const json& given, std::int64_t seq) {
  const std::string member{kind.custom_member};
  custom_value_writer writer{context, kind, doc, seq};
  if (given.is_null())
    writer.clear_all();
  else
    for (const auto& [key, value] : given.items())
      writer.set(key, value, member + "." + key);
  return writer.finish();
}

result<void> require_free_values(tool_context& context, const storage::entity_kind& kind,
                                 const storage::record& archived) {
  const json doc = storage::document_of(archived);
  const std::string member{kind.custom_member};
  const auto values = doc.find(member);
  if (values == doc.end())
    return {};
  for (const custom_field& field : storage::fields_of(context.data.known(), kind, doc)) {
    const auto value = values->find(field.key);
    if (!field.rules.unique || value == values->end())
      continue;
    const auto holder =
        storage::holder_of_value(context.data, kind, doc, field, *value, archived.seq);
    if (!holder)
      return holder.error();
    if (*holder)
      return taken(kind, **holder, *value, member + "." + field.key);
  }
  return {};
}

} // namespace crm::tools
