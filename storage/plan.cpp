// SPDX-License-Identifier: Apache-2.0
#include "storage/plan.hpp"

#include "protocol/nearest.hpp"

#include <algorithm>
#include <vector>

namespace crm::storage {

namespace {

constexpr std::optional<std::int64_t> unlimited = std::nullopt;

// contacts, companies, deals, activities, customFields, customObjects, records, workflows, members
constexpr std::array<tier, 6> tiers{{
    {"free", {1'000, 500, 500, 10'000, 20, 2, 500, 3, 3}},
    {"pro-support", {25'000, 10'000, 10'000, 250'000, 100, 10, 10'000, 25, 10}},
    {"cloud-starter", {10'000, 5'000, 5'000, 100'000, 50, 5, 5'000, 10, 5}},
    {"cloud-pro", {100'000, 50'000, 50'000, 1'000'000, 200, 25, 100'000, 100, 50}},
    {"cloud-enterprise",
     {1'000'000, 500'000, 500'000, 10'000'000, 500, 100, 1'000'000, 1'000, 1'000}},
    {"self-hosted",
     {unlimited, unlimited, unlimited, unlimited, unlimited, unlimited, unlimited, unlimited,
      unlimited}},
}};

constexpr std::string_view default_tier = "self-hosted";

} // namespace

std::span<const tier> all_tiers() {
  return tiers;
}

const tier* tier_named(std::string_view name) {
  const auto found =
      std::find_if(tiers.begin(), tiers.end(), [&](const tier& each) { return each.name == name; });
  return found == tiers.end() ? nullptr : &*found;
}

result<void> check_tier(std::string_view name) {
  if (tier_named(name) != nullptr)
    return {};
  error_detail detail{"tier", brief_json(json(name)), "a tier"};
  std::vector<std::string_view> names;
  for (const tier& each : tiers) {
    names.push_back(each.name);
    detail.valid_options.emplace_back(each.name);
  }
  detail.did_you_mean = nearest(name, names);
  std::string message = "there is no tier " + detail.got;
  if (!detail.did_you_mean.empty())
    message += ", did you mean " + detail.did_you_mean + "?";
  message += "; valid are";
  for (const std::string_view each : names)
    message += (each == names.front() ? " " : ", ") + std::string{each};
  return argument_error(error_code::validation, std::move(message), std::move(detail));
}

constexpr std::string_view select_tier = "select value from meta where key = 'tier'";

result<const tier*> tier_of(shard& data) {
  std::string name{default_tier};
  const auto read = data.db().first(select_tier, [&](row r) { name = r.text(0); });
  if (!read)
    return read.error();
  const tier* known = tier_named(name);
  if (known == nullptr)
    return error{error_code::conflict, "the workspace has the tier " + name
                                           + ", which this program does not know: use a newer one"};
  return known;
}

constexpr std::string_view upsert_tier =
    "insert into meta (key, value) values ('tier', ?1) on conflict do update set value = ?1";

result<void> set_tier(shard& data, std::string_view name) {
  CRM_TRY(check_tier(name));
  return data.db().run(upsert_tier, name);
}

namespace {

constexpr std::string_view count_contacts =
    "select n from tallies where entity = 'contact' and facet = '' and value = ''";
constexpr std::string_view count_companies =
    "select n from tallies where entity = 'company' and facet = '' and value = ''";
constexpr std::string_view count_deals =
    "select n from tallies where entity = 'deal' and facet = '' and value = ''";
constexpr std::string_view count_activities =
    "select n from tallies where entity = 'activity' and facet = '' and value = ''";
constexpr std::string_view count_custom_fields = "select count(*) from custom_fields";
constexpr std::string_view count_custom_objects = "select count(*) from custom_objects";
constexpr std::string_view count_records =
    "select n from tallies where entity = 'custom_object_record' and facet = '' and value = ''";
constexpr std::string_view count_workflows = "select count(*) from workflows";
constexpr std::string_view count_members =
    "select n from tallies where entity = 'member' and facet = '' and value = ''";

/// How the resources are counted, in their order.
constexpr std::array<std::string_view, resource_names.size()> count_sql{
    count_contacts,       count_companies, count_deals,     count_activities, count_custom_fields,
    count_custom_objects, count_records,   count_workflows, count_members};

} // namespace

result<std::int64_t> usage_of(shard& data, resource what) {
  CRM_TRY(data.tallies().write(data.db()));
  std::int64_t n = 0;
  const auto read = data.db().first(count_sql.at(static_cast<std::size_t>(what)),
                                    [&](row r) { n = r.integer(0); });
  if (!read)
    return read.error();
  return n;
}

} // namespace crm::storage
