// SPDX-License-Identifier: Apache-2.0
// Messages that are almost right, made from good ones by a seeded generator.
#pragma once

#include "tests/support/mcp_client.hpp"

#include <array>
#include <random>
#include <string>

namespace crm::test {

/// Makes malformed messages, the same ones for the same seed.
class malformed_messages {
public:
  explicit malformed_messages(std::uint32_t seed) : random_(seed) {}

  /// Returns the next text; it holds no newline and no NUL.
  std::string next() {
    json message = good();
    std::string text;
    switch (pick(4)) {
    case 0:
      text = dump_json(message);
      text.resize(pick(text.size()) + 1);
      break;
    case 1:
      text = dump_json(message);
      for (std::size_t i = 0; i <= pick(3); ++i)
        text[pick(text.size())] = static_cast<char>(pick(255) + 1);
      break;
    case 2:
      replace_member(message);
      text = dump_json(message);
      break;
    default:
      text = std::string(pick(200), "[{"[pick(2)]) + dump_json(message);
    }
    for (char& c : text)
      if (c == '\n' || c == '\r')
        c = ' ';
    return text;
  }

private:
  std::size_t pick(std::size_t count) { return random_() % count; }

  json good() {
    const json call{{"name", "read_thing"}, {"arguments", {{"id", "x"}}}};
    const std::array<json, 6> all{legacy_request(1, "tools/call", call),
                                  modern_request(2, "tools/call", call),
                                  legacy_request(3, "resources/read", {{"uri", "crm://x"}}),
                                  modern_request(4, "tools/list"),
                                  legacy_request(5, "logging/setLevel", {{"level", "info"}}),
                                  modern_request(6, "prompts/get", {{"name", "x"}})};
    return all.at(pick(all.size()));
  }

  json odd_value() {
    const std::array<json, 9> odd{
        nullptr,           true, -1, 1.5, "", json::array(), json::object(), json::array({1}),
        "\xF0\x9F\x8D\x80"};
    return odd.at(pick(odd.size()));
  }

  /// Replaces or removes one member, at any depth.
  void replace_member(json& value) {
    auto at = value.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(pick(value.size())));
    if (at->is_object() && !at->empty() && pick(2) == 0)
      return replace_member(*at);
    if (pick(3) == 0)
      value.erase(at.key());
    else
      *at = odd_value();
  }

  std::mt19937 random_;
};

} // namespace crm::test
