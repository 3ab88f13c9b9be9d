// SPDX-License-Identifier: Apache-2.0
// The server that the official conformance suite is run against: the protocol core and the
// transport of the product, with the suite's fixtures instead of the CRM. Prints its address and
// serves until its input ends. Loopback only, no authentication.
#include "storage/digest.hpp"
#include "tests/conformance/fixtures.hpp"
#include "tests/support/fake_gateway.hpp"
#include "transport/http/http_front.hpp"
#include "transport/mcp/endpoint.hpp"

#include <condition_variable>
#include <csignal>
#include <iostream>
#include <limits>
#include <map>
#include <thread>

namespace {

using namespace crm;

/// Runs work at its time on one thread.
class schedule {
public:
  schedule() : thread_([this] { run(); }) {}
  ~schedule() {
    {
      const std::lock_guard lock{guard_};
      stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }
  void after(int after_ms, std::function<void()> work) {
    const std::lock_guard lock{guard_};
    waiting_.emplace(clock::now() + std::chrono::milliseconds{after_ms}, std::move(work));
    changed_.notify_all();
  }

private:
  using clock = std::chrono::steady_clock;
  void run() {
    std::unique_lock lock{guard_};
    while (!stopping_) {
      if (waiting_.empty()) {
        changed_.wait(lock);
        continue;
      }
      const auto next = waiting_.begin();
      if (next->first > clock::now()) {
        changed_.wait_until(lock, next->first);
        continue;
      }
      const auto work = std::move(next->second);
      waiting_.erase(next);
      lock.unlock();
      work();
      lock.lock();
    }
  }
  std::mutex guard_;
  std::condition_variable changed_;
  std::multimap<clock::time_point, std::function<void()>> waiting_;
  bool stopping_ = false;
  std::thread thread_;
};

void tick_every_second(schedule& clock, const std::weak_ptr<transport::mcp_endpoint>& endpoint) {
  clock.after(1'000, [&clock, endpoint] {
    if (const auto alive = endpoint.lock()) {
      alive->tick();
      tick_every_second(clock, endpoint);
    }
  });
}

} // namespace

int main() {
  std::signal(SIGPIPE, SIG_IGN);
  const mcp::surroundings around{storage::system_environment(),
                                 [key = storage::random_bytes(32)](std::string_view text) {
                                   return storage::hmac_sha256(key, text);
                                 }};
  schedule clock;
  std::shared_ptr<mcp::service> server;
  mcp::registry offer;
  offer.identity = {{"name", "conformance-fixture"}, {"version", "1.0.0"}};
  offer.instructions = "Fixtures of the conformance suite.";
  offer.changing = {true, true, false};
  conformance::add_content_tools(
      offer,
      [&](int after_ms, std::function<void()> work) { clock.after(after_ms, std::move(work)); },
      [&]() -> mcp::change_feed& { return server->subscriptions; });
  conformance::add_asking_tools(offer, std::make_shared<mcp::request_seal>(around));
  conformance::add_resources(offer);
  conformance::add_prompts(offer);
  server = std::make_shared<mcp::service>(std::move(offer), around);

  test::fake_gateway callers;
  const auto endpoint = std::make_shared<transport::mcp_endpoint>(
      server, callers,
      transport::endpoint_options{.callers = {.everyone = local_user{"default", "local"}}});
  transport::http_front front{{}, endpoint->routes()};
  if (const auto started = front.start(); !started) {
    std::cerr << started.error().message << '\n';
    return 1;
  }
  tick_every_second(clock, endpoint);
  std::cout << "http://127.0.0.1:" << front.port() << "/mcp" << std::endl;
  std::cin.ignore(std::numeric_limits<std::streamsize>::max());
  endpoint->end_streams();
  front.drain(std::chrono::seconds{2});
  return 0;
}
