// SPDX-License-Identifier: Apache-2.0
// How much of the processors one workspace may have while others call.
#pragma once

#include <chrono>
#include <cstddef>

namespace crm::actors {

/// Says when a workspace has had more than its share. It may use an eighth of the processors for as
/// long as it likes, and 8 ms more at once; past that, and only while other workspaces call, it is
/// over its share for a second, and earns nothing meanwhile. With eight processors or more none
/// ever is: a workspace is one actor and keeps one of them busy at most.
class fair_share {
public:
  using clock = std::chrono::steady_clock;

  explicit fair_share(std::size_t processors);

  /// Notes that a call took so long and ended `now`, and whether others have calls; returns whether
  /// the workspace is to stand back for them.
  bool is_exceeded_after(clock::duration took, clock::time_point now, bool others_call);

private:
  const double share_;
  /// What may be used at once.
  clock::duration left_;
  clock::time_point refilled_at_;
  clock::time_point others_called_at_;
  clock::time_point exceeded_until_;
};

} // namespace crm::actors
