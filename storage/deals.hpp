// SPDX-License-Identifier: Apache-2.0
// Deals and the stages that they pass through.
#pragma once

#include "storage/search.hpp"

namespace crm::storage {

extern const entity_kind deal_kind;
extern const search_sql deal_search;

/// How a deal ends that stands in a stage.
enum class stage_outcome : std::uint8_t { open, won, lost };

/// A stage of the workspace's pipeline.
struct stage {
  std::string name;
  /// Percent: the default of a deal that enters the stage.
  double probability;
  stage_outcome outcome;
};

/// Returns the workspace's stages in their order. @errors storage.
result<std::vector<stage>> list_stages(shard& data);

/// Which deals a list shows; what is not set does not filter.
struct deal_filter {
  std::optional<std::string> stage;
  std::optional<std::string> contact_id;
  std::optional<std::string> company_id;
};

/// Lists live deals, newest first. @errors storage.
result<page> list_deals(shard& data, const deal_filter& filter, const page_request& request);

} // namespace crm::storage
