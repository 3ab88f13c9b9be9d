// SPDX-License-Identifier: Apache-2.0
// Regular expressions that callers write: RE2, whose time is linear in the text whatever the
// expression says, with a bound on its size. No other file sees the library.
#pragma once

#include "protocol/result.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace crm {

/// A compiled regular expression. Copies share the program; it never changes.
class pattern {
public:
  /// Compiles RE2 syntax. @errors validation, whose message says in a few words what is wrong: the
  /// syntax, or a size beyond `limits::pattern_bytes_max` or `limits::pattern_memory_bytes_max`.
  static result<pattern> compile(std::string_view source);

  /// Returns whether the pattern is found anywhere in UTF-8 text, as JSON Schema's `pattern` is:
  /// `^` and `$` bind it to the whole.
  bool is_found_in(std::string_view text) const;

  const std::string& source() const;

private:
  explicit pattern(std::shared_ptr<const re2::RE2> program) : program_(std::move(program)) {}

  std::shared_ptr<const re2::RE2> program_;
};

} // namespace crm
