// SPDX-License-Identifier: Apache-2.0
#include "actors/run_identity.hpp"

#include "actors/tools/catalogue.hpp"
#include "actors/tools/rights.hpp"
#include "actors/tools/visibility.hpp"

namespace crm::actors {

namespace {

/// What the author would be if it defined the workflow now.
struct defining_call {
  defining_call(storage::shard& data, const principal& author)
      : context{data, tools::find_tool("create_workflow")->spec, no_args, author, {}} {}

  const json no_args = json::object();
  tools::tool_context context;
};

} // namespace

result<principal> acting_principal(storage::shard& data, const storage::workflow_version& version) {
  const auto reached = parse_scopes(version.scopes);
  if (!reached)
    return reached.error();
  principal author{data.workspace(), version.author, *reached, version.vouched_by};
  if (author.vouched_by == voucher::transport)
    return author;
  const auto known = data.members().find(data.db(), author.actor);
  if (!known)
    return known.error();
  if (*known != nullptr && !(*known)->standing)
    return crm::error{error_code::scope,
                      author.actor
                          + ", in whose name the workflow acts, was removed from "
                            "this workspace: a member has to update it"};
  return author;
}

result<void> require_sender(storage::shard& data, const principal& author) {
  defining_call call{data, author};
  CRM_TRY(authorize(author, call.context.tool));
  return tools::authorize_member(call.context);
}

result<void> hide_from(storage::shard& data, const principal& author, json& trigger) {
  if (!data.known().hides_values())
    return {};
  defining_call call{data, author};
  tool_reply shown{dump_json(trigger)};
  CRM_TRY(tools::hide_values(call.context, shown));
  trigger = json::parse(shown.data);
  return {};
}

} // namespace crm::actors
