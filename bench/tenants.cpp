// SPDX-License-Identifier: Apache-2.0
#include "bench/tenants.hpp"

#include "bench/server_process.hpp"
#include "storage/control.hpp"
#include "storage/data_folder.hpp"
#include "storage/digest.hpp"

#include <fstream>
#include <iterator>

namespace crm::bench {

namespace {

template <class T>
T must(result<T> outcome, const char* doing) {
  if (!outcome)
    give_up(std::string{doing} + ": " + outcome.error().message);
  return *std::move(outcome);
}

void must(const result<void>& outcome, const char* doing) {
  if (!outcome)
    give_up(std::string{doing} + ": " + outcome.error().message);
}

} // namespace

std::string workspace_name(std::size_t number) {
  const std::string digits = std::to_string(number);
  return "w" + std::string(digits.size() < 5 ? 5 - digits.size() : 0, '0') + digits;
}

std::vector<std::string> add_workspaces(const std::filesystem::path& folder, std::size_t count) {
  const auto locked = must(storage::data_folder::open(folder, "bench"), "open the folder");
  auto control = must(storage::control_store::open(locked.control_file()), "open control.db");
  const std::int64_t now_ms = storage::system_environment().now_ms();
  const scope_set scopes{scope::read, scope::write, scope::admin, scope::workflow_trigger};
  std::vector<std::string> tokens;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string id = workspace_name(i);
    const std::string token = "vcrm_" + storage::base64url(storage::random_bytes(32));
    must(control.add_workspace({id, id, now_ms}), "add a workspace");
    must(control.add_token({storage::sha256(token), "tok_" + std::to_string(i), id, "bench", scopes,
                            now_ms, std::nullopt, std::nullopt}),
         "add a token");
    tokens.push_back(token);
  }
  return tokens;
}

void copy_first_workspace(const std::filesystem::path& folder, std::size_t count) {
  const auto locked = must(storage::data_folder::open(folder, "bench"), "open the folder");
  const std::string first = workspace_name(0);
  std::ifstream file{locked.workspace_file(first), std::ios::binary};
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  // The row of `meta` that says whose file it is. Names are equally long, so a copy with another
  // name is a good file; opening and committing ten thousand would take minutes.
  const std::string row = "workspace_id";
  const auto at = text.find(row + first);
  if (at == std::string::npos || text.find(row + first, at + 1) != std::string::npos)
    give_up("the file of the first workspace does not name it once");
  for (std::size_t i = 1; i < count; ++i) {
    text.replace(at + row.size(), first.size(), workspace_name(i));
    std::ofstream copy{locked.workspace_file(workspace_name(i)), std::ios::binary};
    if (!copy.write(text.data(), static_cast<std::streamsize>(text.size())))
      give_up("cannot write a copy");
  }
}

} // namespace crm::bench
