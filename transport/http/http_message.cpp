// SPDX-License-Identifier: Apache-2.0
#include "transport/http/http_message.hpp"

#include <algorithm>

namespace crm::transport {

namespace {

constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

/// Headers that an ordinary client sends, so that the list seldom grows.
constexpr std::size_t usual_headers = 12;

} // namespace

bool same_ignoring_case(std::string_view left, std::string_view right) {
  return left.size() == right.size()
         && std::equal(left.begin(), left.end(), right.begin(),
                       [](char l, char r) { return lower(l) == lower(r); });
}

std::optional<std::string_view> header_list::find(std::string_view name) const {
  for (std::size_t i = 0; i < size(); ++i)
    if (const header found = (*this)[i]; same_ignoring_case(found.name, name))
      return found.value;
  return std::nullopt;
}

std::size_t header_list::count(std::string_view name) const {
  std::size_t found = 0;
  for (std::size_t i = 0; i < size(); ++i)
    found += same_ignoring_case((*this)[i].name, name) ? 1 : 0;
  return found;
}

header_list::header header_list::operator[](std::size_t index) const {
  const span& at = spans_[index];
  const std::string_view text = text_;
  return {text.substr(at.name_at, at.name_bytes),
          text.substr(at.name_at + at.name_bytes, at.value_bytes)};
}

void header_list::add(std::string_view name, std::string_view value) {
  spans_.push_back({static_cast<std::uint32_t>(text_.size()),
                    static_cast<std::uint32_t>(name.size()),
                    static_cast<std::uint32_t>(value.size())});
  text_.append(name).append(value);
}

void header_list::reserve(std::size_t text_bytes) {
  text_.reserve(text_bytes);
  spans_.reserve(usual_headers);
}

http_response json_response(int status, std::string body) {
  return {status, {{"Content-Type", "application/json"}}, std::move(body)};
}

} // namespace crm::transport
