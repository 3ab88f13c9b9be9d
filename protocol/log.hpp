// SPDX-License-Identifier: Apache-2.0
// The program's own voice: one JSON object per line on stderr, never on stdout, which belongs to
// the protocol. Never hand it a token, an argument or a customer's text.
#pragma once

#include "protocol/json.hpp"

#include <string_view>

namespace crm {

/// How loud a line is.
enum class log_level : std::uint8_t { error, warning, info, debug };

/// Sets the least important level that is still written; `warning` at start.
void set_log_level(log_level least);

/// Returns whether lines of this level are written: spares building one that is not.
bool logs(log_level level);

/// Writes one line: time, level, event and the members of `fields`. Callable from any thread.
void log_line(log_level level, std::string_view event, const json& fields = json::object());

} // namespace crm
