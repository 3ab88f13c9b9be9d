// SPDX-License-Identifier: Apache-2.0
#include "storage/change_log.hpp"

#include "storage/digest.hpp"

#include <algorithm>
#include <limits>

namespace crm::storage {

namespace {

/// The row before the first: 32 zero bytes.
const std::string& chain_start() {
  static const std::string zeros(32, '\0');
  return zeros;
}

/// Everything that a row's hash covers, in the order in which it is hashed.
struct hashed_row {
  std::int64_t seq;
  std::int64_t at;
  std::string_view texts[9]; // actor … reason, in the order of the table
  std::string_view before_digest;
  std::string_view after_digest;
};

/// Fields are prefixed with their length, so that no two rows have the same bytes.
std::string hash_of(const hashed_row& row, std::string_view previous) {
  std::string bytes{previous};
  const auto put_number = [&](std::uint64_t value) {
    for (int shift = 56; shift >= 0; shift -= 8)
      bytes.push_back(static_cast<char>((value >> shift) & 0xFF));
  };
  const auto put_text = [&](std::string_view text) {
    put_number(text.size());
    bytes += text;
  };
  put_number(static_cast<std::uint64_t>(row.seq));
  put_number(static_cast<std::uint64_t>(row.at));
  for (const std::string_view text : row.texts)
    put_text(text);
  put_text(row.before_digest);
  put_text(row.after_digest);
  return sha256(bytes);
}

bound digest_or_null(const blob& digest) {
  return digest.bytes.empty() ? bound{nullptr} : bound{digest};
}

bound text_or_null(const std::string* text) {
  return text == nullptr ? bound{nullptr} : bound{std::string_view{*text}};
}

constexpr std::string_view select_chain_end =
    "select seq, hash, at from changes order by seq desc limit 1";

constexpr std::string_view insert_change =
    "insert into changes (seq, at, actor, client, request, tool, entity_type, entity_id, action,"
    " cause, reason, before_digest, after_digest, previous, hash)"
    " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

constexpr std::string_view insert_images = "insert into images (seq, before, after)"
                                           " values (?, ?, ?)";

constexpr std::string_view select_chain =
    "select c.seq, c.at, c.actor, c.client, c.request, c.tool, c.entity_type, c.entity_id,"
    " c.action, c.cause, c.reason, c.before_digest, c.after_digest, c.previous, c.hash,"
    " i.before, i.after"
    " from changes c left join images i on i.seq = c.seq order by c.seq";

/// Checks one row of `select_chain` against the one before.
bool verifies(row r, std::int64_t expected_seq, const std::string& previous) {
  hashed_row hashed{r.integer(0), r.integer(1), {}, r.text(11), r.text(12)};
  for (int i = 0; i < 9; ++i)
    hashed.texts[i] = r.text(2 + i);
  const auto image_fits = [&](int image, int digest) {
    return r.is_null(image) || sha256(r.text(image)) == r.text(digest);
  };
  return r.integer(0) == expected_seq && r.text(13) == previous
         && r.text(14) == hash_of(hashed, previous) && image_fits(15, 11) && image_fits(16, 12);
}

} // namespace

result<void> change_log::open(database& db) {
  appended_.clear();
  ranks_.forget();
  last_seq_ = 0;
  last_at_ = std::numeric_limits<std::int64_t>::min();
  last_hash_ = chain_start();
  const auto read = db.first(select_chain_end, [&](row r) {
    last_seq_ = r.integer(0);
    last_hash_ = r.text(1);
    last_at_ = r.integer(2);
  });
  if (!read)
    return read.error();
  return {};
}

result<std::int64_t> change_log::append(database& db, const change& what,
                                        const change_origin& origin) {
  const blob before{what.before == nullptr ? std::string{} : sha256(*what.before)};
  const blob after{what.after == nullptr ? std::string{} : sha256(*what.after)};
  const hashed_row row{last_seq_ + 1,
                       std::max(origin.now_ms, last_at_),
                       {origin.actor, origin.client, origin.request_id, origin.tool,
                        what.entity_type, what.entity_id, what.action, origin.cause, origin.reason},
                       before.bytes,
                       after.bytes};
  const blob previous{last_hash_};
  const blob hash{hash_of(row, last_hash_)};
  appended_.push_back({std::string{what.entity_type}, std::string{what.entity_id}});
  CRM_TRY(db.run(insert_change, row.seq, row.at, row.texts[0], row.texts[1], row.texts[2],
                 row.texts[3], row.texts[4], row.texts[5], row.texts[6], row.texts[7], row.texts[8],
                 digest_or_null(before), digest_or_null(after), previous, hash));
  CRM_TRY(db.run(insert_images, row.seq, text_or_null(what.before), text_or_null(what.after)));
  CRM_TRY(ranks_.append(db, row.seq, what.entity_type, origin.actor));
  last_seq_ = row.seq;
  last_at_ = row.at;
  last_hash_ = hash.bytes;
  if (watcher_ != nullptr)
    CRM_TRY(watcher_->changed(row.seq, what, origin));
  return row.seq;
}

result<std::int64_t> verify_chain(database& db) {
  std::int64_t rows = 0;
  bool broken = false;
  std::string previous = chain_start();
  CRM_TRY(db.each(select_chain, [&](row r) {
    broken = !verifies(r, rows + 1, previous);
    if (broken)
      return false;
    previous = r.text(14);
    ++rows;
    return true;
  }));
  if (broken)
    return error{error_code::conflict, "the change log does not verify at row "
                                           + std::to_string(rows + 1)
                                           + ": it was altered outside this program"};
  return rows;
}

} // namespace crm::storage
