// SPDX-License-Identifier: Apache-2.0
// The whole conversation between actors, on one page. Messages are plain structs that stay in this
// process; answers travel through the completion that a message carries, so an actor that dies or
// drops a message answers by itself and nobody waits for a timeout.
#pragma once

#include "actors/tools/tool.hpp"
#include "protocol/administration.hpp"
#include "protocol/call.hpp"
#include "storage/control.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace crm::actors {

template <class Notice>
using accepts = caf::reacts_to<Notice>;

/// A value that is handed over once; CAF copies messages, completions cannot be copied.
template <class T>
using handed = std::shared_ptr<T>;

// -- workspace -----------------------------------------------------------------------------------

/// Counts a call as in flight, of its workspace and in all, for as long as it lives.
class ticket {
public:
  using counter = std::shared_ptr<std::atomic<std::uint32_t>>;

  ticket(counter workspace, counter all) : workspace_(std::move(workspace)), all_(std::move(all)) {
    ++*workspace_;
    ++*all_;
  }
  ticket(const ticket&) = delete;
  ticket& operator=(const ticket&) = delete;
  ~ticket() {
    --*workspace_;
    --*all_;
  }

private:
  counter workspace_;
  counter all_;
};

/// A call that the router let through. The call stands last: its completion answers, even when it
/// is dropped, before the ticket is given back.
struct admitted_call {
  ticket admission;
  principal caller;
  const tools::tool* what;
  call work;
};

/// Runs a tool on the workspace's data.
struct run_call {
  handed<admitted_call> admitted;
};

/// Makes durable what stands before it in the mailbox.
struct commit_batch {};

/// Closes the file after what stands before it in the mailbox, and ends.
struct close_workspace {};

/// Serves one workspace. The only actor that touches the workspace's file.
using workspace_actor = caf::typed_actor<
    // Runs one tool; the answer waits for the commit that holds it.
    accepts<run_call>,
    // Closes the open transaction and answers its calls.
    accepts<commit_batch>,
    // Ends when everything before is answered.
    accepts<close_workspace>>;

// -- router --------------------------------------------------------------------------------------

/// Wants a tool to be run for whoever shows the credential.
struct submit_call {
  handed<call> work;
};

/// Wants to know who shows a credential.
struct identify_caller {
  credential from;
  handed<completion<principal>> done;
};

/// Wants the tier of a workspace to be set. Comes from the operator, who shows no credential.
struct set_tier {
  std::string workspace;
  std::string tier;
  handed<completion<std::string>> done;
};

/// What the router must know of control.db.
struct control_snapshot {
  std::vector<storage::workspace_entry> workspaces;
  std::vector<storage::token_entry> tokens;
};

/// A workspace that did not exist before.
struct workspace_added {
  std::string id;
};

/// A token that is valid from now on.
struct token_added {
  storage::token_entry token;
};

/// A token that is no longer valid.
struct token_revoked {
  std::string digest;
};

/// Looks for workspaces that have been idle for long.
struct close_idle {};

/// Looks again for room for the workspaces that wait to be opened.
struct make_room {};

/// Closes all workspaces; `done` is completed when the last file is closed.
struct stop_routing {
  handed<completion<bool>> done;
};

/// Knows every token and every open workspace. Never touches a disk.
using router_actor = caf::typed_actor<
    // Authenticates, authorises, admits and delegates one call.
    accepts<submit_call>,
    // Answers with the caller that a credential stands for.
    accepts<identify_caller>,
    // Has a workspace's tier set, in its turn among the workspace's calls.
    accepts<set_tier>,
    // Replaces everything known of control.db.
    accepts<control_snapshot>, accepts<workspace_added>, accepts<token_added>,
    accepts<token_revoked>,
    // Closes what has been idle for long.
    accepts<close_idle>,
    // Opens what waits for room, when there is some.
    accepts<make_room>,
    // Refuses new calls, and ends when every workspace has ended.
    accepts<stop_routing>>;

// -- authority -----------------------------------------------------------------------------------

/// Opens control.db and tells the router what is in it; answers with the server's signing key.
struct open_control {
  handed<completion<std::string>> done;
};

struct create_workspace {
  std::string name;
  std::string id;
  handed<completion<workspace_info>> done;
};

/// Makes sure that a workspace exists: stdio's, which is created on first use.
struct ensure_workspace {
  std::string id;
  handed<completion<bool>> done;
};

struct list_workspaces {
  handed<completion<std::vector<workspace_info>>> done;
};

struct create_token {
  token_request wish;
  handed<completion<issued_token>> done;
};

struct revoke_token {
  std::string id;
  handed<completion<std::string>> done;
};

/// Closes control.db and ends.
struct close_control {
  handed<completion<bool>> done;
};

/// Owns control.db: workspaces and tokens. Tells the router of every change before it answers.
using authority_actor =
    caf::typed_actor<accepts<open_control>, accepts<create_workspace>, accepts<ensure_workspace>,
                     accepts<list_workspaces>, accepts<create_token>, accepts<revoke_token>,
                     accepts<close_control>>;

} // namespace crm::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(crm::actors::run_call)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(crm::actors::commit_batch)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(crm::actors::close_workspace)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(crm::actors::submit_call)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(crm::actors::identify_caller)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(crm::actors::set_tier)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(crm::actors::control_snapshot)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(crm::actors::workspace_added)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(crm::actors::token_added)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(crm::actors::token_revoked)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(crm::actors::close_idle)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(crm::actors::make_room)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(crm::actors::stop_routing)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(crm::actors::open_control)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(crm::actors::create_workspace)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(crm::actors::ensure_workspace)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(crm::actors::list_workspaces)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(crm::actors::create_token)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(crm::actors::revoke_token)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(crm::actors::close_control)
