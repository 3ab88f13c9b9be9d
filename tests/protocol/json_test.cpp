// SPDX-License-Identifier: Apache-2.0
#include "protocol/json.hpp"

#include "protocol/limits.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using crm::json;
using crm::parse_json;
using namespace std::string_view_literals;

namespace {

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  out.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i)
    out += text;
  return out;
}

std::string nested(std::size_t levels) {
  return repeated("[", levels) + repeated("]", levels);
}

/// The reason for which a text is refused, or an empty text when it is not.
std::string refusal(std::string_view text) {
  const auto read = parse_json(text);
  if (read)
    return {};
  CHECK(read.error().code == crm::error_code::invalid_request);
  return read.error().message;
}

struct text_row {
  std::string_view what;
  std::string_view text;
};

} // namespace

TEST_CASE("a JSON text is read up to 64 levels and refused beyond, however deep it is") {
  const std::size_t most = crm::limits::json_depth_max;
  REQUIRE(most == 64);
  CHECK(parse_json(nested(most)));
  for (const std::size_t levels : {most + 1, std::size_t{100'000}, std::size_t{1'000'000}}) {
    CAPTURE(levels);
    CHECK(refusal(nested(levels)).find("64 levels") != std::string::npos);
    // Neither does it help to leave the brackets open, or to nest objects.
    CHECK(refusal(repeated("[", levels)).find("64 levels") != std::string::npos);
    CHECK(refusal(repeated(R"({"a":)", levels)).find("64 levels") != std::string::npos);
  }
}

TEST_CASE("a JSON text holds at most 100,000 values") {
  const std::size_t most = crm::limits::json_values_max;
  CHECK(parse_json("[" + repeated("0,", most - 2) + "0]"));
  CHECK(refusal("[" + repeated("0,", most - 1) + "0]").find("values") != std::string::npos);
  CHECK(refusal("[" + repeated("[],", 1'000'000) + "0]").find("values") != std::string::npos);
}

TEST_CASE("a key that stands twice in one object is refused, however it is spelt") {
  CHECK(refusal(R"({"a":1,"a":1})").find("\"a\" stands twice") != std::string::npos);
  CHECK(refusal(R"({"a":1,"\u0061":2})").find("\"a\" stands twice") != std::string::npos);
  CHECK(refusal(R"({"x":{"":1,"b":2,"":3}})").find("stands twice") != std::string::npos);
  CHECK(refusal(R"({"args":{"workspaceId":"a","x":[1],"workspaceId":"b"}})").find("workspaceId")
        != std::string::npos);
  // The same key in different objects, and keys that differ in case, are other keys.
  CHECK(parse_json(R"({"a":{"a":1},"A":[{"a":1},{"a":2}]})"));
}

TEST_CASE("a number that cannot be kept exactly is refused, every other one is kept") {
  const text_row refused[] = {
      {"2^64", "18446744073709551616"},
      {"below -2^63", "-9223372036854775809"},
      {"thirty digits", "123456789012345678901234567890"},
      {"beyond a double", "1e999"},
      {"beyond a double, negative", "-1e999"},
      {"NaN", "NaN"},
      {"Infinity", "Infinity"},
      {"a leading plus", "+1"},
      {"a leading zero", "01"},
      {"a lone point", "1."},
      {"no digit before the point", ".5"},
      {"hexadecimal", "0x10"},
      {"a lone minus", "-"},
  };
  for (const text_row& row : refused) {
    CAPTURE(row.what);
    CHECK(!refusal(row.text).empty());
    CHECK(!refusal("[" + std::string{row.text} + "]").empty());
  }
  for (const std::string_view text : {"18446744073709551615", "-9223372036854775808", "0",
                                      "9007199254740993", "1.5", "0.1", "-0.25", "12345678.9"}) {
    const auto read = parse_json(text);
    REQUIRE(read);
    CHECK(crm::dump_json(*read) == text);
  }
  const auto zero = parse_json("-0");
  REQUIRE(zero);
  CHECK(zero->get<double>() == 0);
  CHECK(parse_json("1e308"));
}

TEST_CASE("text that is not UTF-8 is refused, so that it is never stored") {
  const text_row refused[] = {
      {"a lone continuation byte", "\"\x80\""sv},
      {"a byte that UTF-8 does not have", "\"\xFF\""sv},
      {"a code point cut short", "\"\xC3\""sv},
      {"an overlong slash", "\"\xC0\xAF\""sv},
      {"an overlong NUL", "\"\xC0\x80\""sv},
      {"an overlong form of three bytes", "\"\xE0\x80\xAF\""sv},
      {"a surrogate as bytes", "\"\xED\xA0\x80\""sv},
      {"beyond U+10FFFF", "\"\xF4\x90\x80\x80\""sv},
      {"a lone high surrogate", R"("\uD800")"},
      {"a lone low surrogate", R"("\uDC00")"},
      {"a high surrogate before a letter", R"("\uD800a")"},
      {"two high surrogates", R"("\uD800\uD800")"},
  };
  for (const text_row& row : refused) {
    CAPTURE(row.what);
    CHECK(!refusal(row.text).empty());
    CHECK(!refusal("{" + std::string{row.text} + ":1}").empty());
  }
  const auto pair = parse_json(R"("\uD83D\uDE00")");
  REQUIRE(pair);
  CHECK(pair->get<std::string>() == "\xF0\x9F\x98\x80");
}

TEST_CASE("a JSON text is one value of RFC 8259 and nothing else") {
  const text_row refused[] = {
      {"nothing", ""},
      {"white space alone", " \n\t "},
      {"a byte order mark", "\xEF\xBB\xBF{}"sv},
      {"a byte order mark behind", "{}\xEF\xBB\xBF"sv},
      {"UTF-16", "{\0}\0"sv},
      {"trailing letters", "{} x"},
      {"a second value", "{}{}"},
      {"a trailing comma", "[1,]"},
      {"a trailing NUL", "{}\0"sv},
      {"text behind a NUL", "{}\0{\"a\":1}"sv},
      {"a NUL between values", "[1,\0 2]"sv},
      {"a NUL inside a string", "\"a\0b\""sv},
      {"a line comment", "{} // c"},
      {"a block comment", "[/* c */ 1]"},
      {"single quotes", "{'a':1}"},
      {"a bare key", "{a:1}"},
      {"a line feed inside a string", "\"a\nb\""},
      {"a tab inside a string", "\"a\tb\""},
      {"an unknown escape", R"("\x41")"},
      {"an open string", "\"abc"},
      {"an open object", R"({"a":1)"},
      {"a value without a key", "{1}"},
      {"undefined", "undefined"},
      {"upper-case True", "True"},
  };
  for (const text_row& row : refused) {
    CAPTURE(row.what);
    CHECK(!refusal(row.text).empty());
  }
  for (const std::string_view text : {"null", " [] ", "{\r\n}\t", "\"\"", "true", "\"\\u0000\""})
    CHECK(parse_json(text));
}

TEST_CASE("an escaped NUL is kept as the one character that it is") {
  const auto read = parse_json(R"({"notes":"a\u0000b"})");
  REQUIRE(read);
  CHECK(read->at("notes").get<std::string>() == "a\0b"sv);
  CHECK(crm::dump_json(*read) == R"({"notes":"a\u0000b"})");
}

TEST_CASE("members keep the order in which they were sent") {
  const std::string text = R"({"z":1,"a":{"y":[{"c":1,"b":2}],"x":null},"m":"é"})";
  const auto read = parse_json(text);
  REQUIRE(read);
  CHECK(crm::dump_json(*read) == text);
}

TEST_CASE("a refusal never repeats more than a little of the text") {
  CHECK(
      refusal("{\"" + repeated("k", 100'000) + "\":1,\"" + repeated("k", 100'000) + "\":1}").size()
      < 200);
  CHECK(refusal(repeated("9", 100'000)).size() < 200);
}

TEST_CASE("append_json_string writes what a reader reads back") {
  std::string every_byte;
  for (char c = 0; c >= 0 && c < 127; ++c)
    every_byte += c;
  for (const std::string& text : {every_byte, std::string{"é ü 漢 😀"}, std::string{}}) {
    std::string out = "x";
    crm::append_json_string(out, text);
    const auto read = parse_json(std::string_view{out}.substr(1));
    REQUIRE(read);
    CHECK(read->get<std::string>() == text);
  }
}

TEST_CASE("brief_json cuts at its bound and never inside a code point") {
  CHECK(crm::brief_json(json("short")) == "\"short\"");
  for (std::size_t most = 4; most < 12; ++most) {
    const std::string brief = crm::brief_json(json("ééééééééé"), most);
    CHECK(brief.size() <= most + std::string_view{"…"}.size());
    CHECK(brief.ends_with("…"));
    std::string quoted;
    crm::append_json_string(quoted, brief);
    CHECK(parse_json(quoted)); // it is UTF-8
  }
}
