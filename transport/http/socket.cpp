// SPDX-License-Identifier: Apache-2.0
#include "transport/http/socket.hpp"

#include "protocol/limits.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

namespace crm::transport {

namespace {

void set_option(int descriptor, int level, int name, int value) {
  ::setsockopt(descriptor, level, name, &value, sizeof value);
}

// The sockets API passes every kind of address as a sockaddr.
sockaddr* as_sockaddr(sockaddr_storage& address) {
  return reinterpret_cast<sockaddr*>(&address);
}

std::string address_text(const sockaddr_storage& address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    ::inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
  } else if (address.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr))
      ::inet_ntop(AF_INET, &v6.sin6_addr.s6_addr[12], text, sizeof text);
    else
      ::inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
  }
  return text;
}

using address_list = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

unique_descriptor try_listen(const addrinfo& at) {
  unique_descriptor listener{
      ::socket(at.ai_family, at.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, at.ai_protocol)};
  if (!listener)
    return {};
  // REUSEADDR lets a restart have its port back; REUSEPORT would let two servers share it unseen.
  set_option(listener.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (::bind(listener.get(), at.ai_addr, at.ai_addrlen) != 0
      || ::listen(listener.get(), limits::listen_backlog) != 0)
    return {};
  return listener;
}

} // namespace

void unique_descriptor::reset(int descriptor) {
  if (descriptor_ >= 0)
    ::close(descriptor_);
  descriptor_ = descriptor;
}

accept_outcome accept_connection(int listener, accepted_socket& into) {
  for (;;) {
    sockaddr_storage address{};
    socklen_t address_bytes = sizeof address;
    const int descriptor =
        ::accept4(listener, as_sockaddr(address), &address_bytes, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor >= 0) {
      set_option(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
      into.descriptor.reset(descriptor);
      into.peer = address_text(address);
      return accept_outcome::accepted;
    }
    switch (errno) {
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      return accept_outcome::out_of_files;
    case EAGAIN:
      return accept_outcome::none;
    case EBADF:
    case EINVAL:
      return accept_outcome::none;
    // What is left concerns the one connection, which is gone already (accept(2), Linux notes).
    default:
      break;
    }
  }
}

result<unique_descriptor> listen_on(const std::string& host, std::uint16_t port) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int problem = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &found);
  if (problem != 0)
    return error{error_code::invalid_request,
                 "cannot listen on " + host + ": " + ::gai_strerror(problem)};
  const address_list addresses{found, &::freeaddrinfo};
  for (const addrinfo* at = addresses.get(); at != nullptr; at = at->ai_next)
    if (unique_descriptor listener = try_listen(*at))
      return listener;
  return error{error_code::invalid_request, "cannot listen on " + host + " port "
                                                + std::to_string(port) + ": "
                                                + std::generic_category().message(errno)};
}

std::uint16_t port_of(int listener) {
  sockaddr_storage address{};
  socklen_t address_bytes = sizeof address;
  if (::getsockname(listener, as_sockaddr(address), &address_bytes) != 0)
    return 0;
  return ntohs(address.ss_family == AF_INET6
                   ? reinterpret_cast<const sockaddr_in6&>(address).sin6_port
                   : reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

void probe_silent_peer(int descriptor) {
  constexpr int idle_s = 60;
  constexpr int interval_s = 15;
  constexpr int probes = 4;
  set_option(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, idle_s);
  set_option(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, interval_s);
  set_option(descriptor, IPPROTO_TCP, TCP_KEEPCNT, probes);
}

std::size_t raise_open_files_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
    return 1024;
  limit.rlim_cur = limit.rlim_max;
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0)
    ::getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

} // namespace crm::transport
