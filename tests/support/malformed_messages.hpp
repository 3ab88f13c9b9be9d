// SPDX-License-Identifier: Apache-2.0
// Messages that are almost right, made from good ones by a seeded generator.
#pragma once

#include "tests/support/mcp_client.hpp"

#include <array>
#include <cstdint>
#include <random>
#include <string>

namespace crm::test {

/// What has to come back for a message, by the tables of the protocol.
struct expected_answer {
  enum class kind : std::uint8_t {
    /// Nothing: a notification.
    none,
    /// An error about the message itself.
    refusal,
    /// Whatever the method says.
    any
  };
  kind what;
  /// The error's code, for a refusal.
  int code = 0;
  /// The id that is echoed; null when it cannot be read.
  json id = nullptr;
  bool modern = false;
};

/// Judges a text as JSON-RPC 2.0 and the revisions of MCP do, without the server's own reader.
inline expected_answer expected_for(const std::string& text) {
  using kind = expected_answer::kind;
  const auto value = parse_json(text);
  if (!value)
    return {kind::refusal, -32700};
  if (!value->is_object())
    return {kind::refusal, -32600};
  const bool has_id = value->contains("id");
  const json id = value->value("id", json());
  if (has_id && !id.is_string() && !id.is_number_integer())
    return {kind::refusal, -32600};
  const json method = value->value("method", json());
  const bool good = value->value("jsonrpc", json()) == "2.0" && method.is_string()
                    && !value->contains("result") && !value->contains("error");
  if (!good)
    return {kind::refusal, -32600, id};
  const json params = value->value("params", json());
  const json meta = params.is_object() ? params.value("_meta", json()) : json();
  const bool modern = meta.is_object() && meta.contains("io.modelcontextprotocol/protocolVersion");
  return {has_id ? kind::any : kind::none, 0, id, modern};
}

/// Returns why an answer is not the expected one, or an empty text.
inline std::string judge(const expected_answer& expected, const json& answer) {
  if (expected.what == expected_answer::kind::none)
    return answer.is_null() ? "" : "a notification was answered";
  if (!answer.is_object() || answer.value("jsonrpc", json()) != "2.0")
    return "no JSON-RPC message came back";
  if (answer.value("id", json()) != expected.id)
    return "another id came back";
  if (answer.contains("result") == answer.contains("error"))
    return "a result and an error, or neither";
  if (expected.what == expected_answer::kind::any)
    return {};
  const json code = answer.value("error", json::object()).value("code", json());
  return code == expected.code ? "" : "another code: " + code.dump();
}

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
