// SPDX-License-Identifier: Apache-2.0
#include "transport/http/event_loop.hpp"

#include <algorithm>
#include <array>
#include <climits>
#include <fcntl.h>
#include <sys/epoll.h>

namespace crm::transport {

namespace {

constexpr std::uint64_t wake_event = UINT64_MAX;
constexpr std::uint64_t listener_event = UINT64_MAX - 1;
constexpr std::uint32_t connection_events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;

constexpr int events_per_round = 256;
constexpr int accepts_per_round = 256;
/// How long nobody is accepted when there is not even a descriptor to refuse with.
constexpr std::chrono::milliseconds accept_pause{100};

unique_descriptor open_reserve() {
  return unique_descriptor{::open("/dev/null", O_CLOEXEC)};
}

void watch(int epoll, int descriptor, std::uint32_t events, std::uint64_t what) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = what;
  ::epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
}

} // namespace

event_loop::event_loop(front_shared& front, std::uint32_t number)
    : front_(front), context_(front, number), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  watch(epoll_.get(), context_.letters->descriptor(), EPOLLIN | EPOLLET, wake_event);
}

event_loop::~event_loop() {
  close_all();
  context_.letters->close();
}

void event_loop::accept_for(unique_descriptor listener,
                            std::vector<std::shared_ptr<mailbox>> loops) {
  listener_ = std::move(listener);
  loops_ = std::move(loops);
  reserve_ = open_reserve();
  watch(epoll_.get(), listener_.get(), EPOLLIN, listener_event);
}

void event_loop::run() {
  std::array<epoll_event, events_per_round> events{};
  tell_time();
  while (!finished()) {
    const int count =
        ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), sleep_ms());
    context_.letters->after_sleep();
    tell_time();
    for (int i = 0; i < count; ++i)
      handle(events.at(static_cast<std::size_t>(i)));
    read_letters();
    run_deadlines();
    run_ready();
    bury();
  }
  close_all();
  context_.letters->close();
}

bool event_loop::finished() const {
  return stopped_ || (context_.state == service::draining && open_ == 0);
}

void event_loop::tell_time() {
  context_.now = front_.options.now();
  const auto wall = front_.options.wall_now();
  const auto second = std::chrono::floor<std::chrono::seconds>(wall);
  if (second != date_until_ || context_.date_line.empty()) {
    context_.date_line = date_line(wall);
    date_until_ = second;
  }
}

int event_loop::sleep_ms() {
  if (!context_.ready.empty() || context_.letters->before_sleep() == mail_check::mail_waits)
    return 0;
  std::optional<time_point> wake_at = context_.deadlines.next();
  if (accept_paused_)
    wake_at = std::min(wake_at.value_or(accept_again_), accept_again_);
  if (!wake_at)
    return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*wake_at - context_.now).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, INT_MAX));
}

void event_loop::handle(const epoll_event& event) {
  if (event.data.u64 == wake_event)
    return;
  if (event.data.u64 == listener_event) {
    accept_waiting();
    return;
  }
  const auto slot = static_cast<std::uint32_t>(event.data.u64);
  connection& peer = *connections_[slot];
  if (!peer.is_open())
    return;
  peer.on_events(event.events);
  note_closed(slot);
}

void event_loop::accept_waiting() {
  if (!listener_ || accept_paused_)
    return;
  for (int i = 0; i < accepts_per_round; ++i) {
    accepted_socket socket;
    switch (accept_connection(listener_.get(), socket)) {
    case accept_outcome::none:
      return;
    case accept_outcome::out_of_files:
      shed_without_descriptor();
      return;
    case accept_outcome::accepted:
      break;
    }
    loop_counters::add(context_.counters.accepted);
    const auto& to = loops_[next_loop_++ % loops_.size()];
    if (to == context_.letters)
      take_on(std::move(socket));
    else
      to->post(connection_mail{std::move(socket)});
  }
}

/// The kernel has a client for us and we have no descriptor. Left alone it would wake us for ever.
void event_loop::shed_without_descriptor() {
  loop_counters::add(context_.counters.shed);
  reserve_.reset();
  accepted_socket socket;
  const bool told = accept_connection(listener_.get(), socket) == accept_outcome::accepted;
  socket.descriptor.reset();
  reserve_ = open_reserve();
  if (told && reserve_)
    return;
  accept_paused_ = true;
  accept_again_ = context_.now + accept_pause;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, listener_.get(), nullptr);
}

void event_loop::take_on(accepted_socket socket) {
  if (context_.state == service::draining)
    return;
  auto purpose = connection_purpose::serve;
  if (front_.connections_open.fetch_add(1) >= front_.connections_max) {
    front_.connections_open.fetch_sub(1);
    loop_counters::add(context_.counters.shed);
    if (front_.connections_shedding.fetch_add(1) >= front_.options.limits.shed_connections_max) {
      front_.connections_shedding.fetch_sub(1);
      return;
    }
    purpose = connection_purpose::shed;
  }
  std::uint32_t slot = 0;
  if (free_slots_.empty()) {
    slot = static_cast<std::uint32_t>(connections_.size());
    connections_.emplace_back();
  } else {
    slot = free_slots_.back();
    free_slots_.pop_back();
  }
  const int descriptor = socket.descriptor.get();
  connections_[slot] = std::make_unique<connection>(context_, slot, std::move(socket), purpose);
  ++open_;
  watch(epoll_.get(), descriptor, connection_events, slot);
  connections_[slot]->begin();
  note_closed(slot);
}

void event_loop::read_letters() {
  context_.letters->collect(inbox_);
  for (mail& letter : inbox_)
    deliver(letter);
  inbox_.clear();
}

connection* event_loop::awaiting(const call_ref& call) {
  connection* peer = connections_[call->slot].get();
  return peer != nullptr && peer->is_open() && peer->awaits(call) ? peer : nullptr;
}

void event_loop::deliver(mail& letter) {
  if (auto* arrived = std::get_if<connection_mail>(&letter)) {
    take_on(std::move(arrived->socket));
  } else if (std::holds_alternative<drain_mail>(letter)) {
    begin_drain();
  } else if (std::holds_alternative<stop_mail>(letter)) {
    stopped_ = true;
  } else {
    const auto to = [&](const call_ref& call, auto act) {
      if (connection* peer = awaiting(call)) {
        const std::uint32_t slot = call->slot;
        act(*peer);
        note_closed(slot);
      }
    };
    if (auto* answer = std::get_if<answer_mail>(&letter))
      to(answer->call, [&](connection& c) { c.on_answer(std::move(answer->response)); });
    else if (auto* drop = std::get_if<drop_mail>(&letter))
      to(drop->call, [](connection& c) { c.on_drop(); });
    else if (auto* head = std::get_if<stream_head_mail>(&letter))
      to(head->call, [&](connection& c) { c.on_stream_head(std::move(head->head)); });
    else if (auto* data = std::get_if<stream_data_mail>(&letter))
      to(data->call, [&](connection& c) { c.on_stream_data(data->bytes); });
    else if (auto* end = std::get_if<stream_end_mail>(&letter))
      to(end->call, [](connection& c) { c.on_stream_end(); });
    else if (auto* cut = std::get_if<stream_cut_mail>(&letter))
      to(cut->call, [](connection& c) { c.on_stream_cut(); });
  }
}

void event_loop::begin_drain() {
  context_.state = service::draining;
  listener_.reset();
  reserve_.reset();
  accept_paused_ = false;
  for (std::uint32_t slot = 0; slot < connections_.size(); ++slot) {
    if (!connections_[slot] || !connections_[slot]->is_open())
      continue;
    connections_[slot]->on_drain();
    note_closed(slot);
  }
}

void event_loop::close_all() {
  for (std::uint32_t slot = 0; slot < connections_.size(); ++slot) {
    if (!connections_[slot] || !connections_[slot]->is_open())
      continue;
    connections_[slot]->abandon();
    note_closed(slot);
  }
  bury();
}

void event_loop::run_deadlines() {
  if (accept_paused_ && context_.now >= accept_again_) {
    accept_paused_ = false;
    reserve_ = reserve_ ? std::move(reserve_) : open_reserve();
    watch(epoll_.get(), listener_.get(), EPOLLIN, listener_event);
  }
  context_.deadlines.collect_due(context_.now, due_);
  for (const std::uint32_t slot : due_) {
    if (!connections_[slot] || !connections_[slot]->is_open())
      continue;
    connections_[slot]->on_deadline();
    note_closed(slot);
  }
  due_.clear();
}

void event_loop::run_ready() {
  turn_.swap(context_.ready);
  for (const std::uint32_t slot : turn_) {
    if (!connections_[slot] || !connections_[slot]->is_open())
      continue;
    connections_[slot]->on_turn();
    note_closed(slot);
  }
  turn_.clear();
}

void event_loop::note_closed(std::uint32_t slot) {
  if (connections_[slot]->is_open())
    return;
  closed_slots_.push_back(slot);
  --open_;
  if (connections_[slot]->purpose() == connection_purpose::serve)
    front_.connections_open.fetch_sub(1);
  else
    front_.connections_shedding.fetch_sub(1);
}

void event_loop::bury() {
  for (const std::uint32_t slot : closed_slots_) {
    connections_[slot].reset();
    free_slots_.push_back(slot);
  }
  closed_slots_.clear();
}

} // namespace crm::transport
