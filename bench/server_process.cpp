// SPDX-License-Identifier: Apache-2.0
#include "bench/server_process.hpp"

#include <array>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

#include <csignal>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace crm::bench {

namespace {

[[noreturn]] void give_up(const std::string& what) {
  std::cerr << "bench: " << what << '\n';
  std::exit(1);
}

/// Starts a program with `descriptor` going into a pipe, whose reading end is returned.
pid_t start(const std::vector<std::string>& arguments, int descriptor, int& reading_end) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    give_up("no pipe");
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(ends[1], descriptor);
    std::vector<char*> list;
    for (const std::string& each : arguments)
      list.push_back(const_cast<char*>(each.c_str()));
    list.push_back(nullptr);
    ::execv(list[0], list.data());
    ::_exit(127);
  }
  ::close(ends[1]);
  reading_end = ends[0];
  return child;
}

std::string read_line(int descriptor) {
  std::string line;
  char c = 0;
  while (::read(descriptor, &c, 1) == 1 && c != '\n')
    line += c;
  return line;
}

} // namespace

std::string run_program(const std::vector<std::string>& arguments) {
  int output = -1;
  const pid_t child = start(arguments, STDOUT_FILENO, output);
  std::string text;
  std::array<char, 4096> buffer{};
  for (ssize_t size = 0; (size = ::read(output, buffer.data(), buffer.size())) > 0;)
    text.append(buffer.data(), static_cast<std::size_t>(size));
  ::close(output);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (status != 0)
    give_up(arguments[0] + " " + arguments[1] + " failed");
  while (text.ends_with('\n'))
    text.pop_back();
  return text;
}

server_process::server_process(const std::filesystem::path& program,
                               const std::filesystem::path& data,
                               const std::vector<std::string>& options)
    : program_(program), data_(data) {
  std::vector<std::string> arguments{program.string(), "serve", "--mode", "http",
                                     "--port",         "0",     "--data", data.string()};
  arguments.insert(arguments.end(), options.begin(), options.end());
  int output = -1;
  pid_ = start(arguments, STDERR_FILENO, output);
  // The line "… serving N tools on http://127.0.0.1:PORT" says that the port is open.
  std::string line;
  do
    line = read_line(output);
  while (!line.empty() && line.find("serving") == std::string::npos);
  const auto colon = line.rfind(':');
  if (line.empty() || colon == std::string::npos)
    give_up("the server did not start");
  port_ = static_cast<std::uint16_t>(std::stoi(line.substr(colon + 1)));
  ::close(output);
}

server_process::~server_process() {
  ::kill(pid_, SIGTERM);
  ::waitpid(pid_, nullptr, 0);
}

std::uint64_t server_process::resident_bytes() const {
  std::ifstream file{"/proc/" + std::to_string(pid_) + "/statm"};
  std::uint64_t total = 0;
  std::uint64_t resident = 0;
  file >> total >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

double server_process::cpu_seconds() const {
  std::ifstream file{"/proc/" + std::to_string(pid_) + "/stat"};
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  std::istringstream fields{text.substr(text.rfind(')') + 2)};
  std::string field;
  for (int i = 0; i < 11; ++i)
    fields >> field;
  double user = 0;
  double system = 0;
  fields >> user >> system; // the 14th and 15th field of proc(5) stat
  return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

std::string server_process::add_workspace(const std::string& id) const {
  const std::string program = program_.string();
  const std::string data = data_.string();
  run_program({program, "workspace", "create", id, "--id", id, "--data", data});
  return run_program({program, "token", "create", "--workspace", id, "--scope",
                      "read,write,admin,workflow-trigger", "--data", data});
}

} // namespace crm::bench
