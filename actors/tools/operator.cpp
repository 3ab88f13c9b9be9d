// SPDX-License-Identifier: Apache-2.0
#include "actors/tools/operator.hpp"

#include "storage/plan.hpp"

namespace crm::tools {

namespace {

struct set_tier {
  std::string tier;
  static constexpr auto input = fields(field{"tier", &set_tier::tier}.length(1));
};

result<tool_reply> run_set_tier(tool_context& context, const set_tier& in) {
  CRM_TRY(storage::set_tier(context.data, in.tier));
  return tool_reply{dump_json(json{{"tier", in.tier}})};
}

} // namespace

const tool& set_tier_tool() {
  static const tool made = declare<set_tier>({"set_tier", "Set tier", "Operator", scope::admin,
                                              effect::update, "Sets the tier of the workspace."},
                                             run_set_tier);
  return made;
}

} // namespace crm::tools
