// SPDX-License-Identifier: Apache-2.0
#include "protocol/changes.hpp"

#include <utility>

namespace crm {

change_watch change_board::watch(change_listener listener) {
  auto held = std::make_shared<change_listener>(std::move(listener));
  const std::lock_guard lock{guard_};
  listeners_.emplace_back(held);
  return held;
}

void change_board::tell(const std::string& workspace,
                        const std::vector<changed_entity>& changed) const {
  std::vector<std::shared_ptr<change_listener>> told;
  {
    const std::lock_guard lock{guard_};
    std::erase_if(listeners_, [](const auto& each) { return each.expired(); });
    for (const auto& each : listeners_)
      if (auto held = each.lock())
        told.push_back(std::move(held));
  }
  for (const auto& listener : told)
    (*listener)(workspace, changed);
}

} // namespace crm
