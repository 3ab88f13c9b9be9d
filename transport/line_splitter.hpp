// SPDX-License-Identifier: Apache-2.0
// Cuts a stream of bytes into lines of bounded length. A longer line is dropped up to its end, so
// that the next one is read as if nothing had happened.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace crm::transport {

/// Gathers bytes until a line is whole.
class line_splitter {
public:
  /// Lines longer than `bytes_max`, without their newline, are dropped.
  explicit line_splitter(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  /// Takes bytes; calls `on_line` with each whole line, and `on_long_line` once for each one that
  /// is too long, as soon as that is known.
  template <class OnLine, class OnLongLine>
  void take(std::string_view bytes, OnLine on_line, OnLongLine on_long_line) {
    while (!bytes.empty()) {
      const std::size_t end = bytes.find('\n');
      const std::string_view piece = bytes.substr(0, end);
      if (!dropping_ && kept_.size() + piece.size() > bytes_max_) {
        dropping_ = true;
        kept_.clear();
        on_long_line();
      }
      if (end == std::string_view::npos) {
        if (!dropping_)
          kept_ += piece;
        return;
      }
      if (!dropping_)
        finish(piece, on_line);
      dropping_ = false;
      bytes.remove_prefix(end + 1);
    }
  }

  /// Returns what stands behind the last newline, which at the end of a stream is a line as well.
  std::string_view rest() const { return kept_; }

private:
  template <class OnLine>
  void finish(std::string_view piece, OnLine& on_line) {
    if (kept_.empty())
      return on_line(piece);
    kept_ += piece;
    on_line(std::string_view{kept_});
    kept_.clear();
  }

  const std::size_t bytes_max_;
  std::string kept_;
  bool dropping_ = false;
};

} // namespace crm::transport
