// SPDX-License-Identifier: Apache-2.0
// What the connections of one event loop share: clock, deadlines, routes, counters, scratch memory.
// Everything but the counters and `front_shared` belongs to the loop's thread.
#pragma once

#include "transport/http/http_options.hpp"
#include "transport/http/mailbox.hpp"
#include "transport/http/route_table.hpp"
#include "transport/http/timer_wheel.hpp"
#include "transport/http/trusted_proxies.hpp"

#include <atomic>
#include <memory>
#include <string>
#include <vector>

namespace crm::transport {

/// What all loops of a front share. The references in it are constant while loops run.
struct front_shared {
  http_options options;
  std::vector<route> routes;
  trusted_proxies proxies;
  std::unique_ptr<tls_identity> tls;
  /// Open connections that are served; what is open beyond, is being told 503.
  std::size_t connections_max = 0;
  /// Marks the request ids of this process.
  std::uint32_t process_mark = 0;

  std::atomic<std::size_t> connections_open{0};
  std::atomic<std::size_t> connections_shedding{0};
  std::atomic<std::size_t> bytes_buffered{0};
};

/// Counters of one loop: written by its thread, read by any.
struct alignas(64) loop_counters {
  using counter = std::atomic<std::uint64_t>;
  counter accepted{0};
  counter shed{0};
  counter requests{0};
  counter in_flight{0};
  counter refused{0};
  counter requests_shed{0};
  counter handlers_failed{0};
  counter streams_open{0};
  counter streams_cut{0};
  counter bytes_received{0};
  counter bytes_sent{0};

  /// Adds without the cost of a locked instruction: the loop's thread alone writes.
  static void add(counter& to, std::uint64_t count = 1) {
    to.store(to.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
  }
  static void subtract(counter& from, std::uint64_t count = 1) {
    from.store(from.load(std::memory_order_relaxed) - count, std::memory_order_relaxed);
  }
};

/// Whether new requests are still taken on.
enum class service : std::uint8_t { open, draining };

/// One loop's surroundings of its connections.
struct loop_context {
  loop_context(front_shared& front, std::uint32_t number)
      : shared(front), loop_number(number), routes(front.routes), now(front.options.now()),
        deadlines(now), received(receive_bytes, '\0') {}

  const http_limits& limits() const { return shared.options.limits; }

  /// Bytes that one receive may bring. A connection keeps at most so many for later.
  static constexpr std::size_t receive_bytes = 16 * 1024;

  front_shared& shared;
  std::uint32_t loop_number;
  route_table routes;
  std::shared_ptr<mailbox> letters = std::make_shared<mailbox>();
  loop_counters counters;

  time_point now;
  timer_wheel deadlines;
  service state = service::open;
  std::string date_line;
  std::uint64_t requests_begun = 0;
  /// Slots that have work left which no event will announce.
  std::vector<std::uint32_t> ready;

  /// Where every receive of the loop lands.
  std::string received;
  /// Answers of the connection that is being served, on their way to one send().
  std::string outgoing;
};

} // namespace crm::transport
