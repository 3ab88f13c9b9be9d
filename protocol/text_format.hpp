// SPDX-License-Identifier: Apache-2.0
// The text forms that arguments may ask for, and the normal forms under which texts are compared.
#pragma once

#include "protocol/input.hpp"

#include <string>
#include <string_view>

namespace crm {

/// Returns whether `text` has the form.
bool matches(text_format form, std::string_view text);

/// Returns the form in words, for error messages.
std::string_view describe(text_format form);

/// Returns JSON Schema's `format` for the form, or an empty text.
std::string_view schema_format(text_format form);

/// Returns JSON Schema's `pattern` for the form, or an empty text.
std::string_view schema_pattern(text_format form);

/// Returns the e-mail address as it is compared: trimmed, ASCII letters lower-case.
std::string normal_email(std::string_view email);

/// Returns the domain as it is compared: lower-case, without scheme, `www.`, path and final dot.
std::string normal_domain(std::string_view domain);

/// Returns the digits of a telephone number.
std::string phone_digits(std::string_view phone);

} // namespace crm
