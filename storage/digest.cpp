// SPDX-License-Identifier: Apache-2.0
#include "storage/digest.hpp"

#include "protocol/log.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <array>
#include <chrono>
#include <cstdlib>

namespace crm::storage {

namespace {

constexpr std::size_t sha256_bytes = 32;
constexpr std::string_view base64url_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const unsigned char* as_bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

/// Fetched once: an implicit fetch per digest costs more than the digest of a short text.
const EVP_MD* sha256_method() {
  static const EVP_MD* method = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return method;
}

[[noreturn]] void end_without(std::string_view what) {
  log_line(log_level::error, "crypto_unavailable", {{"what", what}});
  std::abort();
}

void fill_random(void* bytes, std::size_t size) {
  if (RAND_bytes(static_cast<unsigned char*>(bytes), static_cast<int>(size)) != 1)
    end_without("random");
}

} // namespace

std::string sha256(std::string_view text) {
  std::string out(sha256_bytes, '\0');
  if (EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(out.data()), nullptr,
                 sha256_method(), nullptr)
      != 1)
    end_without("sha256");
  return out;
}

std::string hmac_sha256(std::string_view key, std::string_view text) {
  std::string out(sha256_bytes, '\0');
  unsigned int size = 0;
  if (HMAC(sha256_method(), key.data(), static_cast<int>(key.size()), as_bytes(text), text.size(),
           reinterpret_cast<unsigned char*>(out.data()), &size)
      == nullptr)
    end_without("hmac");
  return out;
}

std::string random_bytes(std::size_t size) {
  std::string out(size, '\0');
  fill_random(out.data(), size);
  return out;
}

bool equal_secrets(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string base64url(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() * 4 + 2) / 3);
  std::uint32_t buffer = 0;
  int bits = 0;
  for (const char c : bytes) {
    buffer = (buffer << 8) | static_cast<unsigned char>(c);
    for (bits += 8; bits >= 6; bits -= 6)
      out.push_back(base64url_digits[(buffer >> (bits - 6)) & 63]);
  }
  if (bits > 0)
    out.push_back(base64url_digits[(buffer << (6 - bits)) & 63]);
  return out;
}

std::string from_base64url(std::string_view text) {
  std::string out;
  std::uint32_t buffer = 0;
  int bits = 0;
  for (const char c : text) {
    const auto digit = base64url_digits.find(c);
    if (digit == std::string_view::npos)
      return {};
    buffer = (buffer << 6) | static_cast<std::uint32_t>(digit);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out.push_back(static_cast<char>((buffer >> bits) & 0xFF));
    }
  }
  // One spelling per value: the bits left over must be zero.
  return (buffer & ((1U << bits) - 1)) == 0 && bits < 6 ? out : std::string{};
}

std::string hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    out.push_back(digits[static_cast<unsigned char>(c) >> 4]);
    out.push_back(digits[static_cast<unsigned char>(c) & 15]);
  }
  return out;
}

environment system_environment() {
  return {
      [] {
        const auto now = std::chrono::system_clock::now().time_since_epoch();
        return std::int64_t{std::chrono::duration_cast<std::chrono::milliseconds>(now).count()};
      },
      [] {
        // One request to the generator costs as much for a kilobyte as for eight bytes.
        thread_local std::array<std::uint64_t, 128> drawn;
        thread_local std::size_t used = drawn.size();
        if (used == drawn.size()) {
          fill_random(drawn.data(), sizeof drawn);
          used = 0;
        }
        return drawn[used++];
      },
  };
}

} // namespace crm::storage
