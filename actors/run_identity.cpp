// SPDX-License-Identifier: Apache-2.0
#include "actors/run_identity.hpp"

namespace crm::actors {

result<principal> acting_principal(storage::shard& data, const storage::workflow_version& version) {
  const auto reached = parse_scopes(version.scopes);
  if (!reached)
    return reached.error();
  return principal{data.workspace(), version.author, *reached};
}

} // namespace crm::actors
