// SPDX-License-Identifier: Apache-2.0
#include "bench/tenants.hpp"

#include "bench/server_process.hpp"
#include "storage/control.hpp"
#include "storage/data_folder.hpp"
#include "storage/digest.hpp"

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
  return "w" + std::to_string(number);
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
  const auto first = locked.workspace_file(workspace_name(0));
  for (std::size_t i = 1; i < count; ++i) {
    const auto file = locked.workspace_file(workspace_name(i));
    std::filesystem::copy_file(first, file);
    auto copy = must(storage::database::open(file), "open a copy");
    must(copy.run("update meta set value = ?1 where key = 'workspace_id'", workspace_name(i)),
         "rename a copy");
  }
}

} // namespace crm::bench
