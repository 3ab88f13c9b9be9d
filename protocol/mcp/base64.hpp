// SPDX-License-Identifier: Apache-2.0
// Base64 in the two alphabets of RFC 4648, strict: no blanks, no stray bits.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace crm::mcp {

/// Decodes standard base64 (§4), whose padding has to be there.
std::optional<std::string> base64_decoded(std::string_view text);

/// Encodes in the alphabet for URLs and file names (§5), without padding.
std::string base64url_encoded(std::string_view bytes);

/// Decodes what `base64url_encoded` wrote.
std::optional<std::string> base64url_decoded(std::string_view text);

} // namespace crm::mcp
