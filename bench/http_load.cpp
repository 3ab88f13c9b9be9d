// SPDX-License-Identifier: Apache-2.0
#include "bench/http_load.hpp"

#include "bench/server_process.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <map>
#include <random>
#include <string_view>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

namespace crm::bench {

namespace {

using clock = std::chrono::steady_clock;

[[noreturn]] void fail(const char* doing) {
  give_up(std::string{doing} + ": " + std::strerror(errno));
}

} // namespace

int connect_to(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd < 0 || ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    fail("connect");
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

namespace {

/// How long an answer asks to wait; a second when it does not say.
std::chrono::seconds retry_after(std::string_view text) {
  constexpr std::string_view name = "Retry-After: ";
  const std::size_t at = text.find(name);
  int seconds = 1;
  if (at != text.npos)
    std::from_chars(text.data() + at + name.size(), text.data() + text.size(), seconds);
  return std::chrono::seconds{seconds};
}

constexpr int asked_again_at_once = 16;

/// Returns the size of the first complete answer in `text`, or 0 while it is incomplete.
std::size_t answer_size(std::string_view text) {
  const std::size_t head_end = text.find("\r\n\r\n");
  if (head_end == text.npos)
    return 0;
  constexpr std::string_view name = "Content-Length: ";
  const std::size_t at = text.substr(0, head_end).find(name);
  std::size_t length = 0;
  if (at != text.npos)
    std::from_chars(text.data() + at + name.size(), text.data() + head_end, length);
  const std::size_t size = head_end + 4 + length;
  return text.size() >= size ? size : 0;
}

int status_of(std::string_view answer) {
  int status = 0;
  if (answer.size() > 12)
    std::from_chars(answer.data() + 9, answer.data() + 12, status);
  return status;
}

struct connection {
  int fd = -1;
  std::uint64_t number = 0;
  clock::time_point sent_at;
  std::string received;
};

class load {
public:
  explicit load(const load_plan& plan) : plan_(plan), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    for (std::size_t i = 0; i < plan.connections; ++i)
      connections_.push_back({connect_to(plan.port), 0, {}, {}});
  }
  load(const load&) = delete;
  load& operator=(const load&) = delete;
  ~load() {
    for (const connection& each : connections_)
      ::close(each.fd);
    ::close(epoll_);
  }

  load_result run() {
    for (std::size_t i = 0; i < connections_.size(); ++i) {
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.u64 = i;
      ::epoll_ctl(epoll_, EPOLL_CTL_ADD, connections_[i].fd, &event);
      send_next(i);
    }
    const auto measure_from = clock::now() + plan_.warm_up;
    const auto end = measure_from + plan_.duration;
    std::array<epoll_event, 256> events{};
    for (auto now = clock::now(); now < end && !is_stopped(); now = clock::now()) {
      // Only some at once: an answer that is there must not wait for others' questions to be sent.
      for (int i = 0;
           i < asked_again_at_once && !waiting_.empty() && waiting_.begin()->first <= now; ++i) {
        const std::size_t connection = waiting_.begin()->second;
        waiting_.erase(waiting_.begin());
        send_next(connection);
      }
      const int ready =
          ::epoll_wait(epoll_, events.data(), events.size(), waiting_.empty() ? 100 : 1);
      for (int i = 0; i < ready; ++i)
        receive(events[static_cast<std::size_t>(i)].data.u64, measure_from);
    }
    measured_ = clock::now() - measure_from;
    return summary();
  }

private:
  void send_next(std::size_t index) {
    connection& it = connections_[index];
    const std::string request = plan_.request(index, it.number++);
    it.sent_at = clock::now();
    for (std::size_t sent = 0; sent < request.size();) {
      const auto size = ::send(it.fd, request.data() + sent, request.size() - sent, MSG_NOSIGNAL);
      if (size <= 0)
        return reconnect(index);
      sent += static_cast<std::size_t>(size);
    }
  }

  void receive(std::size_t index, clock::time_point measure_from) {
    connection& it = connections_[index];
    const auto size = ::recv(it.fd, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (size < 0 && errno == EAGAIN)
      return;
    if (size <= 0)
      return reconnect(index);
    it.received.append(buffer_.data(), static_cast<std::size_t>(size));
    if (answer_size(it.received) == 0)
      return;
    const auto now = clock::now();
    const int status = status_of(it.received);
    const bool last = it.received.find("Connection: close") != std::string::npos;
    const std::chrono::seconds wait =
        status == 200 ? std::chrono::seconds{0} : retry_after(it.received);
    it.received.clear();
    if (now >= measure_from) {
      ++result_.statuses[status];
      (status == 200 ? latencies_ : refusals_)
          .push_back(std::chrono::duration<float, std::milli>(now - it.sent_at).count());
    }
    // The server ends a connection after so many requests; that is no failure.
    if (last)
      open_again(index);
    if ((status == 429 || status == 503) && plan_.refused == after_refusal::wait)
      waiting_.emplace(now + wait + jitter(), index);
    else if (plan_.rest.count() > 0)
      waiting_.emplace(now + plan_.rest, index);
    else
      send_next(index);
  }

  void reconnect(std::size_t index) {
    ++result_.statuses[0];
    open_again(index);
    send_next(index);
  }

  void open_again(std::size_t index) {
    connection& it = connections_[index];
    ::close(it.fd);
    it.fd = connect_to(plan_.port);
    it.received.clear();
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = index;
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, it.fd, &event);
  }

  bool is_stopped() const { return plan_.stop != nullptr && plan_.stop->load(); }

  load_result summary() {
    result_.calls = latencies_.size();
    result_.calls_per_s =
        static_cast<double>(latencies_.size()) / std::chrono::duration<double>(measured_).count();
    result_.p50_ms = percentile(latencies_, 50);
    result_.p99_ms = percentile(latencies_, 99);
    result_.refused_p99_ms = percentile(refusals_, 99);
    return result_;
  }

  static double percentile(std::vector<float>& values, std::size_t percent) {
    if (values.empty())
      return 0;
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(values.size() * percent / 100);
    std::nth_element(values.begin(), at, values.end());
    return static_cast<double>(*at);
  }

  /// Clients that were refused together do not come back together.
  clock::duration jitter() {
    return std::chrono::milliseconds{std::uniform_int_distribution<int>{0, 1'000}(random_)};
  }

  const load_plan& plan_;
  int epoll_;
  std::vector<connection> connections_;
  std::vector<float> latencies_;
  std::vector<float> refusals_;
  /// Refused connections, by when they ask again.
  std::multimap<clock::time_point, std::size_t> waiting_;
  std::minstd_rand random_;
  clock::duration measured_{};
  std::array<char, 256 * 1024> buffer_{};
  load_result result_;
};

} // namespace

std::uint64_t load_result::failed() const {
  std::uint64_t count = 0;
  for (const auto& [status, answers] : statuses)
    count += status == 200 ? 0 : answers;
  return count;
}

load_result run_load(const load_plan& plan) {
  return load{plan}.run();
}

std::string call_request(const std::string& token, const std::string& tool,
                         const std::string& args) {
  const std::string body = R"({"tool":")" + tool + R"(","args":)" + args + "}";
  return "POST /mcp/call HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " + token
         + "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size())
         + "\r\n\r\n" + body;
}

std::string exchange(std::uint16_t port, const std::string& request) {
  const int fd = connect_to(port);
  if (::send(fd, request.data(), request.size(), MSG_NOSIGNAL)
      != static_cast<ssize_t>(request.size()))
    fail("send");
  std::string answer;
  std::array<char, 64 * 1024> buffer{};
  while (answer_size(answer) == 0) {
    const auto size = ::recv(fd, buffer.data(), buffer.size(), 0);
    if (size <= 0)
      fail("receive");
    answer.append(buffer.data(), static_cast<std::size_t>(size));
  }
  ::close(fd);
  return answer;
}

std::string fetch(std::uint16_t port, const std::string& request) {
  const std::string answer = exchange(port, request);
  return answer.substr(answer.find("\r\n\r\n") + 4);
}

void raise_file_limit() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

} // namespace crm::bench
