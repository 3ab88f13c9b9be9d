// SPDX-License-Identifier: Apache-2.0
#include "bench/server_process.hpp"

#include <array>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

#include <csignal>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace crm::bench {

namespace {

/// Starts a program with `descriptor` going into a pipe, whose reading end is returned.
pid_t start(const std::vector<std::string>& arguments, int descriptor, int& reading_end) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    give_up("no pipe");
  const pid_t child = ::fork();
  if (child == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM); // a bench that is stopped leaves no server behind
    ::dup2(ends[1], descriptor);
    std::vector<char*> list;
    for (const std::string& each : arguments)
      list.push_back(const_cast<char*>(each.c_str()));
    list.push_back(nullptr);
    ::execvp(list[0], list.data());
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

std::vector<std::string> serve_arguments(const std::filesystem::path& program,
                                         const std::filesystem::path& data,
                                         const std::vector<std::string>& options) {
  std::vector<std::string> arguments{program.string(), "serve", "--mode", "http",
                                     "--port",         "0",     "--data", data.string()};
  arguments.insert(arguments.end(), options.begin(), options.end());
  return arguments;
}

} // namespace

void give_up(const std::string& what) {
  std::cerr << "bench: " << what << '\n';
  std::exit(1);
}

child_process::child_process(const std::vector<std::string>& arguments, speaks_on where,
                             const std::string& ready) {
  int output = -1;
  pid_ = start(arguments, where == speaks_on::stdout_only ? STDOUT_FILENO : STDERR_FILENO, output);
  do
    ready_line_ = read_line(output);
  while (!ready_line_.empty() && ready_line_.find(ready) == std::string::npos);
  ::close(output);
  if (ready_line_.empty())
    give_up(arguments.front() + " did not start");
}

child_process::~child_process() {
  ::kill(pid_, SIGTERM);
  ::waitpid(pid_, nullptr, 0);
}

std::uint64_t child_process::resident_bytes() const {
  std::ifstream file{"/proc/" + std::to_string(pid_) + "/statm"};
  std::uint64_t total = 0;
  std::uint64_t resident = 0;
  file >> total >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

double child_process::cpu_seconds() const {
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

// The line "… serving N tools on http://127.0.0.1:PORT" says that the port is open.
server_process::server_process(const std::filesystem::path& program,
                               const std::filesystem::path& data,
                               const std::vector<std::string>& options)
    : child_process(serve_arguments(program, data, options), speaks_on::stderr_only, "serving "),
      port_(
          static_cast<std::uint16_t>(std::stoi(ready_line().substr(ready_line().rfind(':') + 1)))) {
}

} // namespace crm::bench
