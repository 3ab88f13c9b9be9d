// SPDX-License-Identifier: Apache-2.0
#include "protocol/json.hpp"

#include "protocol/limits.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <simdjson.h>
#include <utility>

namespace crm {

namespace {

/// How many members the first memory of an object holds.
constexpr std::size_t members_expected = 8;

/// Builds a value from SAX events, and stops at the first bound that the text breaks: nothing of an
/// over-deep text is ever built.
class bounded_builder : public nlohmann::json_sax<json> {
public:
  bool null() override { return add(json(nullptr)); }
  bool boolean(bool value) override { return add(json(value)); }
  bool number_integer(number_integer_t value) override { return add(json(value)); }
  bool number_unsigned(number_unsigned_t value) override { return add(json(value)); }
  bool real_number(double value) { return add(json(value)); }
  bool string(string_t& value) override { return add(json(std::move(value))); }
  bool binary(binary_t&) override { return fail("binary values are not JSON"); }

  bool number_float(number_float_t value, const string_t& text) override {
    // The lexer hands over integers beyond 64 bits as floating point: they would change silently.
    if (text.find_first_of(".eE") == string_t::npos)
      return fail("the number " + text.substr(0, 40) + " does not fit 64 bits");
    if (!std::isfinite(value))
      return fail("the number " + text.substr(0, 40) + " is out of range");
    return real_number(value);
  }

  bool start_object(std::size_t) override { return open(json::object()); }
  bool start_array(std::size_t) override { return open(json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    if (!is_new(name))
      return fail("the key \"" + name.substr(0, 60) + "\" stands twice in one object");
    key_ = std::move(name);
    return true;
  }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception& cause) override {
    // Out-of-range numbers come here as well: 406 is nlohmann's "number overflow".
    return fail(cause.id == 406 ? "a number is out of range"
                                : "not valid JSON near byte " + std::to_string(position));
  }

  json take() { return std::move(root_); }
  const std::string& reason() const { return reason_; }

private:
  /// Small objects are looked through; of large ones the keys are kept, so that no text takes the
  /// square of its length.
  bool is_new(const std::string& name) {
    const auto& members = open_.back()->get_ref<const json::object_t&>();
    if (members.size() < members_expected)
      return members.find(name) == members.end();
    auto& keys = keys_.back();
    if (keys.empty())
      for (const auto& [known, value] : members)
        keys.insert(known);
    return keys.insert(name).second;
  }

  bool fail(std::string reason) {
    reason_ = std::move(reason);
    return false;
  }

  json* place(json value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    json& parent = *open_.back();
    if (parent.is_array()) {
      parent.push_back(std::move(value));
      return &parent.back();
    }
    // Keys are known to be unique, so the linear look-up of ordered_map::operator[] is spared.
    auto& members = parent.get_ref<json::object_t&>();
    if (members.size() == members.capacity())
      reserve_members(parent, std::max(members_expected, 2 * members.size()));
    members.std::vector<std::pair<const std::string, json>>::emplace_back(std::move(key_),
                                                                          std::move(value));
    return &members.back().second;
  }

  bool add(json value) {
    if (++values_ > limits::json_values_max)
      return fail("more than " + std::to_string(limits::json_values_max) + " values");
    place(std::move(value));
    return true;
  }

  bool open(json value) {
    if (open_.size() >= limits::json_depth_max)
      return fail("nested deeper than " + std::to_string(limits::json_depth_max) + " levels");
    if (++values_ > limits::json_values_max)
      return fail("more than " + std::to_string(limits::json_values_max) + " values");
    open_.push_back(place(std::move(value)));
    keys_.emplace_back();
    return true;
  }

  bool close() {
    open_.pop_back();
    keys_.pop_back();
    return true;
  }

  json root_;
  std::vector<json*> open_;
  std::vector<std::set<std::string>> keys_;
  std::string key_;
  std::string reason_;
  std::size_t values_ = 0;
};

/// The memory of a parser grows with the longest text that it has read, to ten times its length;
/// what longer texts need is given back.
constexpr std::size_t kept_parser_text_bytes_max = 64 * 1024;

bool build(bounded_builder& builder, simdjson::dom::element value);

bool build_object(bounded_builder& builder, simdjson::dom::object object) {
  if (!builder.start_object(object.size()))
    return false;
  for (const auto& [name, value] : object) {
    std::string key{name};
    if (!builder.key(key) || !build(builder, value))
      return false;
  }
  return builder.end_object();
}

bool build_array(bounded_builder& builder, simdjson::dom::array array) {
  if (!builder.start_array(array.size()))
    return false;
  for (const simdjson::dom::element value : array)
    if (!build(builder, value))
      return false;
  return builder.end_array();
}

/// Hands a value to the builder; returns false when that refuses it. The builder bounds the depth.
bool build(bounded_builder& builder, simdjson::dom::element value) {
  using kind = simdjson::dom::element_type;
  switch (value.type()) {
  case kind::OBJECT:
    return build_object(builder, value.get_object().value_unsafe());
  case kind::ARRAY:
    return build_array(builder, value.get_array().value_unsafe());
  case kind::STRING: {
    std::string text{value.get_string().value_unsafe()};
    return builder.string(text);
  }
  case kind::INT64: {
    const std::int64_t number = value.get_int64().value_unsafe();
    return number < 0 ? builder.number_integer(number)
                      : builder.number_unsigned(static_cast<std::uint64_t>(number));
  }
  case kind::UINT64:
    return builder.number_unsigned(value.get_uint64().value_unsafe());
  case kind::DOUBLE:
    return builder.real_number(value.get_double().value_unsafe());
  case kind::BOOL:
    return builder.boolean(value.get_bool().value_unsafe());
  case kind::NULL_VALUE:
    return builder.null();
  }
  return false;
}

} // namespace

result<json> parse_json(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF"))
    return error{error_code::invalid_request, "the JSON text starts with a byte order mark"};
  // nlohmann_json takes a NUL for the end of the text and would not look at what stands behind it.
  if (const auto at = text.find('\0'); at != text.npos)
    return error{error_code::invalid_request,
                 "not valid JSON near byte " + std::to_string(at) + ": a NUL"};
  thread_local simdjson::dom::parser kept_parser;
  simdjson::dom::parser large_text_parser;
  auto& parser = text.size() <= kept_parser_text_bytes_max ? kept_parser : large_text_parser;
  bounded_builder builder;
  const auto parsed = parser.parse(text.data(), text.size());
  // simdjson does not say where it failed, and lumps together what our messages tell apart.
  const bool accepted = parsed.error() == simdjson::SUCCESS
                            ? build(builder, parsed.value_unsafe())
                            : json::sax_parse(text.begin(), text.end(), &builder);
  if (!accepted)
    return error{error_code::invalid_request, builder.reason()};
  return builder.take();
}

void reserve_members(json& object, std::size_t count) {
  object.get_ref<json::object_t&>().reserve(count);
}

std::string dump_json(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

void append_json_string(std::string& out, std::string_view text) {
  static constexpr char hex[] = "0123456789abcdef";
  out.push_back('"');
  std::size_t plain_from = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte >= 0x20 && byte != '"' && byte != '\\')
      continue;
    out.append(text, plain_from, i - plain_from);
    plain_from = i + 1;
    switch (byte) {
    case '"':
      out += "\\\"";
      break;
    case '\\':
      out += "\\\\";
      break;
    case '\n':
      out += "\\n";
      break;
    case '\r':
      out += "\\r";
      break;
    case '\t':
      out += "\\t";
      break;
    default:
      out += "\\u00";
      out.push_back(hex[byte >> 4]);
      out.push_back(hex[byte & 15]);
    }
  }
  out.append(text, plain_from, text.size() - plain_from);
  out.push_back('"');
}

std::string brief_json(const json& value, std::size_t bytes_max) {
  std::string text = dump_json(value);
  if (text.size() <= bytes_max)
    return text;
  std::size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
    --end; // never cut inside a code point
  return text.substr(0, end) + "…";
}

} // namespace crm
