// SPDX-License-Identifier: Apache-2.0
#include "actors/fair_share.hpp"

#include <algorithm>
#include <utility>

namespace crm::actors {

namespace {

using namespace std::chrono_literals;

/// Some sixty creates, so that an agent that adds a few records at once never waits for others.
constexpr fair_share::clock::duration burst = 8ms;
constexpr fair_share::clock::duration stand_back = 1s;
/// Others whose calls come with pauses, as an agent's do, are there meanwhile.
constexpr fair_share::clock::duration others_pause = 50ms;

} // namespace

fair_share::fair_share(std::size_t processors)
    : share_(static_cast<double>(processors) / 8), left_(burst) {}

bool fair_share::is_exceeded_after(clock::duration took, clock::time_point now, bool others_call) {
  if (others_call)
    others_called_at_ = now;
  const bool others_are_there = now - others_called_at_ < others_pause;
  const auto since = now - std::exchange(refilled_at_, now);
  if (now < exceeded_until_)
    return others_are_there;
  const auto earned = std::chrono::duration_cast<clock::duration>(since * share_);
  left_ = std::min(burst, left_ + earned) - took;
  if (left_ >= clock::duration::zero())
    return false;
  left_ = clock::duration::zero();
  if (others_are_there)
    exceeded_until_ = now + stand_back;
  return others_are_there;
}

} // namespace crm::actors
