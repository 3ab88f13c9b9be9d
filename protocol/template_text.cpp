// SPDX-License-Identifier: Apache-2.0
#include "protocol/template_text.hpp"

#include <algorithm>
#include <charconv>

namespace crm {

namespace {

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ')
    text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ')
    text.remove_suffix(1);
  return text;
}

bool is_path(std::string_view text) {
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'
           || c == '-' || c == '.';
  });
  return plain && !text.empty() && text.front() != '.' && text.back() != '.'
         && text.find("..") == std::string_view::npos;
}

crm::error bad_template(std::string_view text, std::string expected) {
  return argument_error(error_code::validation, "a template is wrong: " + expected,
                        {"template", brief_json(json(text)), std::move(expected)});
}

const json* member_of(const json& value, std::string_view name) {
  if (value.is_object()) {
    const auto found = value.find(name);
    return found == value.end() ? nullptr : &*found;
  }
  if (!value.is_array())
    return nullptr;
  std::size_t index = 0;
  const auto [end, failure] = std::from_chars(name.data(), name.data() + name.size(), index);
  const bool whole = failure == std::errc{} && end == name.data() + name.size();
  return whole && index < value.size() ? &value[index] : nullptr;
}

result<json> value_of(const std::string& path, const json& root) {
  const json* found = value_at(root, path);
  if (found == nullptr || found->is_null())
    return argument_error(error_code::validation, "{{" + path + "}} has no value",
                          {path, "nothing", "a value when the step runs"});
  return *found;
}

result<json> fill_in_text(const std::string& text, const json& root) {
  if (text.find("{{") == std::string::npos)
    return json(text);
  const auto parts = parse_template(text);
  if (!parts)
    return parts.error();
  if (parts->size() == 1)
    return value_of(parts->front().text, root);
  std::string filled;
  for (const template_part& part : *parts) {
    if (!part.is_path) {
      filled += part.text;
      continue;
    }
    const auto value = value_of(part.text, root);
    if (!value)
      return value.error();
    filled += value->is_string() ? value->get<std::string>() : dump_json(*value);
  }
  return json(std::move(filled));
}

} // namespace

result<std::vector<template_part>> parse_template(std::string_view text) {
  std::vector<template_part> parts;
  while (!text.empty()) {
    const std::size_t open = text.find("{{");
    if (open != 0)
      parts.push_back({false, std::string{text.substr(0, open)}});
    if (open == std::string_view::npos)
      break;
    const std::size_t close = text.find("}}", open);
    if (close == std::string_view::npos)
      return bad_template(text.substr(open), "every {{ is closed by }}");
    const std::string_view path = trim(text.substr(open + 2, close - open - 2));
    if (!is_path(path))
      return bad_template(text.substr(open, close + 2 - open),
                          "between {{ and }} stands a path such as trigger.after.email");
    parts.push_back({true, std::string{path}});
    text.remove_prefix(close + 2);
  }
  return parts;
}

const json* value_at(const json& root, std::string_view path) {
  const json* at = &root;
  while (at != nullptr && !path.empty()) {
    const std::size_t dot = std::min(path.find('.'), path.size());
    at = member_of(*at, path.substr(0, dot));
    path.remove_prefix(std::min(dot + 1, path.size()));
  }
  return at;
}

result<json> fill_in(const json& value, const json& root) {
  if (value.is_string())
    return fill_in_text(value.get_ref<const std::string&>(), root);
  if (!value.is_structured())
    return value;
  json filled = value;
  for (json& member : filled) {
    auto inner = fill_in(member, root);
    if (!inner)
      return inner;
    member = *std::move(inner);
  }
  return filled;
}

std::string check_paths(const json& value,
                        const std::function<std::string(std::string_view)>& visit) {
  if (value.is_string()) {
    const auto parts = parse_template(value.get_ref<const std::string&>());
    if (!parts)
      return parts.error().message;
    for (const template_part& part : *parts) {
      if (std::string complaint = part.is_path ? visit(part.text) : ""; !complaint.empty())
        return complaint;
    }
  }
  if (value.is_structured()) {
    for (const json& member : value) {
      if (std::string complaint = check_paths(member, visit); !complaint.empty())
        return complaint;
    }
  }
  return {};
}

} // namespace crm
