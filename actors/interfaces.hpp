// SPDX-License-Identifier: Apache-2.0
// The whole conversation between actors, on one page. Messages are plain structs that stay in this
// process; answers travel through the completion that a message carries, so an actor that dies or
// drops a message answers by itself and nobody waits for a timeout.
#pragma once

#include "actors/step_outcome.hpp"
#include "actors/tools/tool.hpp"
#include "protocol/administration.hpp"
#include "protocol/call.hpp"
#include "protocol/inbox.hpp"
#include "storage/checkpoint_sync.hpp"
#include "storage/control.hpp"
#include "storage/log_sync.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace crm::actors {

template <class Notice>
using accepts = caf::reacts_to<Notice>;

/// A value that is handed over once; CAF copies messages, completions cannot be copied.
template <class T>
using handed = std::shared_ptr<T>;

// -- runs of workflows ---------------------------------------------------------------------------

/// What became of the step that a run's actor asked for, durable by now.
struct step_taken {
  step_outcome outcome;
};

/// What became of a webhook that a run's actor had sent.
struct webhook_answered {
  webhook_answer answer;
};

/// Carries one run. Holds no truth: asks its workspace for one step after the other.
using execution_actor = caf::typed_actor<
    // Goes on as the outcome says.
    accepts<step_taken>,
    // Reports the answer to its workspace.
    accepts<webhook_answered>>;

/// Wants a webhook to be sent once.
struct send_webhook {
  webhook_request message;
  execution_actor from;
};

/// Sends webhooks, one at a time; blocks, so it has a thread of its own.
using webhook_actor = caf::typed_actor<accepts<send_webhook>>;

/// Wants the next step of a run that has no journal row.
struct want_step {
  std::int64_t run;
  execution_actor from;
};

/// Wants the answer to a webhook to be journaled.
struct report_answer {
  std::int64_t run;
  webhook_answer answer;
  execution_actor from;
};

/// Looks whether something is due: a run, a schedule, a date.
struct look_at_clock {};

/// Takes steps that wait for a quiet moment.
struct take_steps {};

/// It is durable that the workspace must be opened at the next start: runs may be added.
struct wake_held {};

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
  admitted_call(const ticket::counter& workspace, const ticket::counter& all,
                std::uint64_t calls_of_others, principal from, const tools::tool* tool, call asked)
      : admission(workspace, all), of_others(calls_of_others), caller(std::move(from)), what(tool),
        work(std::move(asked)) {}

  ticket admission;
  /// Calls of other workspaces that were let through before.
  std::uint64_t of_others;
  principal caller;
  const tools::tool* what;
  call work;
};

/// Runs a tool on the workspace's data.
struct run_call {
  handed<admitted_call> admitted;
};

/// A call that ran; its answer waits for the commit that holds it.
struct finished_call {
  handed<admitted_call> admitted;
  result<tool_reply> outcome;
};

/// Makes durable what stands before it in the mailbox.
struct commit_batch {};

/// What became of a group of calls that a log syncer had to answer.
struct group_answered {
  storage::owed_sync sync;
  bool is_durable;
};

/// Closes the file after what stands before it in the mailbox, and ends.
struct close_workspace {};

/// Serves one workspace. The only actor that touches the workspace's file.
using workspace_actor = caf::typed_actor<
    // Runs one tool; the answer waits for the commit that holds it.
    accepts<run_call>,
    // Closes the open transaction and answers its calls, or has a log syncer answer them.
    accepts<commit_batch>,
    // Tells subscribers of a group's changes; closes the file if the disk did not take them.
    accepts<group_answered>,
    // Ends when everything before is answered.
    accepts<close_workspace>,
    // Takes or journals a step of a run; tells the run's actor after the commit.
    accepts<want_step>, accepts<report_answer>, accepts<take_steps>,
    // Starts what is due.
    accepts<look_at_clock>,
    // Runs the calls that waited for it.
    accepts<wake_held>>;

/// Wants calls to be answered once a log is on the disk; without one, behind the groups before.
struct answer_group {
  storage::owed_sync sync;
  handed<std::vector<finished_call>> calls;
  workspace_actor from;
};

/// Wants a data file to be synced into which its log was copied.
struct finish_checkpoint {
  std::shared_ptr<storage::checkpoint_sync> sync;
};

/// Waits for the disk in place of workspaces that have more to do meanwhile, one group after the
/// other in their order; blocks, so it has a thread of its own.
using log_syncer_actor = caf::typed_actor<accepts<answer_group>>;

/// The same for data files, which take the disk several times as long: no group waits behind one.
using checkpoint_syncer_actor = caf::typed_actor<accepts<finish_checkpoint>>;

/// Keeps when a workspace is to be opened: 0 for the next start; none for never.
struct note_due {
  std::string workspace;
  std::optional<std::int64_t> due_at;
};

/// The part of the authority that the router speaks to.
using due_keeper = caf::typed_actor<accepts<note_due>>;

/// Introduces the keeper to the router, which was there before it.
struct meet_keeper {
  due_keeper keeper;
};

// -- router --------------------------------------------------------------------------------------

/// Wants a tool to be run for whoever shows the credential.
struct submit_call {
  handed<call> work;
};

/// Wants a message to trigger the workflow that it is for.
struct submit_message {
  handed<inbound_message> message;
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
  std::vector<storage::due_entry> due;
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

/// Wants it to be durable that a workspace is opened at the next start: it may add runs from now.
struct hold_wake {
  std::string workspace;
};

/// A workspace closes; it is to be opened again when something is due, if anything ever is.
struct release_wake {
  std::string workspace;
  std::optional<std::int64_t> due_at;
};

/// It is durable when a workspace is to be opened.
struct wake_noted {
  std::string workspace;
  std::optional<std::int64_t> due_at;
};

/// Closes all workspaces; `done` is completed when the last file is closed.
struct stop_routing {
  handed<completion<bool>> done;
};

/// Knows every token and every open workspace. Never touches a disk.
using router_actor = caf::typed_actor<
    // Authenticates, authorises, admits and delegates one call.
    accepts<submit_call>,
    // Admits and delegates one message from outside.
    accepts<submit_message>,
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
    // Keeps, through the authority, when closed workspaces are due; opens those that are.
    accepts<meet_keeper>, accepts<hold_wake>, accepts<release_wake>, accepts<wake_noted>,
    accepts<look_at_clock>,
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
                     // Tells the router when it is durable.
                     accepts<note_due>, accepts<close_control>>;

} // namespace crm::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(crm::actors::run_call)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(crm::actors::commit_batch)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(crm::actors::group_answered)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(crm::actors::answer_group)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(crm::actors::finish_checkpoint)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(crm::actors::close_workspace)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(crm::actors::step_taken)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(crm::actors::webhook_answered)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(crm::actors::send_webhook)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(crm::actors::want_step)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(crm::actors::report_answer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(crm::actors::look_at_clock)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(crm::actors::take_steps)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(crm::actors::wake_held)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(crm::actors::hold_wake)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(crm::actors::release_wake)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(crm::actors::wake_noted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(crm::actors::note_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(crm::actors::meet_keeper)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(crm::actors::submit_call)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(crm::actors::submit_message)
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
