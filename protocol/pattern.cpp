// SPDX-License-Identifier: Apache-2.0
#include "protocol/pattern.hpp"

#include "protocol/limits.hpp"

#include <re2/re2.h>

namespace crm {

result<pattern> pattern::compile(std::string_view source) {
  if (source.empty() || source.size() > limits::pattern_bytes_max)
    return error{error_code::validation,
                 "a pattern has 1 to " + std::to_string(limits::pattern_bytes_max) + " bytes"};
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(static_cast<std::int64_t>(limits::pattern_memory_bytes_max));
  auto program =
      std::make_shared<const re2::RE2>(re2::StringPiece{source.data(), source.size()}, options);
  if (!program->ok())
    return error{error_code::validation, program->error()};
  return pattern{std::move(program)};
}

bool pattern::is_found_in(std::string_view text) const {
  return re2::RE2::PartialMatch(re2::StringPiece{text.data(), text.size()}, *program_);
}

const std::string& pattern::source() const {
  return program_->pattern();
}

} // namespace crm
