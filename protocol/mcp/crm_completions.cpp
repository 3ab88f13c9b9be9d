// SPDX-License-Identifier: Apache-2.0
#include "protocol/mcp/crm_completions.hpp"

#include "protocol/mcp/gateway_calls.hpp"

#include <algorithm>
#include <utility>

namespace crm::mcp {

namespace {

using context_ptr = std::shared_ptr<call_context>;
using suggestions_ptr = std::shared_ptr<completion<suggestions>>;
/// Turns a reply into values.
using reader = std::function<suggestions(const json& data, const json& page)>;

/// What the list tools give on one page, and what the search tools do.
constexpr int listed_max = 100;
constexpr int found_max = 50;
/// What the search tools take.
constexpr std::size_t query_length_max = 200;

/// Calls the gateway and answers with what `read` makes of the reply.
void suggest_from(gateway& crm, const context_ptr& context, gateway_call asked,
                  const suggestions_ptr& done, reader read) {
  run_call(crm, context, std::move(asked),
           [done, read = std::move(read)](const result<tool_reply>& reply) {
             if (!reply)
               return (*done)(reply.error());
             const auto data = parse_json(reply->data);
             const auto page = parse_json(reply->page.empty() ? "{}" : reply->page);
             if (!data || !page)
               return (*done)(data ? page.error() : data.error());
             (*done)(read(*data, *page));
           });
}

bool begins_with(std::string_view text, std::string_view typed) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return text.size() >= typed.size()
         && std::ranges::equal(text.substr(0, typed.size()), typed, {}, lower, lower);
}

suggestions starting_with(const std::vector<std::string>& values, std::string_view typed) {
  suggestions found;
  for (const std::string& each : values)
    if (begins_with(each, typed))
      found.values.push_back(each);
  return found;
}

using shown_as = std::function<std::string(const json& record)>;

suggestions all_of(const json& records, const json& page, const shown_as& show) {
  suggestions all;
  for (const json& each : records)
    all.values.push_back(show(each));
  if (page.contains("total"))
    all.total = page["total"].get<std::int64_t>();
  return all;
}

/// Suggests records: the newest while nothing is typed, those whose id begins as what was typed,
/// and else those that a search finds.
completer suggest_shown(gateway& crm, record_source source, shown_as show) {
  return [&crm, source, show](const context_ptr& context, const std::string& typed,
                              completion<suggestions> done) {
    const auto later = std::make_shared<completion<suggestions>>(std::move(done));
    if (typed.empty() || typed.starts_with(source.id_prefix)) {
      gateway_call list{call_kind::tool, std::string{source.list_tool}, {{"limit", listed_max}}};
      return suggest_from(crm, context, std::move(list), later,
                          [typed, show](const json& records, const json& page) {
                            if (typed.empty())
                              return all_of(records, page, show);
                            suggestions found;
                            for (const json& each : records)
                              if (each.value("id", "").starts_with(typed))
                                found.values.push_back(show(each));
                            return found;
                          });
    }
    if (typed.size() > query_length_max)
      return (*later)(suggestions{});
    gateway_call search{
        call_kind::tool, std::string{source.search_tool}, {{"query", typed}, {"limit", found_max}}};
    suggest_from(
        crm, context, std::move(search), later,
        [show](const json& records, const json& page) { return all_of(records, page, show); });
  };
}

} // namespace

std::string labelled(const record_source& source, const json& record) {
  std::string name = record.value(std::string{source.name_member}, "");
  if (!source.second_name_member.empty())
    name += " " + record.value(std::string{source.second_name_member}, "");
  return name + " (" + record.value("id", "") + ")";
}

std::string id_in(const record_source& source, std::string_view text) {
  if (text.starts_with(source.id_prefix))
    return std::string{text};
  const std::size_t open = text.rfind('(');
  if (open == text.npos || !text.ends_with(')')
      || !text.substr(open + 1).starts_with(source.id_prefix))
    return {};
  return std::string{text.substr(open + 1, text.size() - open - 2)};
}

completer suggest_ids(gateway& crm, record_source source) {
  return suggest_shown(crm, source, [](const json& record) { return record.value("id", ""); });
}

completer suggest_records(gateway& crm, record_source source) {
  return suggest_shown(crm, source,
                       [source](const json& record) { return labelled(source, record); });
}

completer suggest_stages(gateway& crm) {
  return
      [&crm](const context_ptr& context, const std::string& typed, completion<suggestions> done) {
        suggest_from(crm, context, {call_kind::view, "stages"},
                     std::make_shared<completion<suggestions>>(std::move(done)),
                     [typed](const json& data, const json&) {
                       std::vector<std::string> names;
                       for (const json& stage : data.at("stages"))
                         names.push_back(stage.value("name", ""));
                       return starting_with(names, typed);
                     });
      };
}

completer suggest_members(gateway& crm) {
  return
      [&crm](const context_ptr& context, const std::string& typed, completion<suggestions> done) {
        suggest_from(crm, context, {call_kind::tool, "list_workspace_members"},
                     std::make_shared<completion<suggestions>>(std::move(done)),
                     [typed](const json& data, const json&) {
                       std::vector<std::string> names;
                       for (const json& member : data)
                         names.push_back(member.value("userId", ""));
                       return starting_with(names, typed);
                     });
      };
}

completer suggest_values(std::vector<std::string> values) {
  return [values = std::move(values)](const context_ptr&, const std::string& typed,
                                      completion<suggestions> done) {
    done(starting_with(values, typed));
  };
}

} // namespace crm::mcp
