// SPDX-License-Identifier: Apache-2.0
// Takes the chunked framing off a body (RFC 9112, section 7.1), strictly: what another server might
// read differently is refused. Pure: bytes in, bytes out.
#pragma once

#include "transport/http/http_limits.hpp"
#include "transport/http/refusal.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace crm::transport {

/// How far a reader has come with the bytes it was given.
enum class reading : std::uint8_t {
  /// Everything usable is consumed; more bytes have to come.
  needs_more,
  /// A head is complete and valid; its body, if any, is still to be read.
  head_complete,
  /// A message is complete; bytes behind it are left alone.
  complete,
  /// The message is not acceptable; nothing more can be read from this peer.
  refused,
};

/// One step of a reader.
struct reading_step {
  reading state = reading::needs_more;
  /// Bytes that the caller must not show again.
  std::size_t consumed = 0;
};

/// Decodes one chunked body.
class chunk_decoder {
public:
  /// Appends decoded bytes to `body`, never beyond `body_bytes_max`. Bytes that were not consumed
  /// must be shown again with what follows them.
  reading_step decode(std::string_view bytes, std::string& body, std::size_t body_bytes_max,
                      const http_limits& limits);

  /// Returns why the body was refused.
  const refusal& why() const { return why_; }

private:
  enum class part : std::uint8_t { size_line, data, data_end, trailer, done };

  reading refuse(int status, std::string_view reason);
  reading read_size_line(std::string_view line, std::size_t room);
  reading read_trailer_line(std::string_view line);

  part part_ = part::size_line;
  std::size_t left_ = 0;
  std::size_t trailer_bytes_ = 0;
  refusal why_;
};

} // namespace crm::transport
