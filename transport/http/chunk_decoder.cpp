// SPDX-License-Identifier: Apache-2.0
#include "transport/http/chunk_decoder.hpp"

#include "transport/http/character_classes.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace crm::transport {

namespace {

constexpr std::string_view crlf = "\r\n";

/// Returns the size that a chunk's size line starts with: hexadecimal digits and nothing else, so
/// no sign, no prefix and no space (CVE-2026-45352 is a `-2` that strtoul took).
std::optional<std::size_t> chunk_size(std::string_view digits) {
  std::size_t size = 0;
  if (digits.empty() || !hex_bytes.has_all(digits))
    return std::nullopt;
  const auto [end, problem] =
      std::from_chars(digits.data(), digits.data() + digits.size(), size, 16);
  if (problem == std::errc::result_out_of_range)
    return SIZE_MAX;
  return size;
}

} // namespace

reading chunk_decoder::refuse(int status, std::string_view reason) {
  why_ = {status, reason};
  return reading::refused;
}

reading chunk_decoder::read_size_line(std::string_view line, std::size_t room) {
  const std::size_t semicolon = line.find(';');
  const auto size = chunk_size(line.substr(0, semicolon));
  if (!size)
    return refuse(400, "a chunk's size must be hexadecimal digits");
  if (semicolon != std::string_view::npos && !value_bytes.has_all(line.substr(semicolon)))
    return refuse(400, "a chunk extension holds control characters");
  if (*size > room)
    return refuse(413, body_too_large);
  left_ = *size;
  part_ = *size == 0 ? part::trailer : part::data;
  return reading::needs_more;
}

reading chunk_decoder::read_trailer_line(std::string_view line) {
  if (line.empty()) {
    part_ = part::done;
    return reading::complete;
  }
  const std::size_t colon = line.find(':');
  if (colon == 0 || colon == std::string_view::npos || !token_bytes.has_all(line.substr(0, colon))
      || !value_bytes.has_all(line.substr(colon + 1)))
    return refuse(400, "a trailer line is not of the form name: value");
  return reading::needs_more;
}

reading_step chunk_decoder::decode(std::string_view bytes, std::string& body,
                                   std::size_t body_bytes_max, const http_limits& limits) {
  std::size_t at = 0;
  while (part_ != part::done) {
    const std::string_view rest = bytes.substr(at);
    if (part_ == part::data) {
      const std::size_t taken = std::min(left_, rest.size());
      body.append(rest.substr(0, taken));
      at += taken;
      left_ -= taken;
      if (left_ > 0)
        return {reading::needs_more, at};
      part_ = part::data_end;
    } else if (part_ == part::data_end) {
      if (!crlf.starts_with(rest.substr(0, crlf.size())))
        return {refuse(400, "a chunk's data must end with CRLF"), at};
      if (rest.size() < crlf.size())
        return {reading::needs_more, at};
      at += crlf.size();
      part_ = part::size_line;
    } else {
      const bool in_trailer = part_ == part::trailer;
      const std::size_t line_max =
          in_trailer ? limits.trailer_bytes_max - trailer_bytes_ : limits.chunk_line_bytes_max;
      const std::size_t line_end = rest.substr(0, line_max + crlf.size()).find('\n');
      if (line_end == std::string_view::npos) {
        if (rest.size() >= line_max + crlf.size())
          return {in_trailer ? refuse(431, "the trailer section is too large")
                             : refuse(400, "a chunk's size line is too long"),
                  at};
        return {reading::needs_more, at};
      }
      if (line_end == 0 || rest[line_end - 1] != '\r')
        return {refuse(400, "a line of the chunked framing must end with CRLF"), at};
      const std::string_view line = rest.substr(0, line_end - 1);
      const reading outcome =
          in_trailer ? read_trailer_line(line) : read_size_line(line, body_bytes_max - body.size());
      if (outcome == reading::refused)
        return {outcome, at};
      at += line_end + 1;
      trailer_bytes_ += in_trailer ? line_end + 1 : 0;
    }
  }
  return {reading::complete, at};
}

} // namespace crm::transport
