// SPDX-License-Identifier: Apache-2.0
#include "transport/http/http_front.hpp"

#include "transport/http/event_loop.hpp"
#include "transport/http/io_thread.hpp"

#include <algorithm>
#include <condition_variable>
#include <random>

namespace crm::transport {

class http_front::impl {
public:
  impl(http_options options, std::vector<route> routes) {
    shared_.options = std::move(options);
    shared_.routes = std::move(routes);
  }
  ~impl() { drain(std::chrono::milliseconds{0}); }

  result<void> start();
  std::uint16_t port() const { return port_; }
  result<void> reload_tls();
  void drain(std::chrono::milliseconds patience);
  front_counters stats() const;
  void post_to_all(const std::function<void(mailbox&)>& act);

private:
  result<void> run_loops(unique_descriptor listener);

  front_shared shared_;
  std::uint16_t port_ = 0;
  std::vector<std::unique_ptr<event_loop>> loops_;
  std::vector<std::unique_ptr<io_thread>> threads_;

  std::mutex guard_;
  std::condition_variable loop_ended_;
  std::size_t loops_running_ = 0;
};

result<void> http_front::impl::start() {
  auto proxies = trusted_proxies::parse(shared_.options.trusted_proxies);
  if (!proxies)
    return std::move(proxies).error();
  shared_.proxies = *std::move(proxies);
  if (shared_.options.tls) {
    shared_.tls = std::make_unique<tls_identity>(*shared_.options.tls);
    CRM_TRY(shared_.tls->load());
  }
  auto listener = listen_on(shared_.options.host, shared_.options.port);
  if (!listener)
    return std::move(listener).error();
  port_ = port_of(listener->get());
  const std::size_t files = raise_open_files_limit();
  const std::size_t kept = std::min(limits::files_kept, files / 2);
  shared_.connections_max = std::min(shared_.options.limits.connections_max, files - kept);
  shared_.process_mark = std::random_device{}();
  return run_loops(*std::move(listener));
}

result<void> http_front::impl::run_loops(unique_descriptor listener) {
  const std::size_t count = std::clamp<std::size_t>(shared_.options.io_threads, 1, 16);
  std::vector<std::shared_ptr<mailbox>> mailboxes;
  for (std::uint32_t number = 0; number < count; ++number) {
    loops_.push_back(std::make_unique<event_loop>(shared_, number));
    mailboxes.push_back(loops_.back()->letters());
  }
  loops_.front()->accept_for(std::move(listener), std::move(mailboxes));
  for (const auto& loop : loops_) {
    {
      const std::lock_guard lock{guard_};
      ++loops_running_;
    }
    auto thread = io_thread::start(limits::io_stack_bytes, [this, serving = loop.get()] {
      serving->run();
      const std::lock_guard lock{guard_};
      --loops_running_;
      loop_ended_.notify_all();
    });
    if (!thread) {
      const std::lock_guard lock{guard_};
      --loops_running_;
      return std::move(thread).error();
    }
    threads_.push_back(*std::move(thread));
  }
  return {};
}

result<void> http_front::impl::reload_tls() {
  return shared_.tls ? shared_.tls->load() : result<void>{};
}

void http_front::impl::post_to_all(const std::function<void(mailbox&)>& act) {
  for (const auto& loop : loops_)
    act(*loop->letters());
}

void http_front::impl::drain(std::chrono::milliseconds patience) {
  post_to_all([](mailbox& box) { box.post(drain_mail{}); });
  {
    std::unique_lock lock{guard_};
    loop_ended_.wait_for(lock, patience, [this] { return loops_running_ == 0; });
  }
  post_to_all([](mailbox& box) { box.post(stop_mail{}); });
  threads_.clear();
}

front_counters http_front::impl::stats() const {
  front_counters sum;
  sum.connections_open = shared_.connections_open.load(std::memory_order_relaxed);
  sum.bytes_buffered = shared_.bytes_buffered.load(std::memory_order_relaxed);
  const auto add = [](std::uint64_t& to, const loop_counters::counter& from) {
    to += from.load(std::memory_order_relaxed);
  };
  for (const auto& loop : loops_) {
    const loop_counters& one = loop->counters();
    add(sum.connections_accepted, one.accepted);
    add(sum.connections_shed, one.shed);
    add(sum.requests, one.requests);
    add(sum.requests_in_flight, one.in_flight);
    add(sum.requests_refused, one.refused);
    add(sum.requests_shed, one.requests_shed);
    add(sum.handlers_failed, one.handlers_failed);
    add(sum.streams_open, one.streams_open);
    add(sum.streams_cut, one.streams_cut);
    add(sum.bytes_received, one.bytes_received);
    add(sum.bytes_sent, one.bytes_sent);
  }
  return sum;
}

http_front::http_front(http_options options, std::vector<route> routes)
    : impl_(std::make_unique<impl>(std::move(options), std::move(routes))) {}
http_front::~http_front() = default;

result<void> http_front::start() {
  return impl_->start();
}
std::uint16_t http_front::port() const {
  return impl_->port();
}
result<void> http_front::reload_tls() {
  return impl_->reload_tls();
}
void http_front::drain(std::chrono::milliseconds patience) {
  impl_->drain(patience);
}
front_counters http_front::stats() const {
  return impl_->stats();
}
void http_front::clock_moved() {
  impl_->post_to_all([](mailbox& box) { box.wake(); });
}

} // namespace crm::transport
