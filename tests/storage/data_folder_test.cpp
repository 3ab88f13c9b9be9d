// SPDX-License-Identifier: Apache-2.0
#include "storage/data_folder.hpp"

#include "tests/support/temp_folder.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include <sys/wait.h>
#include <unistd.h>

using crm::storage::data_folder;
using namespace std::string_view_literals;

TEST_CASE("a data folder is made for its owner only") {
  const crm::test::temp_folder folder;
  const auto path = folder.path() / "deep" / "data";
  const auto opened = data_folder::open(path, "test");
  REQUIRE(opened);
  using std::filesystem::perms;
  CHECK(std::filesystem::status(path).permissions() == perms::owner_all);
  CHECK(std::filesystem::is_directory(path / "workspaces"));
  CHECK(opened->control_file() == path / "control.db");
  CHECK(opened->workspace_file("acme") == path / "workspaces" / "acme.db");
}

TEST_CASE("who finds a data folder in use is told by whom") {
  const crm::test::temp_folder folder;
  {
    const auto first = data_folder::open(folder.path(), "serve --mode http");
    REQUIRE(first);
    const auto second = data_folder::open(folder.path(), "verify");
    REQUIRE(!second);
    CHECK(second.error().code == crm::error_code::conflict);
    const std::string& message = second.error().message;
    CHECK(message.find("process " + std::to_string(::getpid())) != std::string::npos);
    CHECK(message.find("vantage-crm serve --mode http") != std::string::npos);
    CHECK(message.find(folder.path().string()) != std::string::npos);
  }
  CHECK(data_folder::open(folder.path(), "verify"));
}

TEST_CASE("the lock of a process that was killed is no obstacle") {
  const crm::test::temp_folder folder;
  const ::pid_t child = ::fork();
  if (child == 0) {
    const auto held = data_folder::open(folder.path(), "killed");
    ::kill(::getpid(), SIGKILL);
    ::_exit(held ? 0 : 1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  CHECK(data_folder::open(folder.path(), "next"));
}

TEST_CASE("a data folder that cannot be made is an error that names it") {
  const crm::test::temp_folder folder;
  std::ofstream{folder.path() / "file"} << "x";
  const auto opened = data_folder::open(folder.path() / "file", "test");
  REQUIRE(!opened);
  CHECK(opened.error().code == crm::error_code::storage);
  CHECK(opened.error().message.find("file") != std::string::npos);
}

TEST_CASE("only a plain name can name a workspace, for it becomes a file name") {
  for (const std::string_view name : {"a", "0", "acme", "team-2", "ws_01jd7x", "a_", "default"})
    CHECK(crm::storage::is_workspace_id(name));
  CHECK(crm::storage::is_workspace_id(std::string(64, 'a')));
  CHECK(!crm::storage::is_workspace_id(std::string(65, 'a')));
  for (const std::string_view name :
       {""sv, "-a"sv, "_a"sv, "A"sv, "a b"sv, "."sv, ".."sv, "../b"sv, "a/b"sv, "a\\b"sv, "a.db"sv,
        "a%2f"sv, "file:a?mode=rwc"sv, "a\0b"sv, "é"sv, "a\n"sv, "a-wal.db"sv, "/etc/passwd"sv}) {
    CAPTURE(name);
    CHECK(!crm::storage::is_workspace_id(name));
  }
}
