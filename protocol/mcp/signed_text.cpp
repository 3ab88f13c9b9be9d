// SPDX-License-Identifier: Apache-2.0
#include "protocol/mcp/signed_text.hpp"

#include "protocol/mcp/base64.hpp"

namespace crm::mcp {

namespace {

constexpr std::string_view version_prefix = "v1.";
/// Bytes of a digest inside claims: 128 bits, since it is itself signed.
constexpr std::size_t digest_bytes = 16;

std::string signature(const surroundings& world, std::string_view purpose, std::string_view body) {
  std::string text{purpose};
  return base64url_encoded(world.mac(text.append("\n").append(body)));
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  if (a.size() != b.size())
    return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
  return difference == 0;
}

} // namespace

std::string signed_text(const surroundings& world, std::string_view purpose, const json& claims) {
  const std::string body = base64url_encoded(dump_json(claims));
  return std::string{version_prefix} + body + "." + signature(world, purpose, body);
}

std::optional<json> verified_claims(const surroundings& world, std::string_view purpose,
                                    std::string_view text) {
  if (!text.starts_with(version_prefix))
    return std::nullopt;
  text.remove_prefix(version_prefix.size());
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos)
    return std::nullopt;
  const std::string_view body = text.substr(0, dot);
  if (!equal_in_constant_time(signature(world, purpose, body), text.substr(dot + 1)))
    return std::nullopt;
  const auto claims_text = base64url_decoded(body);
  if (!claims_text)
    return std::nullopt;
  auto claims = parse_json(*claims_text);
  if (!claims || !claims->is_object())
    return std::nullopt;
  return *std::move(claims);
}

std::string fresh_nonce(const surroundings& world) {
  std::string bytes;
  for (int half = 0; half < 2; ++half) {
    const std::uint64_t chance = world.random();
    for (unsigned shift = 0; shift < 64; shift += 8)
      bytes += static_cast<char>(chance >> shift & 0xFF);
  }
  return base64url_encoded(bytes);
}

std::string keyed_digest(const surroundings& world, std::string_view purpose,
                         std::string_view text) {
  std::string whole{purpose};
  return base64url_encoded(world.mac(whole.append("\n").append(text)).substr(0, digest_bytes));
}

} // namespace crm::mcp
