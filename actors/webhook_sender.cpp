// SPDX-License-Identifier: Apache-2.0
#include "actors/webhook_sender.hpp"

#include "actors/fault_points.hpp"
#include "actors/guard.hpp"
#include "protocol/limits.hpp"

#include <curl/curl.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <mutex>

namespace crm::actors {

namespace {

/// What of an answer's body is kept in the journal.
constexpr std::size_t kept_body_bytes = 4 * 1024;

/// One exchange while libcurl runs it.
struct exchange {
  const webhook_rules& rules;
  std::string body;
  bool refused_address = false;
  bool too_large = false;
};

/// libcurl lays the address out at the end of its struct, longer than a plain sockaddr.
bool may_connect(const curl_sockaddr& target, target_rules rules) {
  const void* address = &target.addr;
  if (target.family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, address, sizeof v4);
    ipv4_address bytes{};
    std::memcpy(bytes.data(), &v4.sin_addr, bytes.size());
    return is_public(bytes) || (rules == target_rules::loopback_too && is_loopback(bytes));
  }
  if (target.family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, address, sizeof v6);
    ipv6_address bytes{};
    std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
    return is_public(bytes) || (rules == target_rules::loopback_too && is_loopback(bytes));
  }
  return false;
}

/// Called between resolution and connect with the very address that would be connected to, so that
/// a name that resolves differently the second time gains nothing.
curl_socket_t open_socket(void* of, curlsocktype, curl_sockaddr* address) {
  auto& running = *static_cast<exchange*>(of);
  if (!may_connect(*address, running.rules.targets)) {
    running.refused_address = true;
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

std::size_t read_body(char* data, std::size_t size, std::size_t count, void* to) {
  auto& running = *static_cast<exchange*>(to);
  const std::size_t bytes = size * count;
  if (running.body.size() + bytes > limits::webhook_reply_bytes_max) {
    running.too_large = true;
    return 0;
  }
  running.body.append(data, bytes);
  return bytes;
}

/// Called at least once a second: a program that ends waits for nobody.
int is_ending(void* of, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  const auto& running = *static_cast<exchange*>(of);
  return running.rules.ending && *running.rules.ending ? 1 : 0;
}

/// Journals are JSON: what is no plain text of ASCII is left out.
std::string printable(std::string body) {
  body.resize(std::min(body.size(), kept_body_bytes));
  std::erase_if(body, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x7F || (byte < 0x20 && c != '\n' && c != '\t');
  });
  return body;
}

struct handle_deleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using curl_handle = std::unique_ptr<CURL, handle_deleter>;
using header_list = std::unique_ptr<curl_slist, handle_deleter>;

header_list headers_of(const webhook_request& message) {
  curl_slist* list = nullptr;
  for (const std::string& line :
       {std::string{"Content-Type: application/json"}, "webhook-id: " + message.id,
        "webhook-timestamp: " + message.timestamp, "webhook-signature: " + message.signature,
        std::string{"Expect:"}}) {
    if (curl_slist* longer = curl_slist_append(list, line.c_str()); longer != nullptr)
      list = longer;
  }
  return header_list{list};
}

void configure(CURL* handle, const webhook_request& message, curl_slist* headers,
               exchange& running) {
  const bool tls = message.url.starts_with("https:");
  curl_easy_setopt(handle, CURLOPT_URL, message.url.c_str());
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, tls ? "https" : "http");
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(handle, CURLOPT_PROXY, "");
  curl_easy_setopt(handle, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_USERAGENT, "vantage-crm/" CRM_VERSION);
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(handle, CURLOPT_POSTFIELDS, message.body.c_str());
  curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE, static_cast<long>(message.body.size()));
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(limits::webhook_connect_timeout_ms.count()));
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(running.rules.timeout_ms.count()));
  curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, open_socket);
  curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, &running);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, read_body);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &running);
  curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, is_ending);
  curl_easy_setopt(handle, CURLOPT_XFERINFODATA, &running);
}

} // namespace

webhook_answer deliver(const webhook_request& message, const webhook_rules& rules) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  webhook_answer answer;
  answer.step = message.step;
  if (const std::string complaint = check_target_url(message.url, rules.targets);
      !complaint.empty()) {
    answer.failure = "the target must be " + complaint;
    answer.permanent = true;
    return answer;
  }
  const curl_handle handle{curl_easy_init()};
  const header_list headers = headers_of(message);
  if (handle == nullptr || headers == nullptr) {
    answer.failure = "out of memory";
    return answer;
  }
  exchange running{rules, {}};
  configure(handle.get(), message, headers.get(), running);
  const CURLcode code = curl_easy_perform(handle.get());
  long status = 0;
  curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
  curl_off_t retry_after_s = 0;
  curl_easy_getinfo(handle.get(), CURLINFO_RETRY_AFTER, &retry_after_s);
  if (retry_after_s > 0)
    answer.retry_after_ms = std::min<std::int64_t>(retry_after_s, 86'400) * 1'000;
  answer.body = printable(std::move(running.body));
  // An answer that is too large is an answer: its status stands, its body is cut.
  if (code == CURLE_OK || running.too_large)
    answer.status = static_cast<int>(status);
  else
    answer.failure = running.refused_address ? "the address is not public"
                                             : std::string{curl_easy_strerror(code)};
  answer.permanent = running.refused_address;
  return answer;
}

webhook_actor::behavior_type webhook_state::make_behavior(webhook_rules rules) {
  guard_against_exceptions(self_, name);
  return {
      [this, rules = std::move(rules)](const send_webhook& message) {
        fault_point("webhook.sending");
        webhook_answer answer = deliver(message.message, rules);
        fault_point("webhook.sent");
        self_->send(message.from, webhook_answered{std::move(answer)});
      },
  };
}

webhook_actor::behavior_type webhook_sender(webhook_actor::stateful_pointer<webhook_state> self,
                                            webhook_rules rules) {
  return self->state.make_behavior(std::move(rules));
}

} // namespace crm::actors
