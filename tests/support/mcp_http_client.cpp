// SPDX-License-Identifier: Apache-2.0
#include "tests/support/mcp_http_client.hpp"

#include <array>
#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace crm::test {

std::string mcp_answer::header(const std::string& name) const {
  for (std::size_t at = 0; at < head.size();) {
    const std::size_t end = head.find("\r\n", at);
    const std::string_view row = std::string_view{head}.substr(at, end - at);
    const std::size_t colon = row.find(": ");
    if (colon != row.npos && transport::same_ignoring_case(row.substr(0, colon), name))
      return std::string{row.substr(colon + 2)};
    at = end == std::string::npos ? head.size() : end + 2;
  }
  return {};
}

mcp_http_connection::mcp_http_connection(std::uint16_t port)
    : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval patience{20, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error{"the server does not listen"};
}

void mcp_http_connection::close() {
  if (socket_ >= 0)
    ::close(std::exchange(socket_, -1));
}

void mcp_http_connection::send(const std::string& method, const header_map& headers,
                               const std::string& body) {
  std::string text = method + " /mcp HTTP/1.1\r\n";
  for (const auto& [name, value] : headers)
    if (!value.empty())
      text.append(name).append(": ").append(value).append("\r\n");
  text += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  std::string_view rest = text;
  while (!rest.empty()) {
    const auto size = ::send(socket_, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (size <= 0)
      return;
    rest.remove_prefix(static_cast<std::size_t>(size));
  }
}

bool mcp_http_connection::fill() {
  std::array<char, 16 * 1024> buffer{};
  const auto size = ::recv(socket_, buffer.data(), buffer.size(), 0);
  if (size <= 0)
    return false;
  kept_.append(buffer.data(), static_cast<std::size_t>(size));
  return true;
}

std::string mcp_http_connection::line() {
  std::size_t end = 0;
  while ((end = kept_.find("\r\n")) == std::string::npos)
    if (!fill())
      return {};
  std::string text = kept_.substr(0, end);
  kept_.erase(0, end + 2);
  return text;
}

std::string mcp_http_connection::bytes(std::size_t size) {
  while (kept_.size() < size && fill())
    continue;
  std::string text = kept_.substr(0, size);
  kept_.erase(0, size);
  return text;
}

mcp_answer mcp_http_connection::head() {
  mcp_answer read;
  const std::string status = line();
  if (status.size() > 12)
    read.status = std::stoi(status.substr(9, 3));
  for (std::string row = line(); !row.empty(); row = line())
    read.head += row + "\r\n";
  return read;
}

mcp_answer mcp_http_connection::answer() {
  mcp_answer read = head();
  if (const std::string length = read.header("Content-Length"); !length.empty())
    read.body = bytes(std::stoul(length));
  else if (!read.header("Transfer-Encoding").empty())
    while (next_chunk())
      read.body += std::exchange(stream_, {});
  return read;
}

bool mcp_http_connection::next_chunk() {
  const std::string size_text = line();
  if (size_text.empty())
    return false;
  const std::size_t size = std::stoul(size_text, nullptr, 16);
  if (size > 0)
    stream_ += bytes(size);
  line();
  return size > 0;
}

std::string mcp_http_connection::event() {
  for (;;) {
    if (const std::size_t end = stream_.find("\n\n"); end != std::string::npos) {
      std::string text = stream_.substr(0, end);
      stream_.erase(0, end + 2);
      return text;
    }
    if (!next_chunk())
      return {};
  }
}

json mcp_http_connection::event_message() {
  for (std::string text = event(); !text.empty(); text = event()) {
    const std::size_t data = text.find("data: {");
    if (data != std::string::npos)
      return json::parse(text.substr(data + 6));
  }
  return nullptr;
}

mcp_http_server::mcp_http_server(const mcp_parts& wanted, bool authenticated)
    : parts(wanted), authenticated_(authenticated) {
  start();
}

mcp_http_server::~mcp_http_server() {
  endpoint_->end_streams();
}

void mcp_http_server::start() {
  transport::endpoint_options options;
  if (!authenticated_)
    options.callers.everyone = local_user{"w1", "ann"};
  options.gate.public_url = [] { return std::string{"https://crm.example.com"}; };
  endpoint_ =
      std::make_shared<transport::mcp_endpoint>(parts.server, parts.gateway, std::move(options));
  front_ = std::make_unique<transport::http_front>(transport::http_options{}, endpoint_->routes());
  if (const auto started = front_->start(); !started)
    throw std::runtime_error{started.error().message};
}

void mcp_http_server::restart() {
  endpoint_->end_streams();
  front_.reset();
  endpoint_.reset();
  start();
}

header_map mcp_http_server::with_defaults(const header_map& extra) {
  header_map all = extra;
  for (const auto& [name, value] : {std::pair{"Host", "127.0.0.1"},
                                    {"Content-Type", "application/json"},
                                    {"Accept", "application/json, text/event-stream"}})
    if (!extra.contains(name))
      all.emplace(name, value);
  return all;
}

mcp_answer mcp_http_server::exchange(const std::string& method, const header_map& extra,
                                     const std::string& body) {
  mcp_http_connection connection{port()};
  connection.send(method, with_defaults(extra), body);
  return connection.answer();
}

header_map mcp_http_server::modern_headers(const json& request, const header_map& extra) {
  header_map all = extra;
  const auto add = [&](const std::string& name, const json& value) {
    if (value.is_string() && !extra.contains(name))
      all.emplace(name, value.get<std::string>());
  };
  const json params = request.value("params", json::object());
  add("MCP-Protocol-Version", "2026-07-28");
  add("Mcp-Method", request.value("method", json()));
  add("Mcp-Name", params.value("name", params.value("uri", json())));
  return all;
}

mcp_answer mcp_http_server::modern(const json& request, const header_map& extra) {
  return post(request, modern_headers(request, extra));
}

header_map mcp_http_server::open_session(const std::string& version, const json& capabilities,
                                         const header_map& extra) {
  const auto opened = post(legacy_request(0, "initialize",
                                          {{"protocolVersion", version},
                                           {"capabilities", capabilities},
                                           {"clientInfo", {{"name", "t"}, {"version", "1"}}}}),
                           extra);
  header_map all = extra;
  all.emplace("Mcp-Session-Id", opened.header("Mcp-Session-Id"));
  return all;
}

} // namespace crm::test
