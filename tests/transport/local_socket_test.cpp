// SPDX-License-Identifier: Apache-2.0
// The socket of a data folder, seen from the process that connects.
#include "tests/support/temp_folder.hpp"
#include "transport/local_messages.hpp"

#include <doctest/doctest.h>
#include <future>
#include <sys/socket.h>
#include <unistd.h>

using namespace crm;
using namespace crm::test;
using namespace crm::transport;

TEST_CASE("a connection that waits in the backlog of a process that ends was never made") {
  const temp_folder folder;
  const auto listening = listen_in(folder.path());
  REQUIRE(listening);
  auto connecting = std::async(std::launch::async, [&] { return connect_to(folder.path()); });
  ::close(*listening);
  const auto connected = connecting.get();
  REQUIRE_FALSE(connected);
  CHECK(connected.error().code == error_code::storage);
}

TEST_CASE("a process of another version that listens in the folder is told apart") {
  const temp_folder folder;
  const auto listening = listen_in(folder.path());
  REQUIRE(listening);
  auto connecting = std::async(std::launch::async, [&] { return connect_to(folder.path()); });
  const int accepted = ::accept(*listening, nullptr, nullptr);
  const std::string other = R"({"hello":0})"
                            "\n";
  REQUIRE(::send(accepted, other.data(), other.size(), 0) == static_cast<ssize_t>(other.size()));
  const auto connected = connecting.get();
  REQUIRE_FALSE(connected);
  CHECK(connected.error().message.find("version") != std::string::npos);
  ::close(accepted);
  ::close(*listening);
}
