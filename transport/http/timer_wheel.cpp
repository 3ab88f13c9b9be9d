// SPDX-License-Identifier: Apache-2.0
#include "transport/http/timer_wheel.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace crm::transport {

void timer_wheel::mark(std::uint64_t tick_number, std::uint32_t head) {
  const std::uint64_t bucket = tick_number % bucket_count;
  const std::uint64_t bit = std::uint64_t{1} << (bucket % 64);
  if (head == none)
    occupied_[bucket / 64] &= ~bit;
  else
    occupied_[bucket / 64] |= bit;
}

void timer_wheel::set(std::uint32_t slot, time_point deadline) {
  forget(slot);
  if (slot >= nodes_.size())
    nodes_.resize(slot + 1);
  const auto after_start = std::max(deadline - start_, time_point::duration::zero());
  const auto wanted = static_cast<std::uint64_t>(after_start / tick) + 1;
  const std::uint64_t due = std::clamp(wanted, done_tick_ + 1, done_tick_ + bucket_count - 1);
  std::uint32_t& head = head_of(due);
  nodes_[slot] = {head, none, due};
  if (head != none)
    nodes_[head].previous = slot;
  head = slot;
  mark(due, head);
}

void timer_wheel::forget(std::uint32_t slot) {
  if (slot >= nodes_.size() || nodes_[slot].due_tick == 0)
    return;
  const node gone = std::exchange(nodes_[slot], node{});
  if (gone.next != none)
    nodes_[gone.next].previous = gone.previous;
  if (gone.previous != none) {
    nodes_[gone.previous].next = gone.next;
    return;
  }
  head_of(gone.due_tick) = gone.next;
  mark(gone.due_tick, gone.next);
}

std::optional<time_point> timer_wheel::deadline_of(std::uint32_t slot) const {
  if (slot >= nodes_.size() || nodes_[slot].due_tick == 0)
    return std::nullopt;
  return start_ + tick * nodes_[slot].due_tick;
}

void timer_wheel::collect_due(time_point now, std::vector<std::uint32_t>& due) {
  if (now <= start_)
    return;
  const auto now_tick = static_cast<std::uint64_t>((now - start_) / tick);
  const std::uint64_t last = std::min(now_tick, done_tick_ + bucket_count);
  for (std::uint64_t at = done_tick_ + 1; at <= last; ++at) {
    for (std::uint32_t slot = head_of(at); slot != none;) {
      due.push_back(slot);
      slot = std::exchange(nodes_[slot], node{}).next;
    }
    head_of(at) = none;
    mark(at, none);
  }
  done_tick_ = std::max(done_tick_, now_tick);
}

std::optional<time_point> timer_wheel::next() const {
  const std::uint64_t first = done_tick_ + 1;
  for (std::uint64_t at = first; at < first + bucket_count;) {
    const std::uint64_t bucket = at % bucket_count;
    const std::uint64_t later = occupied_[bucket / 64] >> (bucket % 64);
    if (later != 0)
      return start_ + tick * (at + static_cast<std::uint64_t>(std::countr_zero(later)));
    at += 64 - bucket % 64;
  }
  return std::nullopt;
}

} // namespace crm::transport
