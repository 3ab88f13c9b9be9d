// SPDX-License-Identifier: Apache-2.0
#include "storage/pending_texts.hpp"

#include <utility>

namespace crm::storage {

void pending_texts::add(std::string_view sql, std::int64_t seq, const search_text& text) {
  changes_.push_back({sql, seq, text});
}

constexpr std::string_view begin_flush = "savepoint texts";
constexpr std::string_view end_flush = "release texts";

result<void> pending_texts::write(database& db) {
  if (changes_.empty())
    return {};
  for (const change& each : std::exchange(changes_, {}))
    CRM_TRY(db.run(each.sql, each.seq, each.text.title, each.text.body));
  CRM_TRY(db.run(begin_flush));
  return db.run(end_flush);
}

} // namespace crm::storage
