// SPDX-License-Identifier: Apache-2.0
#include "transport/http/route_table.hpp"

#include <algorithm>
#include <httplib.h>

namespace crm::transport {

namespace {

/// A request in memory. What the library answers is not needed: the exchange answers.
class request_in_memory final : public httplib::Stream {
public:
  explicit request_in_memory(std::string_view text) : left_(text) {}

  bool is_readable() const override { return !left_.empty(); }
  bool is_writable() const override { return true; }
  ssize_t read(char* into, std::size_t bytes_max) override {
    const std::size_t count = left_.copy(into, bytes_max);
    left_.remove_prefix(count);
    return static_cast<ssize_t>(count);
  }
  ssize_t write(const char*, std::size_t bytes) override { return static_cast<ssize_t>(bytes); }
  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  socket_t socket() const override { return INVALID_SOCKET; }

private:
  std::string_view left_;
};

/// The library takes a path for a regular expression; ours are literal.
std::string as_literal_pattern(std::string_view path) {
  std::string pattern;
  for (const char c : path) {
    if (std::string_view{R"(\^$.|?*+()[]{})"}.find(c) != std::string_view::npos)
      pattern += '\\';
    pattern += c;
  }
  return pattern;
}

} // namespace

class route_table::library final : public httplib::Server {
public:
  explicit library(const std::vector<route>& routes) {
    for (const route& r : routes) {
      add(r);
      texts_.push_back(r.method + ' ' + r.path + " HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
    }
    set_exception_handler([this](const httplib::Request&, httplib::Response&,
                                 const std::exception_ptr&) { outcome_ = run_outcome::threw; });
  }

  run_outcome run(std::size_t index, http_request request, exchange reply) {
    outcome_ = run_outcome::returned;
    request_ = std::move(request);
    reply_ = std::move(reply);
    request_in_memory stream{texts_[index]};
    bool closed = false;
    process_request(stream, true, closed, nullptr);
    // The library came to no handler only if it read our own text differently than we do.
    reply_ = {};
    return outcome_;
  }

private:
  /// The library's own way to read a socket stays unused.
  bool process_and_close_socket(socket_t) override { return false; }

  void add(const route& r) {
    const std::string pattern = as_literal_pattern(r.path);
    const Handler handler = [this, &r](const httplib::Request&, httplib::Response&) {
      r.handle(std::move(request_), std::move(reply_));
    };
    if (r.method == "GET")
      Get(pattern, handler);
    else if (r.method == "POST")
      Post(pattern, handler);
    else if (r.method == "PUT")
      Put(pattern, handler);
    else if (r.method == "PATCH")
      Patch(pattern, handler);
    else if (r.method == "DELETE")
      Delete(pattern, handler);
    else if (r.method == "OPTIONS")
      Options(pattern, handler);
  }

  std::vector<std::string> texts_;
  http_request request_;
  exchange reply_;
  run_outcome outcome_ = run_outcome::returned;
};

route_table::route_table(const std::vector<route>& routes)
    : routes_(routes), library_(std::make_unique<library>(routes)) {}

route_table::~route_table() = default;

std::size_t route_table::find(std::string_view method, std::string_view path) const {
  const std::string_view served_by = method == "HEAD" ? "GET" : method;
  const auto found = std::find_if(routes_.begin(), routes_.end(), [&](const route& r) {
    return r.path == path && r.method == served_by;
  });
  return found == routes_.end() ? npos : static_cast<std::size_t>(found - routes_.begin());
}

std::string route_table::allowed_methods(std::string_view path) const {
  std::string allowed;
  for (const route& r : routes_) {
    if (r.path != path)
      continue;
    allowed.append(allowed.empty() ? "" : ", ").append(r.method);
    if (r.method == "GET")
      allowed.append(", HEAD");
  }
  return allowed;
}

run_outcome route_table::run(std::size_t index, http_request request, exchange reply) {
  return library_->run(index, std::move(request), std::move(reply));
}

} // namespace crm::transport
