// SPDX-License-Identifier: Apache-2.0
#include "actors/tools/stages.hpp"

#include "protocol/limits.hpp"
#include "protocol/nearest.hpp"

#include <array>
#include <utility>

namespace crm::tools {

namespace {

/// Spellings that other CRMs use, folded as `fold_name` folds (design §4.5).
constexpr std::array<std::pair<std::string_view, std::string_view>, 10> spellings{{
    {"closedwon", "won"},
    {"closedlost", "lost"},
    {"new", "lead"},
    {"qualification", "qualified"},
    {"proposalsent", "proposal"},
    {"quote", "proposal"},
    {"negotiating", "negotiation"},
    {"win", "won"},
    {"loss", "lost"},
    {"lose", "lost"},
}};

} // namespace

result<storage::stage> stage_named(tool_context& context, std::string_view argument,
                                   std::string_view text) {
  auto stages = storage::list_stages(context.data);
  if (!stages)
    return std::move(stages).error();
  std::string wanted = fold_name(text);
  std::vector<std::string_view> names;
  for (const storage::stage& each : *stages) {
    names.emplace_back(each.name);
    if (fold_name(each.name) == wanted)
      return each;
  }
  for (const auto& [spelling, name] : spellings) {
    if (spelling != wanted)
      continue;
    for (const storage::stage& each : *stages) {
      if (each.name == name)
        return each;
    }
  }
  error_detail detail{std::string{argument}, brief_json(json(text)), "a stage of this workspace"};
  for (const std::string_view name : names) {
    if (detail.valid_options.size() < limits::valid_options_max)
      detail.valid_options.emplace_back(name);
  }
  detail.did_you_mean = nearest(text, names);
  std::string message = std::string{argument} + ": there is no such stage; valid are";
  for (std::size_t i = 0; i < names.size(); ++i)
    message += (i == 0 ? " " : ", ") + std::string{names[i]};
  if (!detail.did_you_mean.empty())
    message += "; did you mean \"" + detail.did_you_mean + "\"?";
  return argument_error(error_code::validation, std::move(message), std::move(detail));
}

void enter_stage(json& deal, const storage::stage& target, std::optional<double> probability,
                 std::int64_t now_ms) {
  const bool moves = deal.value("stage", std::string{}) != target.name;
  deal["stage"] = target.name;
  if (probability)
    deal["probability"] = *probability;
  else if (moves || !deal.contains("probability"))
    deal["probability"] = target.probability;
  if (target.outcome == storage::stage_outcome::open)
    deal.erase("closedAt");
  else if (moves)
    deal["closedAt"] = now_ms;
}

} // namespace crm::tools
