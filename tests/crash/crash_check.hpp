// SPDX-License-Identifier: Apache-2.0
// Compares a data folder whose process was killed with the ledger of what it had acknowledged.
#pragma once

#include <filesystem>

namespace crm::test {

/// What the checks counted.
struct crash_totals {
  /// Writes that the ledger holds.
  long long acknowledged = 0;
  /// Lines of the ledger that the kill cut short, which acknowledge nothing.
  long long cut_short = 0;
  /// Acknowledged writes that are not there, or not with their content.
  long long lost = 0;
  /// Records that are there more than once.
  long long duplicated = 0;
  /// Records of which a part is missing: their row of the log, an image, a count, their text.
  long long halves = 0;
  /// Records that are there although nobody was told.
  long long unacknowledged = 0;
};

/// Opens `folder/data`, checks it against `folder/ledger`, and adds what it counts to `totals`.
/// Throws when the file does not open, is damaged, or its change log does not verify.
void check_against_ledger(const std::filesystem::path& folder, crash_totals& totals);

} // namespace crm::test
