// SPDX-License-Identifier: Apache-2.0
// kill -9, again and again: a child process writes as fast as it can and notes every write that was
// acknowledged in a ledger outside the data folder; the parent kills it at a random moment, opens
// the data and checks it against the ledger. Nothing acknowledged may be lost or doubled, and what
// was not acknowledged is there entirely or not at all.
//
//   crm_crash_loop [ROUNDS [SEED]]      200 rounds, or CRM_CRASH_ROUNDS; 10,000 before a release
#include "storage/digest.hpp"
#include "tests/crash/crash_check.hpp"
#include "tests/support/many_calls.hpp"

#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using crm::json;
using crm::test::crash_totals;
using crm::test::many_calls;

/// A new folder after so many rounds: the checks read everything, so the data must stay small.
constexpr int rounds_per_folder = 10;
constexpr double kill_after_ms_max = 200.0;

/// Notes acknowledged writes, one per line that ends with a full stop: a kill can cut a line short
/// where it crosses a page. A line that write(2) took survives the end of the process, however it
/// comes; the file needs no fsync, for only the process is killed, not the machine.
class ledger {
public:
  explicit ledger(const std::filesystem::path& file)
      : file_(::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {
    if (file_ < 0)
      throw std::runtime_error{"no ledger"};
    write("\n"); // ends a line that the kill before cut short
  }
  ledger(const ledger&) = delete;
  ledger& operator=(const ledger&) = delete;
  ~ledger() { ::close(file_); }

  void note(std::string_view what, const std::string& key, const std::string& id) const {
    write(std::string{what} + " " + key + " " + id + " .\n");
  }

private:
  void write(const std::string& line) const {
    if (::write(file_, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
      ::_exit(3);
  }

  int file_;
};

/// The life of a child: creates contacts and changes each once, until it is killed.
[[noreturn]] void write_until_killed(const std::filesystem::path& folder, int round, int ready) {
  auto started = crm::actors::system::start({.folder = folder / "data",
                                             .role = "crash loop",
                                             .surroundings = crm::storage::system_environment(),
                                             .ensure_workspace = "default"});
  if (!started) {
    std::fprintf(stderr, "the system did not start: %s\n", started.error().message.c_str());
    ::_exit(2);
  }
  crm::gateway& to = **started;
  const ledger acknowledged{folder / "ledger"};
  many_calls changes{to, 400};
  many_calls creates{to, 32};
  for (int i = 0;; ++i) {
    const std::string key = std::to_string(round) + "-" + std::to_string(i);
    creates.send("create_contact", {{"firstName", "Ada"}, {"lastName", key}, {"tags", {"crash"}}},
                 [&, key](const crm::result<crm::tool_reply>& created) {
                   if (!created)
                     return;
                   const std::string id = json::parse(created->data)["id"];
                   acknowledged.note("created", key, id);
                   changes.send("update_contact", {{"contactId", id}, {"notes", key}},
                                [&, key, id](const crm::result<crm::tool_reply>& changed) {
                                  if (changed)
                                    acknowledged.note("changed", key, id);
                                });
                 });
    if (i == 0) [[maybe_unused]]
      const auto told = ::write(ready, "r", 1);
  }
}

/// Waits until the child writes, or has ended.
void wait_until_ready(int ready) {
  pollfd watched{ready, POLLIN, 0};
  ::poll(&watched, 1, 60'000);
}

/// Runs one child and kills it: every other one after it has begun to write, the others at any
/// moment of their start, migration and recovery included.
void kill_one(const std::filesystem::path& folder, int round, std::mt19937_64& random) {
  int pipe[2];
  if (::pipe2(pipe, O_CLOEXEC) != 0)
    throw std::runtime_error{"no pipe"};
  const ::pid_t child = ::fork();
  if (child < 0)
    throw std::runtime_error{"no child process"};
  if (child == 0)
    write_until_killed(folder, round, pipe[1]);
  ::close(pipe[1]);
  if (round % 2 == 0)
    wait_until_ready(pipe[0]);
  // Squared: most kills come early, where a start or a recovery is under way.
  const double share = std::uniform_real_distribution<double>{0.0, 1.0}(random);
  std::this_thread::sleep_for(
      std::chrono::duration<double, std::milli>{kill_after_ms_max * share * share});
  ::kill(child, SIGKILL);
  ::close(pipe[0]);
  int status = 0;
  if (::waitpid(child, &status, 0) != child || !WIFSIGNALED(status))
    throw std::runtime_error{"the child ended by itself with status " + std::to_string(status)};
}

void report(int rounds, const crash_totals& totals) {
  std::printf("rounds %d: acknowledged %lld, lost %lld, duplicated %lld, halves %lld, "
              "present without acknowledgement %lld, ledger lines cut short %lld\n",
              rounds, totals.acknowledged, totals.lost, totals.duplicated, totals.halves,
              totals.unacknowledged, totals.cut_short);
  std::fflush(stdout);
}

int run(int rounds, std::uint64_t seed) {
  std::printf("crash loop: %d rounds, seed %llu\n", rounds,
              static_cast<unsigned long long>(seed)); // NOLINT(google-runtime-int)
  std::mt19937_64 random{seed};
  crash_totals totals;
  for (int round = 0; round < rounds;) {
    const crm::test::temp_folder folder;
    for (int i = 0; i < rounds_per_folder && round < rounds; ++i, ++round) {
      kill_one(folder.path(), round, random);
      crash_totals found = totals;
      crm::test::check_against_ledger(folder.path(), found);
      if (i + 1 == rounds_per_folder || round + 1 == rounds || found.lost > 0
          || found.duplicated > 0 || found.halves > 0)
        totals = found;
      if (totals.lost > 0 || totals.duplicated > 0 || totals.halves > 0) {
        report(round + 1, totals);
        return EXIT_FAILURE;
      }
    }
  }
  report(rounds, totals);
  return totals.acknowledged > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

template <class Number>
Number number_or(const char* text, Number otherwise) {
  Number read = otherwise;
  if (text != nullptr)
    std::from_chars(text, text + std::strlen(text), read);
  return read;
}

} // namespace

int main(int argc, char** argv) {
  const int rounds =
      number_or(argc > 1 ? argv[1] : std::getenv("CRM_CRASH_ROUNDS"), 200); // NOLINT(concurrency)
  const auto seed = number_or(argc > 2 ? argv[2] : nullptr, std::uint64_t{std::random_device{}()});
  try {
    return run(rounds, seed);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "crash loop: %s\n", failure.what());
    return EXIT_FAILURE;
  }
}
