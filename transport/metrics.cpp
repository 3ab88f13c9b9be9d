// SPDX-License-Identifier: Apache-2.0
#include "transport/metrics.hpp"

#include "transport/mcp/request_gate.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <utility>

namespace crm::transport {

namespace {

/// Upper bounds in seconds: from a read in memory to the deadline of a call.
const prometheus::Histogram::BucketBoundaries duration_bounds{
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30};

/// One number that is shown, and what it is called.
template <class Counters>
struct shown_number {
  std::uint64_t Counters::*value;
  prometheus::MetricType type;
  const char* name;
  const char* help;
};

/// Places for success and for every error code.
constexpr std::size_t codes = static_cast<std::size_t>(error_code::not_implemented) + 1;

constexpr auto counter = prometheus::MetricType::Counter;
constexpr auto gauge = prometheus::MetricType::Gauge;

constexpr std::array<shown_number<service_counters>, 9> service_numbers{{
    {&service_counters::calls, counter, "vantage_crm_router_calls_total",
     "Calls that came to the router."},
    {&service_counters::shed_calls, counter, "vantage_crm_shed_calls_total",
     "Calls that admission turned away with 429 or 503."},
    {&service_counters::commits, counter, "vantage_crm_commits_total", "Durable commits."},
    {&service_counters::committed_calls, counter, "vantage_crm_committed_calls_total",
     "Calls whose answer waited for a commit; divided by the commits: calls per commit."},
    {&service_counters::replayed_batches, counter, "vantage_crm_replayed_batches_total",
     "Group commits that were undone and run again call by call."},
    {&service_counters::held_back, counter, "vantage_crm_held_back_total",
     "Times that a workspace went to the background, having had more than its share."},
    {&service_counters::calls_in_flight, gauge, "vantage_crm_calls_in_flight",
     "Calls between admission and answer: the depth of all queues."},
    {&service_counters::open_workspaces, gauge, "vantage_crm_open_workspaces",
     "Workspaces whose file is open."},
    {&service_counters::waiting_workspaces, gauge, "vantage_crm_waiting_workspaces",
     "Workspaces with calls that wait for room to be opened."},
}};

constexpr std::array<shown_number<front_counters>, 13> front_numbers{{
    {&front_counters::connections_open, gauge, "vantage_crm_http_connections", "Open connections."},
    {&front_counters::connections_accepted, counter, "vantage_crm_http_connections_total",
     "Connections accepted."},
    {&front_counters::connections_shed, counter, "vantage_crm_http_shed_connections_total",
     "Connections over the cap, told 503 or closed."},
    {&front_counters::requests, counter, "vantage_crm_http_requests_total",
     "Requests that came to a route."},
    {&front_counters::requests_in_flight, gauge, "vantage_crm_http_requests_in_flight",
     "Requests that a route has not answered yet."},
    {&front_counters::requests_refused, counter, "vantage_crm_http_refused_requests_total",
     "Requests that were malformed, too large, too slow or for no route."},
    {&front_counters::requests_shed, counter, "vantage_crm_http_shed_requests_total",
     "Requests that got 503 because too many bytes were buffered."},
    {&front_counters::handlers_failed, counter, "vantage_crm_http_failed_handlers_total",
     "Requests whose route threw."},
    {&front_counters::streams_open, gauge, "vantage_crm_http_streams", "Open streams."},
    {&front_counters::streams_cut, counter, "vantage_crm_http_cut_streams_total",
     "Streams that were cut because their reader fell behind."},
    {&front_counters::bytes_received, counter, "vantage_crm_http_received_bytes_total",
     "Bytes received."},
    {&front_counters::bytes_sent, counter, "vantage_crm_http_sent_bytes_total", "Bytes sent."},
    {&front_counters::bytes_buffered, gauge, "vantage_crm_http_buffered_bytes",
     "Bytes of request bodies and of unsent answers held."},
}};

template <class Counters, std::size_t Count>
void append(std::vector<prometheus::MetricFamily>& families, const Counters& from,
            const std::array<shown_number<Counters>, Count>& shown) {
  for (const auto& number : shown) {
    prometheus::ClientMetric metric;
    // A counter and a gauge stand in members of their own.
    (number.type == counter ? metric.counter.value : metric.gauge.value) =
        static_cast<double>(from.*number.value);
    families.push_back({number.name, number.help, number.type, {std::move(metric)}});
  }
}

/// Returns whether the client is a program on this machine: no proxy speaks for someone else, and
/// no page in a browser asks, which a foreign Host (DNS rebinding) or an Origin would tell.
bool is_local(const http_request& request) {
  static const request_gate loopback_names{{}};
  const bool forwarded = request.headers.count("X-Forwarded-For") > 0
                         || request.headers.count("Forwarded") > 0
                         || request.headers.count("Via") > 0;
  const bool loopback = request.peer.starts_with("127.") || request.peer == "::1"
                        || request.peer.starts_with("::ffff:127.");
  return loopback && !forwarded && request.headers.count("Origin") == 0
         && !loopback_names.check_origin(request);
}

http_response page_response(std::string page) {
  return {200, {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}}, std::move(page)};
}

} // namespace

class metrics::impl {
public:
  explicit impl(std::size_t tools) : rows_(tools + 1) {}

  void count(const call_report& report) {
    row& of_tool = rows_[std::min(report.tool_number, rows_.size() - 1)];
    const std::size_t column = report.failure ? static_cast<std::size_t>(*report.failure) : 0;
    found(of_tool.calls.at(column), [&]() -> prometheus::Counter& {
      return calls_.Add(
          {{"tool", std::string{report.tool}}, {"code", std::string{code_of(report)}}});
    }).Increment();
    found(of_tool.durations, [&]() -> prometheus::Histogram& {
      return durations_.Add({{"tool", std::string{report.tool}}}, duration_bounds);
    }).Observe(std::chrono::duration<double>(report.took).count());
  }

  std::string page(const service_counters& service, const front_counters& front) const {
    auto families = registry_.Collect();
    append(families, service, service_numbers);
    append(families, front, front_numbers);
    return prometheus::TextSerializer{}.Serialize(families);
  }

private:
  /// The numbers of one tool, where a call finds them without a look at a label.
  struct row {
    /// By error code; success stands at 0, which no code has.
    std::array<std::atomic<prometheus::Counter*>, codes> calls{};
    std::atomic<prometheus::Histogram*> durations{nullptr};
  };

  /// Returns what `place` points to, made by `make` when it is first wanted: a tool that nobody
  /// calls takes no line of the page. Two threads that make the same one get the same one.
  template <class Metric, class Make>
  static Metric& found(std::atomic<Metric*>& place, Make make) {
    Metric* known = place.load(std::memory_order_acquire);
    if (known == nullptr) {
      known = &make();
      place.store(known, std::memory_order_release);
    }
    return *known;
  }

  prometheus::Registry registry_;
  prometheus::Family<prometheus::Counter>& calls_ =
      prometheus::BuildCounter()
          .Name("vantage_crm_calls_total")
          .Help("Calls that were answered, by tool and code.")
          .Register(registry_);
  prometheus::Family<prometheus::Histogram>& durations_ =
      prometheus::BuildHistogram()
          .Name("vantage_crm_call_duration_seconds")
          .Help("From the submission of a call to its answer, by tool.")
          .Register(registry_);
  std::vector<row> rows_;
};

metrics::metrics(const std::vector<const tool_spec*>& tools)
    : impl_(std::make_unique<impl>(tools.size())) {}
metrics::~metrics() = default;

void metrics::count(const call_report& report) {
  impl_->count(report);
}

std::string metrics::page(const service_counters& service, const front_counters& front) const {
  return impl_->page(service, front);
}

route metrics_route(gateway& target, const rest_options& options,
                    std::function<std::string()> page) {
  const auto handle = [&target, options, page = std::move(page)](const http_request& request,
                                                                 exchange reply) {
    if (is_local(request))
      return reply.respond(page_response(page()));
    auto from = credential_of(request, options);
    if (!from)
      return reply.respond(error_response(from.error()));
    target.identify(*std::move(from),
                    completion<principal>{[reply = std::move(reply),
                                           page](const result<principal>& who) mutable {
                      if (!who)
                        return reply.respond(error_response(who.error()));
                      if (!who->scopes.contains(scope::cloud_admin))
                        return reply.respond(error_response(
                            {error_code::scope, "the metrics of a server need the scope "
                                                "cloud-admin, or a client on the same machine"}));
                      reply.respond(page_response(page()));
                    }});
  };
  return {"GET", "/metrics", handle};
}

} // namespace crm::transport
