// SPDX-License-Identifier: Apache-2.0
#include "storage/members.hpp"

#include "protocol/nearest.hpp"

namespace crm::storage {

namespace {

std::vector<column_value> columns(const json& doc) {
  return {text_column(doc, "userId"), text_column(doc, "role")};
}

constexpr std::string_view select_member =
    "select seq, doc, version, archived_at from members where id = ?";

constexpr std::string_view insert_member =
    "insert into members (id, version, archived_at, doc, user_id, role)"
    " values (?1, ?2, ?3, ?4, ?5, ?6)";

constexpr std::string_view update_member =
    "update members set version = ?2, archived_at = ?3, doc = ?4, user_id = ?5, role = ?6"
    " where id = ?1";

} // namespace

const entity_kind member_kind{
    .name = "member",
    .id_prefix = "mem_",
    .select_sql = select_member,
    .insert_sql = insert_member,
    .update_sql = update_member,
    .columns = columns,
    .text = nullptr,
    .tallied_by = std::span<const tally_facet>{},
};

constexpr std::string_view select_by_user =
    "select seq, doc, version, id from members where user_id = ? and archived_at is null";

constexpr std::string_view select_users =
    "select user_id from members where archived_at is null order by seq desc limit 100";

namespace {

crm::error unknown_member(shard& data, std::string_view user_id, std::string_view argument) {
  std::vector<std::string> users;
  const auto read = data.db().each(select_users, [&](row r) {
    users.emplace_back(r.text(0));
    return true;
  });
  if (!read)
    return read.error();
  error_detail detail{std::string{argument}, brief_json(json(user_id)),
                      "the userId of a member, see list_workspace_members"};
  const std::vector<std::string_view> names(users.begin(), users.end());
  detail.did_you_mean = nearest(user_id, names);
  std::string message = std::string{argument} + ": there is no such member";
  if (!detail.did_you_mean.empty())
    message += "; did you mean \"" + detail.did_you_mean + "\"?";
  return argument_error(error_code::not_found, std::move(message), std::move(detail));
}

} // namespace

result<record> find_member(shard& data, std::string_view user_id, std::string_view argument) {
  record found;
  const auto read = data.db().first(
      select_by_user,
      [&](row r) {
        found.seq = r.integer(0);
        found.doc = r.text(1);
        found.version = r.integer(2);
        found.id = r.text(3);
      },
      user_id);
  if (!read)
    return read.error();
  if (!*read)
    return unknown_member(data, user_id, argument);
  return found;
}

constexpr std::string_view list_all =
    "select seq, doc from members where archived_at is null and seq < ?1 order by seq desc"
    " limit ?2";

constexpr std::string_view count_all =
    "select n from tallies where entity = 'member' and facet = '' and value = ''";

result<page> list_members(shard& data, const page_request& request) {
  return read_page(data, request, list_all, count_all);
}

} // namespace crm::storage
