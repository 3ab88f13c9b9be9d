// SPDX-License-Identifier: Apache-2.0
#include "transport/http/response_writer.hpp"

#include "transport/http/character_classes.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>

namespace crm::transport {

namespace {

std::string_view reason_phrase(int status) {
  switch (status) {
  case 200:
    return "OK";
  case 201:
    return "Created";
  case 202:
    return "Accepted";
  case 204:
    return "No Content";
  case 302:
    return "Found";
  case 303:
    return "See Other";
  case 304:
    return "Not Modified";
  case 400:
    return "Bad Request";
  case 401:
    return "Unauthorized";
  case 403:
    return "Forbidden";
  case 404:
    return "Not Found";
  case 405:
    return "Method Not Allowed";
  case 406:
    return "Not Acceptable";
  case 408:
    return "Request Timeout";
  case 409:
    return "Conflict";
  case 411:
    return "Length Required";
  case 413:
    return "Content Too Large";
  case 414:
    return "URI Too Long";
  case 415:
    return "Unsupported Media Type";
  case 417:
    return "Expectation Failed";
  case 429:
    return "Too Many Requests";
  case 431:
    return "Request Header Fields Too Large";
  case 500:
    return "Internal Server Error";
  case 501:
    return "Not Implemented";
  case 503:
    return "Service Unavailable";
  case 505:
    return "HTTP Version Not Supported";
  default:
    return "Status";
  }
}

void append_number(std::string& out, std::size_t number) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
}

void append_value(std::string& out, std::string_view value) {
  if (value_bytes.has_all(value)) {
    out.append(value);
    return;
  }
  constexpr std::string_view hex = "0123456789ABCDEF";
  for (const char c : value) {
    if (value_bytes.has(c)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += hex[byte >> 4U];
    out += hex[byte & 15U];
  }
}

/// The front alone says how long a response is and what becomes of the connection; a name that is
/// no token would break the head.
bool is_passed_on(std::string_view name) {
  constexpr std::array<std::string_view, 4> own{"Content-Length", "Transfer-Encoding", "Connection",
                                                "Date"};
  return !name.empty() && token_bytes.has_all(name)
         && std::none_of(own.begin(), own.end(),
                         [&](std::string_view o) { return same_ignoring_case(o, name); });
}

} // namespace

bool status_has_body(int status) {
  return status >= 200 && status != 204 && status != 304;
}

void append_head(std::string& out, const http_response& response, body_framing framing,
                 persistence after, std::string_view date_line) {
  out.append("HTTP/1.1 ");
  append_number(out, static_cast<std::size_t>(std::clamp(response.status, 200, 999)));
  out.append(" ").append(reason_phrase(response.status)).append("\r\n").append(date_line);
  for (const response_header& header : response.headers) {
    if (!is_passed_on(header.name))
      continue;
    out.append(header.name).append(": ");
    append_value(out, header.value);
    out.append("\r\n");
  }
  if (framing == body_framing::chunks) {
    out.append("Transfer-Encoding: chunked\r\n");
  } else if (framing == body_framing::length && status_has_body(response.status)) {
    out.append("Content-Length: ");
    append_number(out, response.body.size());
    out.append("\r\n");
  }
  out.append(after == persistence::close ? "Connection: close\r\n\r\n" : "\r\n");
}

std::string date_line(std::chrono::system_clock::time_point now) {
  constexpr std::array<const char*, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                               "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  // Not strftime: its names of days and months follow the locale.
  std::array<char, 64> line{};
  const int bytes =
      std::snprintf(line.data(), line.size(), "Date: %s, %02d %s %04d %02d:%02d:%02d GMT\r\n",
                    days.at(static_cast<std::size_t>(utc.tm_wday)), utc.tm_mday,
                    months.at(static_cast<std::size_t>(utc.tm_mon)), utc.tm_year + 1900,
                    utc.tm_hour, utc.tm_min, utc.tm_sec);
  return {line.data(), static_cast<std::size_t>(bytes)};
}

} // namespace crm::transport
