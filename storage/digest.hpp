// SPDX-License-Identifier: Apache-2.0
// Digests, secrets and their spelling: OpenSSL's libcrypto behind five functions.
#pragma once

#include "protocol/environment.hpp"

#include <string>
#include <string_view>

namespace crm::storage {

/// Returns the 32 bytes of SHA-256 over `text`.
std::string sha256(std::string_view text);

/// Returns the 32 bytes of HMAC-SHA256 over `text`.
std::string hmac_sha256(std::string_view key, std::string_view text);

/// Returns `size` bytes from the system's secure generator; ends the program when there are none.
std::string random_bytes(std::size_t size);

/// Returns whether two secrets are equal, in a time that does not tell where they differ.
bool equal_secrets(std::string_view a, std::string_view b);

/// Spells bytes in base64url without padding (RFC 4648, section 5).
std::string base64url(std::string_view bytes);

/// Reads base64url without padding; returns an empty text for anything else.
std::string from_base64url(std::string_view text);

/// Spells bytes in lower-case hexadecimal.
std::string hex(std::string_view bytes);

/// Returns the real clock and the secure generator.
environment system_environment();

} // namespace crm::storage
