// SPDX-License-Identifier: Apache-2.0
#include "storage/migrations.hpp"

namespace crm::storage {

namespace {

constexpr std::string_view select_version = "select user_version from pragma_user_version";

result<void> apply(database& db, const migration& script) {
  CRM_TRY(db.begin());
  // A pragma takes no bound values; the number is ours, not a caller's.
  const std::string stamp = "pragma user_version = " + std::to_string(script.number);
  auto applied = db.script(script.sql);
  if (applied)
    applied = db.script(stamp.c_str());
  if (applied)
    applied = db.commit();
  if (!applied)
    db.rollback();
  return applied;
}

} // namespace

result<void> migrate(database& db, std::span<const migration> scripts) {
  std::int64_t version = 0;
  const auto read = db.first(select_version, [&](row r) { version = r.integer(0); });
  if (!read)
    return read.error();
  const int newest = scripts.empty() ? 0 : scripts.back().number;
  if (version > newest)
    return error{error_code::conflict, "the data was written by a newer vantage-crm (schema "
                                           + std::to_string(version) + ", this program knows up to "
                                           + std::to_string(newest)
                                           + "): use that version or a newer one"};
  for (const migration& script : scripts) {
    if (script.number > version)
      CRM_TRY(apply(db, script));
  }
  return {};
}

} // namespace crm::storage
