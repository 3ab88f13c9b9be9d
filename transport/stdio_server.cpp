// SPDX-License-Identifier: Apache-2.0
#include "transport/stdio_server.hpp"

#include "protocol/limits.hpp"
#include "protocol/mcp/line_connection.hpp"
#include "transport/line_splitter.hpp"
#include "transport/line_writer.hpp"

#include <array>
#include <cerrno>
#include <string_view>
#include <utility>
#include <vector>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace crm::transport {

namespace {

constexpr std::size_t read_bytes = 64 * 1024;
/// Reading pauses while so many bytes wait for a client that does not read.
constexpr std::size_t unwritten_bytes_max = limits::result_bytes_max;
/// How often waiting questions are looked at.
constexpr int tick_ms = 1'000;

enum class input_state { readable, idle, ended, stopped };

input_state wait_for_input(int input, int output, int stop_event) {
  // The output is watched for errors only: its reader may leave while nothing is to be written.
  std::array<pollfd, 3> watched{{{input, POLLIN, 0}, {stop_event, POLLIN, 0}, {output, 0, 0}}};
  const int count = ::poll(watched.data(), watched.size(), tick_ms);
  if (count <= 0)
    return input_state::idle;
  if (watched[1].revents != 0)
    return input_state::stopped;
  if (watched[0].revents != 0)
    return input_state::readable;
  return (watched[2].revents & (POLLERR | POLLNVAL)) != 0 ? input_state::ended : input_state::idle;
}

} // namespace

stdio_server::stdio_server(std::shared_ptr<mcp::service> server, mcp::caller local,
                           stdio_descriptors ends)
    : server_(std::move(server)), local_(std::move(local)), ends_(ends),
      stop_event_(::eventfd(0, EFD_CLOEXEC)) {}

stdio_server::~stdio_server() {
  ::close(stop_event_);
}

void stdio_server::stop() {
  ::eventfd_write(stop_event_, 1);
}

int stdio_server::run() {
  const auto writer = std::make_shared<line_writer>(ends_.output);
  const auto client = std::make_shared<mcp::line_connection>(
      server_, local_, [writer](const std::string& line) { writer->write(line); });
  line_splitter lines{limits::body_bytes_max};
  std::vector<char> buffer(read_bytes);
  const auto on_line = [&](std::string_view line) { client->receive(line); };
  const auto on_long_line = [&] { client->refuse_long_line(); };
  int status = 0;
  for (;;) {
    const input_state input = wait_for_input(ends_.input, ends_.output, stop_event_);
    client->tick();
    if (input == input_state::stopped || input == input_state::ended || writer->broken())
      break;
    if (input == input_state::idle)
      continue;
    const auto size = ::read(ends_.input, buffer.data(), buffer.size());
    if (size < 0 && (errno == EINTR || errno == EAGAIN))
      continue;
    if (size <= 0) {
      status = size < 0 ? 1 : 0;
      client->receive(lines.rest());
      break;
    }
    lines.take({buffer.data(), static_cast<std::size_t>(size)}, on_line, on_long_line);
    if (!writer->wait_below(unwritten_bytes_max))
      break;
  }
  client->close_input();
  if (!writer->broken())
    client->drain(limits::stdio_drain_ms_max);
  writer->flush(limits::stdio_drain_ms_max);
  writer->stop();
  return status;
}

} // namespace crm::transport
