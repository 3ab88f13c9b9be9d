// SPDX-License-Identifier: Apache-2.0
#include "storage/member_directory.hpp"

#include "protocol/json.hpp"

#include <algorithm>

namespace crm::storage {

namespace {

membership membership_of(std::string_view doc, bool present) {
  membership known;
  const json parsed = json::parse(doc, nullptr, false);
  if (present)
    known.standing = role_named(parsed.at("role").get_ref<const std::string&>());
  const json& given = parsed.at("permissions");
  for (std::size_t i = 0; i < permission_names.size(); ++i) {
    if (const auto found = given.find(permission_names.at(i)); found != given.end())
      known.overrides.at(i) = found->get<bool>();
  }
  return known;
}

} // namespace

role role_named(std::string_view name) {
  const auto found = std::find(role_names.begin(), role_names.end(), name);
  return static_cast<role>(found - role_names.begin());
}

// Who was removed and came back has several rows; the present one stands last.
constexpr std::string_view select_directory =
    "select user_id, doc, archived_at is null from members order by archived_at is null, seq";

result<void> member_directory::load(database& db) {
  members_.clear();
  CRM_TRY(db.each(select_directory, [&](row r) {
    members_.insert_or_assign(std::string{r.text(0)}, membership_of(r.text(1), r.integer(2) != 0));
    return true;
  }));
  loaded_ = true;
  return {};
}

result<const membership*> member_directory::find(database& db, std::string_view user_id) {
  if (!loaded_)
    CRM_TRY(load(db));
  const auto found = members_.find(user_id);
  return found == members_.end() ? nullptr : &found->second;
}

result<std::int64_t> member_directory::count_owners(database& db) {
  if (!loaded_)
    CRM_TRY(load(db));
  return static_cast<std::int64_t>(
      std::count_if(members_.begin(), members_.end(),
                    [](const auto& each) { return each.second.standing == role::owner; }));
}

} // namespace crm::storage
