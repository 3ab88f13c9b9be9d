// SPDX-License-Identifier: Apache-2.0
#include "storage/catch_up.hpp"

#include "storage/companies.hpp"
#include "storage/contacts.hpp"
#include "storage/custom_records.hpp"
#include "storage/deals.hpp"

#include <algorithm>
#include <array>

namespace crm::storage {

namespace {

constexpr std::array searched_kinds{&contact_kind, &company_kind, &deal_kind, &custom_record_kind};

constexpr std::string_view select_changes =
    "select c.entity_type, c.entity_id, i.before, i.after"
    " from changes c join images i on i.seq = c.seq where c.seq > ?1 order by c.seq";

/// One change that may have moved a text.
struct missed_change {
  const entity_kind* kind;
  std::string id;
  std::optional<std::string> before;
  std::optional<std::string> after;
};

result<std::vector<missed_change>> read_missed(shard& data, std::int64_t indexed_until) {
  std::vector<missed_change> found;
  CRM_TRY(data.db().each(
      select_changes,
      [&](row r) {
        const auto kind = std::ranges::find(searched_kinds, r.text(0), &entity_kind::name);
        // A purge indexes before it erases, so what has no image left was indexed.
        if (kind != searched_kinds.end() && !(r.is_null(2) && r.is_null(3)))
          found.push_back({*kind, std::string{r.text(1)}, r.optional_text(2), r.optional_text(3)});
        return true;
      },
      indexed_until));
  return found;
}

std::optional<search_text> text_of(shard& data, const entity_kind& kind,
                                   const std::optional<std::string>& image) {
  if (!image)
    return std::nullopt;
  return searchable_text(data.known(), kind, json::parse(*image, nullptr, false));
}

} // namespace

result<void> catch_up_texts(shard& data) {
  const auto indexed_until = data.texts().read_indexed_until(data.db());
  if (!indexed_until)
    return indexed_until.error();
  const auto missed = read_missed(data, *indexed_until);
  if (!missed)
    return missed.error();
  for (const missed_change& each : *missed) {
    const auto stored = find(data, *each.kind, each.id, "id");
    if (!stored)
      return stored.error();
    data.texts().change(each.kind->text_index, stored->seq, text_of(data, *each.kind, each.before),
                        text_of(data, *each.kind, each.after));
  }
  if (data.texts().empty())
    return {};
  CRM_TRY(data.index_texts());
  data.db().forget_pages();
  return {};
}

} // namespace crm::storage
