// SPDX-License-Identifier: Apache-2.0
// One record of each kind in a running system, and what its change log holds.
#pragma once

#include "storage/shard.hpp"
#include "tests/support/test_system.hpp"

#include <string>

namespace crm::test {

/// Records that exist, by id.
struct sales_records {
  explicit sales_records(test_system& system, const std::string& workspace = "default")
      : company(system.call("create_company", {{"name", "Acme"}, {"domain", "acme.io"}}, workspace)
                    .data()["id"]),
        contact(
            system
                .call("create_contact", {{"firstName", "Ada"}, {"lastName", "Lovelace"}}, workspace)
                .data()["id"]),
        deal(system.call("create_deal", {{"title", "Big"}, {"stage", "lead"}}, workspace)
                 .data()["id"]),
        activity(system.call("create_activity", {{"type", "note"}, {"subject", "Hi"}}, workspace)
                     .data()["id"]) {}

  /// Returns the id that an argument of this name takes; empty when it takes none.
  std::string of(std::string_view argument) const {
    if (argument == "companyId")
      return company;
    if (argument == "contactId")
      return contact;
    if (argument == "dealId")
      return deal;
    return argument == "activityId" ? activity : "";
  }

  std::string company;
  std::string contact;
  std::string deal;
  std::string activity;
};

/// Stops the system, checks the workspace's change log, and starts again; returns its rows.
inline std::int64_t logged_changes(test_system& system, const std::string& workspace = "default") {
  system.stop();
  const auto rows = actors::verify_workspace(system.folder(), workspace);
  system.restart();
  if (!rows)
    throw std::runtime_error{rows.error().message};
  return *rows;
}

} // namespace crm::test
