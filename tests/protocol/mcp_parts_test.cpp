// SPDX-License-Identifier: Apache-2.0
#include "protocol/mcp/base64.hpp"
#include "protocol/mcp/revision.hpp"
#include "protocol/mcp/routing_headers.hpp"
#include "protocol/mcp/signed_text.hpp"
#include "protocol/mcp/uri_template.hpp"
#include "tests/support/test_surroundings.hpp"

#include <doctest/doctest.h>

namespace {

using namespace crm;
using namespace crm::mcp;

} // namespace

TEST_CASE("base64url gives back what it was given") {
  for (const std::string_view bytes : {std::string_view{}, std::string_view{"a"},
                                       std::string_view{"ab"}, std::string_view{"\0\xFF\x7F", 3}})
    CHECK(base64url_decoded(base64url_encoded(bytes)) == bytes);
  for (const char* bad : {"a", "ab=", "a+b/", "aB", "abcd "})
    CHECK_FALSE(base64url_decoded(bad));
}

TEST_CASE("a header value is decoded only between both markers") {
  CHECK(decode_header_value("=?base64?WsO8cmljaA==?=") == "Zürich");
  CHECK(decode_header_value("=?base64?"
                            "?=")
        == "");
  CHECK(decode_header_value("=?BASE64?WsO8?=") == "=?BASE64?WsO8?=");
  CHECK(decode_header_value("=?base64?WsO8") == "=?base64?WsO8");
  CHECK(decode_header_value("WsO8?=") == "WsO8?=");
  for (const char* bad : {"=?base64?WsO8cmljaA?=", "=?base64?Ws*8?=", "=?base64?WsO8cmljaB==?="})
    CHECK_FALSE(decode_header_value(bad));
}

TEST_CASE("parameter headers say what the arguments say") {
  const json schema{{"properties",
                     {{"region", {{"type", "string"}, {"x-mcp-header", "Region"}}},
                      {"count", {{"type", "integer"}, {"x-mcp-header", "Count"}}},
                      {"on", {{"type", "boolean"}, {"x-mcp-header", "On"}}}}}};
  const auto good = [&](std::map<std::string, std::string, std::less<>> params, const json& args) {
    routing_headers headers;
    headers.params = std::move(params);
    return !check_parameter_headers(headers, schema, args);
  };
  CHECK(good({}, json::object()));
  CHECK(good({{"region", "eu"}}, {{"region", "eu"}}));
  CHECK(good({{"count", "42.0"}, {"on", "true"}}, {{"count", 42}, {"on", true}}));
  CHECK(good({}, {{"region", nullptr}}));
  CHECK_FALSE(good({}, {{"region", "eu"}}));
  CHECK_FALSE(good({{"region", "eu"}}, json::object()));
  CHECK_FALSE(good({{"region", "EU"}}, {{"region", "eu"}}));
  CHECK_FALSE(good({{"count", "x"}}, {{"count", 42}}));
}

TEST_CASE("a template takes its own addresses apart, and no others") {
  const uri_template history{"crm://deal/{id}/history"};
  CHECK(history.match("crm://deal/deal_1/history") == json{{"id", "deal_1"}});
  CHECK(history.match("crm://deal/a%20b/history") == json{{"id", "a b"}});
  for (const char* other : {"crm://deal//history", "crm://deal/1", "crm://deal/1/history/x",
                            "crm://deal/a/b/history", "crm://deal/%zz/history"})
    CHECK_FALSE(history.match(other));
}

TEST_CASE("an address has a scheme and something behind it") {
  for (const char* good : {"crm://stages", "test://x", "urn:a", "a+b:c%20d"})
    CHECK(is_uri(good));
  for (const char* bad : {"", ":x", "crm:", "no uri", "1a:b", "crm://a b", "crm://\n"})
    CHECK_FALSE(is_uri(bad));
}

TEST_CASE("the era is decided by the body first, then by the header") {
  const auto era_name = [](const json& params, const char* method,
                           std::optional<std::string_view> header) -> std::string {
    const auto decided = era_of(rpc_request{1, method, params}, header);
    if (std::holds_alternative<rpc_error>(decided))
      return "mismatch";
    return *std::get_if<era>(&decided) == era::modern ? "modern" : "legacy";
  };
  const json claim{{"_meta", {{"io.modelcontextprotocol/protocolVersion", 5}}}};
  CHECK(era_name(claim, "tools/list", std::nullopt) == "modern");
  CHECK(era_name(claim, "initialize", "2025-11-25") == "modern");
  CHECK(era_name(json::object(), "initialize", std::nullopt) == "legacy");
  CHECK(era_name(json::object(), "initialize", "2026-07-28") == "mismatch");
  CHECK(era_name(json::object(), "tools/list", "2026-07-28") == "modern");
  CHECK(era_name(json::object(), "tools/list", "2099-01-01") == "modern");
  CHECK(era_name(json::object(), "tools/list", "2025-11-25") == "legacy");
  CHECK(era_name(json::object(), "tools/list", "garbage") == "legacy");
}

TEST_CASE("a signed text says what was signed, for its purpose and under its key only") {
  const test::test_environment world;
  const auto ours = test::surroundings_of(world);
  const auto others = test::surroundings_of(world, std::string(32, 'x'));
  const json claims{{"a", 1}};
  const std::string text = signed_text(ours, "one", claims);
  CHECK(verified_claims(ours, "one", text) == claims);
  CHECK_FALSE(verified_claims(ours, "two", text));
  CHECK_FALSE(verified_claims(others, "one", text));
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    CHECK_FALSE(verified_claims(ours, "one", changed));
  }
  CHECK_FALSE(verified_claims(ours, "one", ""));
}
