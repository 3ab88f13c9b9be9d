// SPDX-License-Identifier: Apache-2.0
#include "protocol/mcp/crm_service.hpp"

#include "protocol/mcp/crm_prompts.hpp"
#include "protocol/mcp/crm_questions.hpp"
#include "protocol/mcp/crm_resources.hpp"
#include "protocol/tool_spec.hpp"

#include <algorithm>
#include <utility>

namespace crm::mcp {

namespace {

constexpr std::size_t instructions_bytes_max = 2'048;

constexpr std::string_view introduction =
    "A CRM: contacts, companies, deals, activities, custom fields and objects, workflows, "
    "analytics. Search before you create, so that nothing is stored twice. Ids are opaque; take "
    "them from results. Times are Unix milliseconds. Every result is {success, data} or {success, "
    "error}; an error names the argument and what to send instead. Lists come in pages: pass "
    "page.nextCursor as cursor. Deleting archives; archived records can be restored until they are "
    "purged. workspaceId may be left out.\nResources: crm://schema (fields, custom ones too), "
    "crm://stages, crm://contact/{id}, crm://company/{id}, crm://deal/{id}.\nTools by area:";

} // namespace

std::string instructions_for(const std::vector<const tool_spec*>& catalogue) {
  std::vector<std::pair<std::string_view, std::string>> areas;
  for (const tool_spec* spec : catalogue) {
    auto area =
        std::ranges::find_if(areas, [&](const auto& one) { return one.first == spec->category; });
    if (area == areas.end())
      area = areas.insert(areas.end(), {spec->category, {}});
    area->second.append(area->second.empty() ? " " : ", ").append(spec->name);
  }
  std::string text{introduction};
  for (const auto& [name, tools] : areas) {
    const std::size_t line_bytes = name.size() + tools.size() + 4;
    if (text.size() + line_bytes <= instructions_bytes_max)
      text.append("\n- ").append(name).append(":").append(tools);
  }
  return text;
}

std::shared_ptr<service> make_crm_service(gateway& crm, change_source& changes,
                                          const surroundings& around) {
  registry offer;
  offer.identity = {{"name", "vantage-crm"}, {"title", "Vantage CRM"}, {"version", CRM_VERSION}};
  offer.instructions = instructions_for(crm.tools());
  add_gateway_tools(offer, crm, std::make_shared<request_seal>(around), crm_questions(crm));
  add_crm_resources(offer, crm);
  add_crm_prompts(offer, crm);
  auto made = std::make_shared<service>(std::move(offer), around);
  made->feed = changes.watch([weak = std::weak_ptr{made}](const std::string& workspace,
                                                          const std::vector<changed_entity>& all) {
    const auto server = weak.lock();
    if (!server || !server->subscriptions.watches_any())
      return;
    for (const changed_entity& each : all)
      for (const std::string& uri : resources_of(each))
        server->subscriptions.resource_updated(workspace, uri);
  });
  return made;
}

} // namespace crm::mcp
