// SPDX-License-Identifier: Apache-2.0
// Templates in the texts of a workflow: `Call {{trigger.after.firstName}}`. They name values by
// path; there is nothing to compute in them, so that every run is repeatable.
#pragma once

#include "protocol/json.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace crm {

/// A piece of a text: literal, or the path between `{{` and `}}`.
struct template_part {
  bool is_path = false;
  std::string text;
};

/// Splits a text into literals and paths. @errors validation when a `{{` is not closed or what it
/// holds is no path: names, numbers and `[n]`, joined by dots.
result<std::vector<template_part>> parse_template(std::string_view text);

/// Returns the value under a path of dots, such as `trigger.after.tags.0`, within `root`; null
/// when there is none.
const json* value_at(const json& root, std::string_view path);

/// Returns `value` with every template in its texts filled in from `root`. A text that is nothing
/// but one template keeps the value's type; in a longer text a value is written out: texts as they
/// are, the rest as JSON. @errors validation, naming the path, when a value is missing or null.
result<json> fill_in(const json& value, const json& root);

/// Hands every path in the texts of `value` to `visit`, which returns an empty text if it is
/// right, or what is wrong with it. Returns the first complaint, or an empty text.
std::string check_paths(const json& value,
                        const std::function<std::string(std::string_view path)>& visit);

} // namespace crm
