// SPDX-License-Identifier: Apache-2.0
#include "transport/http/request_reader.hpp"

#include "transport/http/character_classes.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace crm::transport {

namespace {

constexpr auto npos = std::string_view::npos;

enum class body_rule : std::uint8_t { refused, required };

struct known_method {
  std::string_view name;
  body_rule body;
};

constexpr std::array<known_method, 7> methods{{
    {"GET", body_rule::refused},
    {"POST", body_rule::required},
    {"HEAD", body_rule::refused},
    {"PUT", body_rule::required},
    {"PATCH", body_rule::required},
    {"DELETE", body_rule::refused},
    {"OPTIONS", body_rule::refused},
}};

const known_method* find_method(std::string_view name) {
  const auto* found = std::find_if(methods.begin(), methods.end(),
                                   [&](const known_method& m) { return m.name == name; });
  return found == methods.end() ? nullptr : found;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
    text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
    text.remove_suffix(1);
  return text;
}

bool list_has(std::string_view list, std::string_view item) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    if (same_ignoring_case(trim(list.substr(0, comma)), item))
      return true;
    list = comma == npos ? std::string_view{} : list.substr(comma + 1);
  }
  return false;
}

/// Percent-encoding has to be whole, and no path of ours holds a NUL.
bool escapes_are_whole(std::string_view path) {
  for (std::size_t at = path.find('%'); at != npos; at = path.find('%', at + 1)) {
    const std::string_view digits = path.substr(at + 1, 2);
    if (digits.size() < 2 || !hex_bytes.has_all(digits) || digits == "00")
      return false;
  }
  return true;
}

/// uri-host [ ":" port ] of RFC 9110, section 7.2; an empty host names nobody.
bool is_host(std::string_view value) {
  std::string_view port;
  if (value.starts_with('[')) {
    const std::size_t end = value.find(']');
    if (end == npos || end < 3 || !host_bytes.has_all(value.substr(1, end - 1)))
      return false;
    port = value.substr(end + 1);
  } else {
    const std::size_t colon = value.find(':');
    const std::string_view name = value.substr(0, colon);
    if (name.empty() || !host_bytes.has_all(name))
      return false;
    port = colon == npos ? std::string_view{} : value.substr(colon);
  }
  return port.empty()
         || (port.front() == ':' && port.size() <= 6 && digit_bytes.has_all(port.substr(1)));
}

/// cpp-httplib and CGI put the connection's own addresses under these names (CVE-2025-66570).
bool shadows_connection(std::string_view name) {
  constexpr std::array<std::string_view, 4> reserved{"remote_addr", "remote_port", "local_addr",
                                                     "local_port"};
  std::string spelled{name};
  std::replace(spelled.begin(), spelled.end(), '-', '_');
  return std::any_of(reserved.begin(), reserved.end(),
                     [&](std::string_view r) { return same_ignoring_case(r, spelled); });
}

} // namespace

reading request_reader::refuse(int status, std::string_view reason) {
  why_ = {status, reason};
  persistence_ = persistence::close;
  return reading::refused;
}

reading_step request_reader::read(std::string_view bytes) {
  switch (part_) {
  case part::request_line:
  case part::headers:
    return read_head(bytes);
  case part::fixed_body:
    return read_fixed_body(bytes);
  case part::chunked_body: {
    const reading_step step = chunks_.decode(bytes, request_.body, body_bytes_max_, *limits_);
    if (step.state == reading::complete)
      part_ = part::done;
    else if (step.state == reading::refused)
      refuse(chunks_.why().status, chunks_.why().reason);
    return step;
  }
  case part::done:
    break;
  }
  return {reading::complete, 0};
}

reading request_reader::limit_body(std::size_t bytes_max) {
  body_bytes_max_ = std::min(body_bytes_max_, bytes_max);
  return body_left_ > body_bytes_max_ ? refuse(413, body_too_large) : reading::needs_more;
}

reading_step request_reader::read_fixed_body(std::string_view bytes) {
  // Room is made for what is here, not for what the length claims.
  const std::size_t taken = std::min(body_left_, bytes.size());
  request_.body.append(bytes.substr(0, taken));
  body_left_ -= taken;
  if (body_left_ > 0)
    return {reading::needs_more, taken};
  part_ = part::done;
  return {reading::complete, taken};
}

reading_step request_reader::read_head(std::string_view bytes) {
  for (;;) {
    const std::size_t line_end = bytes.find('\n', scanned_);
    if (line_end == npos) {
      scanned_ = bytes.size();
      if (part_ == part::request_line && scanned_ > line_at_ && bytes[line_at_] != '\r'
          && !token_bytes.has(bytes[line_at_]))
        return {refuse(400, "this is not HTTP"), 0};
      return {refuse_long_line(bytes, bytes.size() - line_at_), 0};
    }
    if (line_end == line_at_ || bytes[line_end - 1] != '\r')
      return {refuse(400, "a line of the head must end with CRLF"), 0};
    if (refuse_long_line(bytes, line_end + 1 - line_at_) == reading::refused)
      return {reading::refused, 0};
    const std::string_view line = bytes.substr(line_at_, line_end - 1 - line_at_);
    line_at_ = scanned_ = line_end + 1;
    const reading outcome = read_line(bytes, line);
    if (outcome == reading::refused)
      return {outcome, 0};
    if (outcome == reading::head_complete)
      return {outcome, line_at_};
  }
}

reading request_reader::refuse_long_line(std::string_view bytes, std::size_t line_bytes) {
  constexpr std::size_t crlf_bytes = 2;
  if (part_ == part::request_line)
    return line_bytes > limits_->request_line_bytes_max + crlf_bytes
               ? refuse(414, "the request line is too long")
               : reading::needs_more;
  const std::size_t head_bytes = std::min(bytes.size(), line_at_ + line_bytes);
  if (line_bytes > limits_->header_bytes_max + crlf_bytes)
    return refuse(431, "a header line is too long");
  return head_bytes > limits_->head_bytes_max + crlf_bytes
             ? refuse(431, "the headers are too large together")
             : reading::needs_more;
}

reading request_reader::read_line(std::string_view bytes, std::string_view line) {
  if (part_ == part::headers)
    return line.empty() ? finish_head() : read_header(line);
  if (!line.empty()) {
    const reading outcome = read_request_line(line);
    if (outcome != reading::refused) {
      part_ = part::headers;
      request_.headers.reserve(std::min(bytes.size(), limits_->head_bytes_max));
    }
    return outcome;
  }
  // RFC 9112, section 2.2: a server should ignore an empty line ahead of a request.
  if (blank_bytes_ > 0)
    return refuse(400, "empty lines stand where a request should begin");
  blank_bytes_ = line_at_;
  return reading::needs_more;
}

reading request_reader::read_request_line(std::string_view line) {
  const std::size_t method_end = line.find(' ');
  const std::string_view method = line.substr(0, method_end);
  if (method_end == npos || !token_bytes.has_all(method) || method.empty())
    return refuse(400, "the request line is not of the form: method target version");
  const std::string_view after = line.substr(method_end + 1);
  const std::size_t target_end = after.find(' ');
  const std::string_view target = after.substr(0, target_end);
  if (target_end == npos)
    return target.starts_with('/') ? refuse(505, "HTTP/0.9 is not spoken here; send HTTP/1.1")
                                   : refuse(400, "the request line has no version");
  const std::string_view version = after.substr(target_end + 1);
  if (version.size() != 8 || !version.starts_with("HTTP/") || !digit_bytes.has(version[5])
      || version[6] != '.' || !digit_bytes.has(version[7]))
    return refuse(400, "the request line is not of the form: method target version");
  if (version[5] != '1' || version[7] > '1')
    return refuse(505, "only HTTP/1.1 and HTTP/1.0 are spoken here");
  minor_version_ = version[7] == '1' ? 1 : 0;
  if (minor_version_ == 0)
    persistence_ = persistence::close;
  if (find_method(method) == nullptr)
    return refuse(501, "no path knows this method");
  request_.method = method;
  return read_target(target);
}

reading request_reader::read_target(std::string_view target) {
  if (!target.starts_with('/') || !target_bytes.has_all(target))
    return refuse(400, "the target must be a path with an optional query");
  const std::size_t question = target.find('?');
  const std::string_view path = target.substr(0, question);
  if (path.size() > limits_->path_bytes_max)
    return refuse(414, "the path is too long");
  if (!escapes_are_whole(path))
    return refuse(400, "the path holds a broken percent escape");
  request_.path = path;
  if (question != npos)
    request_.query = target.substr(question + 1);
  return reading::needs_more;
}

reading request_reader::read_header(std::string_view line) {
  if (request_.headers.size() >= limits_->headers_max)
    return refuse(431, "there are too many headers");
  // A name must touch its colon, and a line that begins with a space would continue the last one
  // (RFC 9112, sections 5.1 and 5.2): both have been used to smuggle requests.
  const std::size_t colon = line.find(':');
  const std::string_view name = line.substr(0, colon);
  if (colon == npos || name.empty() || !token_bytes.has_all(name))
    return refuse(400, "a header line is not of the form name: value");
  const std::string_view value = trim(line.substr(colon + 1));
  if (!value_bytes.has_all(value))
    return refuse(400, "a header value holds control characters");
  return note_header(name, value);
}

reading request_reader::note_header(std::string_view name, std::string_view value) {
  const auto is = [&](std::string_view known) { return same_ignoring_case(name, known); };
  reading outcome = reading::needs_more;
  switch (name.size()) {
  case 4:
    outcome = is("Host") ? note_single(single::host, value) : outcome;
    break;
  case 6:
    outcome = is("Expect")   ? note_single(single::expect, value)
              : is("Origin") ? note_single(single::origin, value)
                             : outcome;
    break;
  case 10:
    if (is("Connection") && list_has(value, "close"))
      persistence_ = persistence::close;
    [[fallthrough]];
  case 11:
    if (shadows_connection(name))
      return refuse(400, "a header has a name that only the server may set");
    break;
  case 12:
    outcome = is("Content-Type") ? note_single(single::content_type, value) : outcome;
    break;
  case 13:
    outcome = is("Authorization") ? note_single(single::authorization, value) : outcome;
    break;
  case 14:
    outcome = is("Content-Length") ? note_single(single::content_length, value) : outcome;
    break;
  case 16:
    outcome = is("Content-Encoding") ? note_single(single::content_encoding, value) : outcome;
    break;
  case 17:
    outcome = is("Transfer-Encoding") ? note_single(single::transfer_encoding, value) : outcome;
    break;
  default:
    break;
  }
  // Answers are never cut into ranges: 1,900 of them make 218 KB out of 11 bytes.
  if (outcome != reading::refused && !is("Range"))
    request_.headers.add(name, value);
  return outcome;
}

reading request_reader::note_single(single which, std::string_view value) {
  if (seen(which))
    return refuse(400, "a header that must be single is repeated");
  seen_ = static_cast<std::uint16_t>(seen_ | (1U << static_cast<unsigned>(which)));
  switch (which) {
  case single::host:
    return is_host(value) ? reading::needs_more : refuse(400, "Host is malformed");
  case single::content_length: {
    if (value.empty() || !digit_bytes.has_all(value))
      return refuse(400, "Content-Length must be decimal digits");
    const auto [end, problem] =
        std::from_chars(value.data(), value.data() + value.size(), body_left_);
    if (problem == std::errc::result_out_of_range)
      return refuse(413, body_too_large);
    return reading::needs_more;
  }
  case single::transfer_encoding:
    chunked_ = same_ignoring_case(value, "chunked");
    return chunked_ ? reading::needs_more
                    : refuse(501, "the only transfer encoding known here is chunked");
  case single::content_encoding:
    return same_ignoring_case(value, "identity")
               ? reading::needs_more
               : refuse(415, "send the body without a content encoding");
  case single::expect:
    expects_continue_ = same_ignoring_case(value, "100-continue");
    return expects_continue_ ? reading::needs_more
                             : refuse(417, "the only expectation known here is 100-continue");
  case single::content_type:
  case single::authorization:
  case single::origin:
    break;
  }
  return reading::needs_more;
}

reading request_reader::finish_head() {
  if (minor_version_ == 1 && !seen(single::host))
    return refuse(400, "Host is missing");
  if (check_body_framing() == reading::refused)
    return reading::refused;
  body_bytes_max_ = limits_->body_bytes_max;
  part_ = chunked_ ? part::chunked_body : part::fixed_body;
  return reading::head_complete;
}

reading request_reader::check_body_framing() {
  if (chunked_ && seen(single::content_length))
    return refuse(400, "Content-Length and Transfer-Encoding exclude each other");
  if (chunked_ && minor_version_ == 0)
    return refuse(400, "HTTP/1.0 has no Transfer-Encoding");
  if (find_method(request_.method)->body == body_rule::refused)
    return has_body() ? refuse(400, "this method takes no body") : reading::needs_more;
  if (!chunked_ && !seen(single::content_length))
    return refuse(411, "send Content-Length, or the body in chunks");
  return body_left_ > limits_->body_bytes_max ? refuse(413, body_too_large) : reading::needs_more;
}

} // namespace crm::transport
