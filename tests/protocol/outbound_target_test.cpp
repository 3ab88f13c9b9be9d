// SPDX-License-Identifier: Apache-2.0
#include "protocol/outbound_target.hpp"

#include <doctest/doctest.h>

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>

#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace {

using crm::target_rules;

/// Reads an address in any form that the system's resolver takes for one: decimal, octal, short.
bool reaches_the_public(const std::string& host) {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0)
    return false;
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner{found, ::freeaddrinfo};
  if (found->ai_family == AF_INET) {
    crm::ipv4_address bytes{};
    sockaddr_in v4{};
    std::memcpy(&v4, found->ai_addr, sizeof v4);
    std::memcpy(bytes.data(), &v4.sin_addr, bytes.size());
    return crm::is_public(bytes);
  }
  crm::ipv6_address bytes{};
  sockaddr_in6 v6{};
  std::memcpy(&v6, found->ai_addr, sizeof v6);
  std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
  return crm::is_public(bytes);
}

/// The first, the last and one address between of every range that is not public, in the forms that
/// have fooled filters: whole, decimal, octal, hexadecimal, short, and carried within IPv6.
std::vector<std::string> forms_of(const std::string& dotted) {
  unsigned a = 0, b = 0, c = 0, d = 0;
  std::sscanf(dotted.c_str(), "%u.%u.%u.%u", &a, &b, &c, &d);
  const unsigned long whole = (static_cast<unsigned long>(a) << 24) | (b << 16) | (c << 8) | d;
  char text[64];
  std::vector<std::string> forms{dotted, std::to_string(whole)};
  std::snprintf(text, sizeof text, "0x%lx", whole);
  forms.emplace_back(text);
  std::snprintf(text, sizeof text, "0%lo", whole);
  forms.emplace_back(text);
  std::snprintf(text, sizeof text, "0%o.0%o.0%o.0%o", a, b, c, d);
  forms.emplace_back(text);
  std::snprintf(text, sizeof text, "%u.%lu", a, whole & 0xFFFFFF);
  forms.emplace_back(text);
  forms.push_back("::ffff:" + dotted);
  forms.push_back("64:ff9b::" + dotted);
  std::snprintf(text, sizeof text, "2002:%02x%02x:%02x%02x::1", a, b, c, d);
  forms.emplace_back(text);
  forms.push_back("::" + dotted);
  return forms;
}

} // namespace

TEST_CASE("no form of an address that is not public passes") {
  int forms = 0;
  for (const char* address :
       {"0.0.0.0",         "0.1.2.3",         "10.0.0.1",        "10.255.255.255",  "100.64.0.1",
        "100.127.255.255", "127.0.0.1",       "127.255.255.254", "169.254.169.254", "172.16.0.1",
        "172.31.255.255",  "192.0.0.8",       "192.0.2.1",       "192.88.99.1",     "192.168.0.1",
        "192.168.255.255", "198.18.0.1",      "198.19.255.255",  "198.51.100.7",    "203.0.113.9",
        "224.0.0.1",       "239.255.255.255", "240.0.0.1",       "255.255.255.255"}) {
    for (const std::string& form : forms_of(address)) {
      CAPTURE(form);
      CHECK(!reaches_the_public(form));
      ++forms;
    }
  }
  for (const char* address :
       {"::", "::1", "fc00::1", "fd12:3456::1", "fe80::1", "febf::1", "fec0::1", "ff02::1",
        "2001::1", "2001:db8::1", "2001:10::1", "2001:2::1", "3ffe::1", "3fff::1", "100::1",
        "64:ff9b:1::1", "4000::1", "::ffff:0:127.0.0.1"}) {
    CAPTURE(std::string{address});
    CHECK(!reaches_the_public(address));
    ++forms;
  }
  CHECK(forms >= 200);
}

TEST_CASE("addresses of the public internet pass") {
  for (const char* address : {"1.1.1.1", "8.8.8.8", "93.184.216.34", "172.32.0.1", "100.128.0.1",
                              "192.167.255.255", "223.255.255.255", "2606:4700::1111",
                              "2a00:1450:4001::1", "::ffff:8.8.8.8", "64:ff9b::808:808"}) {
    CAPTURE(std::string{address});
    CHECK(reaches_the_public(address));
  }
}

TEST_CASE("a webhook's URL is http or https to the scheme's port, and nothing else") {
  for (const char* url :
       {"https://example.com/hook", "http://example.com", "https://example.com:443/",
        "https://[2606:4700::1111]/x", "http://example.com:80/?a=b"}) {
    CAPTURE(std::string{url});
    CHECK(crm::check_target_url(url, target_rules::public_only).empty());
  }
  for (const char* url :
       {"", "example.com", "ftp://example.com", "file:///etc/passwd", "gopher://example.com",
        "https://", "https:///path", "https://:443/", "https://user@example.com/",
        "https://user:word@example.com/", "https://example.com:22/", "http://example.com:443/",
        "https://example.com/a\r\nb", "https://exa mple.com/", "https://ex\\ample.com/",
        "https://b\xC3\xBC"
        "cher.example/",
        "javascript:alert(1)", "//example.com"}) {
    CAPTURE(std::string{url});
    CHECK(!crm::check_target_url(url, target_rules::public_only).empty());
  }
  CHECK(crm::check_target_url("http://127.0.0.1:8080/", target_rules::loopback_too).empty());
}
