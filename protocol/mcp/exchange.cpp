// SPDX-License-Identifier: Apache-2.0
#include "protocol/mcp/exchange.hpp"

#include <algorithm>
#include <utility>

namespace crm::mcp {

void exchange::send(const std::string& message) {
  const std::lock_guard lock{mutex_};
  if (!over_)
    write(message);
}

template <class Act>
void exchange::end(Act act) {
  std::vector<std::function<void()>> hooks;
  {
    const std::lock_guard lock{mutex_};
    if (std::exchange(over_, true))
      return;
    act();
    hooks.swap(hooks_);
  }
  for (const auto& hook : hooks)
    hook();
}

void exchange::answer(const reply& last) {
  end([&] { finish(last); });
}

void exchange::cancel() {
  end([&] { abandon(); });
}

bool exchange::open() const {
  const std::lock_guard lock{mutex_};
  return !over_;
}

void exchange::at_end(std::function<void()> hook) {
  {
    const std::lock_guard lock{mutex_};
    if (!over_) {
      hooks_.push_back(std::move(hook));
      return;
    }
  }
  hook();
}

void in_flight::add(const json& id, const std::shared_ptr<exchange>& way_back) {
  {
    const std::lock_guard lock{mutex_};
    entries_.push_back({dump_json(id), way_back});
  }
  way_back->at_end([self = weak_from_this(), ended = way_back.get()] {
    if (const auto table = self.lock())
      table->drop(ended);
  });
}

void in_flight::cancel(const json& id) {
  std::shared_ptr<exchange> found;
  {
    const std::lock_guard lock{mutex_};
    const std::string text = dump_json(id);
    // The latest one wins: a client that repeats an id has given the earlier request up.
    const auto at = std::find_if(entries_.rbegin(), entries_.rend(),
                                 [&](const entry& e) { return e.id_text == text; });
    if (at != entries_.rend())
      found = at->way_back;
  }
  if (found)
    found->cancel();
}

void in_flight::cancel_all() {
  std::vector<entry> all;
  {
    const std::lock_guard lock{mutex_};
    all = entries_;
  }
  for (const entry& e : all)
    e.way_back->cancel();
}

bool in_flight::empty() const {
  const std::lock_guard lock{mutex_};
  return entries_.empty();
}

void in_flight::drop(const exchange* ended) {
  const std::lock_guard lock{mutex_};
  std::erase_if(entries_, [&](const entry& e) { return e.way_back.get() == ended; });
}

} // namespace crm::mcp
