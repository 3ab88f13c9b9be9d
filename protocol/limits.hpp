// SPDX-License-Identifier: Apache-2.0
// Every bound of the system on one page. At a bound the caller gets an error that says so; nothing
// hangs and nothing grows past it. Units stand last in the name.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace crm::limits {

// -- a request ---------------------------------------------------------------------------------

/// Bytes of one request body or one stdio line (design §4.2).
inline constexpr std::size_t body_bytes_max = 1024 * 1024;
/// Nesting of a JSON text. nlohmann_json 3.11.2 overflows the stack on dump at 100,000 levels.
inline constexpr std::size_t json_depth_max = 64;
/// Values in a JSON text.
inline constexpr std::size_t json_values_max = 100'000;
/// How long a call may take, from its arrival to its answer.
inline constexpr std::chrono::milliseconds call_timeout_ms{30'000};
/// Accepted values that an error lists.
inline constexpr std::size_t valid_options_max = 10;
/// Arguments that one validation error describes.
inline constexpr std::size_t error_details_max = 20;
/// Bytes of documents on one page of a list; the rest follows on the next page.
inline constexpr std::size_t page_bytes_max = 1024 * 1024;
/// Matches from which on a search is kept in its order; fewer are ranked anew in under a
/// millisecond.
inline constexpr std::size_t kept_matches_min = 256;
/// Matches of all kept searches of one open workspace: 4 MiB.
inline constexpr std::size_t kept_matches_max = 256 * 1024;
/// Kept searches of one open workspace.
inline constexpr std::size_t kept_searches_max = 16;
/// Changed records of a kind that its kept searches catch up with; past it they are dropped.
inline constexpr std::size_t kept_changes_max = 128;
/// Records that one call of purge_archived_records erases; what that costs is measured in
/// docs/performance.md.
inline constexpr std::int64_t purge_records_max = 1'000;
/// Bytes of one answer's data.
inline constexpr std::size_t result_bytes_max = 8 * 1024 * 1024;

// -- HTTP (RFC 9112) ---------------------------------------------------------------------------

/// Bytes of a request line; past it 414.
inline constexpr std::size_t request_line_bytes_max = 8 * 1024;
/// Bytes of a request's path, the query left out; past it 414.
inline constexpr std::size_t path_bytes_max = 1024;
/// Bytes of one header line; past it 431.
inline constexpr std::size_t header_bytes_max = 8 * 1024;
/// Bytes of a request line and its headers together; past it 431.
inline constexpr std::size_t head_bytes_max = 16 * 1024;
/// Headers of one request; past it 431.
inline constexpr std::size_t headers_max = 64;
/// Bytes of a chunk's size line with its extensions.
inline constexpr std::size_t chunk_line_bytes_max = 256;
/// Bytes of the trailer section of a chunked body; trailers are dropped.
inline constexpr std::size_t trailer_bytes_max = 4 * 1024;
/// From the first byte of a request to the end of its head.
inline constexpr std::chrono::milliseconds head_timeout_ms{5'000};
/// From the end of a head to the end of its body.
inline constexpr std::chrono::milliseconds body_timeout_ms{15'000};
/// A body that brings fewer than `body_window_bytes_min` in one window is given up.
inline constexpr std::chrono::milliseconds body_window_ms{5'000};
inline constexpr std::size_t body_window_bytes_min = 2 * 1024;
/// A connection without a request is closed after so long.
inline constexpr std::chrono::milliseconds idle_timeout_ms{30'000};
/// A peer that takes fewer than `write_window_bytes_min` of what waits for it in one window is
/// closed.
inline constexpr std::chrono::milliseconds write_window_ms{10'000};
inline constexpr std::size_t write_window_bytes_min = 64 * 1024;
/// From the acceptance of a connection to the end of its TLS handshake.
inline constexpr std::chrono::milliseconds handshake_timeout_ms{5'000};
/// How long, and how much, a refused peer may go on sending before the connection is cut: closing
/// over unread bytes sends a reset, which can overtake the answer (RFC 9112 section 9.6).
inline constexpr std::chrono::milliseconds linger_timeout_ms{2'000};
inline constexpr std::size_t linger_bytes_max = 256 * 1024;
/// Requests of one connection; the last one's answer closes it.
inline constexpr std::uint32_t connection_requests_max = 1'000;
/// Open connections, if the limit of open files allows as many.
inline constexpr std::size_t connections_max = 100'000;
/// Open files that connections leave to the rest of the program: three for each open workspace.
inline constexpr std::size_t files_kept = 4'096;
/// Connections over the cap that are told 503 at the same time; further ones are just closed.
inline constexpr std::size_t shed_connections_max = 256;
/// Bytes of request bodies and of unsent answers that all connections hold together; past it 503.
inline constexpr std::size_t buffered_bytes_max = 256 * 1024 * 1024;
/// Bytes that wait for the reader of one stream; past it the stream is cut.
inline constexpr std::size_t stream_buffer_bytes_max = 256 * 1024;
/// Connections that the kernel holds for us; cpp-httplib's 5 loses a burst (feasibility section 0).
inline constexpr int listen_backlog = 4'096;
/// Threads that run sockets; more of them are slower on 2 cores (feasibility section 2).
inline constexpr std::size_t io_threads = 2;
/// Stack of such a thread: as much as a program's first one has. What is not used costs nothing.
inline constexpr std::size_t io_stack_bytes = 8 * 1024 * 1024;

// -- custom fields and objects -------------------------------------------------------------------

/// Custom fields of one entity type, and fields of one custom object.
inline constexpr std::size_t custom_fields_max = 100;
/// Custom objects of a workspace. All definitions stay in memory while it is open.
inline constexpr std::size_t custom_objects_max = 100;
/// Options of a select field.
inline constexpr std::size_t custom_options_max = 200;
/// Code points of one option.
inline constexpr std::size_t custom_option_length_max = 200;
/// Code points of a text value, and the most that a maxLength may allow.
inline constexpr std::size_t custom_text_length_max = 10'000;
/// Bytes of a pattern.
inline constexpr std::size_t pattern_bytes_max = 500;
/// Bytes that one compiled pattern may take while it matches; a larger one is refused.
inline constexpr std::size_t pattern_memory_bytes_max = 512 * 1024;

// -- workspaces --------------------------------------------------------------------------------

/// Calls of one workspace between admission and answer: 4,000 clients that ask at once are served,
/// of whom some were refused at 1,024 whenever the workspace lost its processor for 20 ms.
inline constexpr std::uint32_t workspace_in_flight_calls_max = 4'096;
/// Calls of all workspaces between admission and answer.
inline constexpr std::uint32_t in_flight_calls_max = 16'384;
/// Workspaces whose file is open; each costs two file descriptors, three once calls waited in it
/// while its log was synced, and about 365 KiB, most of it SQLite's copy of the schema, beside the
/// pages that it keeps: up to 2 MB, or 8 MB once calls waited.
inline constexpr std::size_t open_workspaces_max = 600;
/// A workspace that had no call for so long is closed.
inline constexpr std::chrono::milliseconds workspace_idle_ms_max{60'000};
/// Calls that share one commit (design §3.3).
inline constexpr std::size_t commit_calls_max = 128;
/// Threads that run actors; they block in fdatasync (feasibility: 8 are best on 2 cores).
inline constexpr std::size_t scheduler_threads = 8;
/// Threads that wait for the disk in place of workspaces with calls that wait.
inline constexpr std::size_t log_sync_threads = 4;
/// The same for data files, of which a busy disk takes one in some 20 ms.
inline constexpr std::size_t checkpoint_sync_threads = 2;
/// From so many waiting calls on a workspace runs them while the disk is waited for. Fewer wait
/// too, which spares them two switches between threads.
inline constexpr std::size_t calls_beside_sync_min = 32;
/// Threads that run the workspaces which have had more than their share while others call.
inline constexpr std::size_t background_threads = 2;
/// Calls of such a workspace that share one commit: their answers and the questions that follow
/// keep the I/O thread from others. Measured with 16 connections that read beside a flood of
/// writes: p99 1.9 times that without the flood with groups of up to 128, 1.5 times with 8.
inline constexpr std::size_t held_back_commit_calls_max = 8;

// -- the disk ------------------------------------------------------------------------------------

/// With less room than this the server reports itself unhealthy: a log of 4 MiB per busy workspace
/// must still fit.
inline constexpr std::uint64_t disk_free_bytes_min = 32 * 1024 * 1024;
/// How long a look at the disk counts.
inline constexpr std::chrono::milliseconds disk_check_ms{1'000};

// -- the local socket ----------------------------------------------------------------------------

/// Bytes of one line: an answer of `result_bytes_max`, escaped as a string.
inline constexpr std::size_t local_line_bytes_max = 20 * 1024 * 1024;
/// Bytes that wait for a process that does not read.
inline constexpr std::size_t local_unsent_bytes_max = 64 * 1024 * 1024;
/// Processes that are connected at once.
inline constexpr std::size_t local_sessions_max = 64;

// -- MCP ---------------------------------------------------------------------------------------

/// Messages in one batch of revision 2025-03-26.
inline constexpr std::size_t batch_messages_max = 100;
/// Subscribers in all: `subscriptions/listen` streams and legacy sessions that subscribed.
inline constexpr std::size_t subscriptions_max = 1'024;
/// Resources that one subscriber hears of.
inline constexpr std::size_t subscribed_resources_max = 1'000;
/// Rounds of questions that one legacy call may ask its client.
inline constexpr int input_rounds_max = 8;
/// How long a person may think about a question.
inline constexpr std::chrono::milliseconds input_wait_ms_max{600'000};
/// Answers to questions that are remembered as used, until they expire.
inline constexpr std::size_t used_states_max = 10'000;
/// Legacy sessions in memory; one that is pushed out comes back with its signed id.
inline constexpr std::size_t sessions_max = 10'000;
/// Sessions that clients ended, remembered so that their ids stay dead.
inline constexpr std::size_t ended_sessions_max = 10'000;
/// A session that was not used for so long leaves the memory.
inline constexpr std::chrono::milliseconds session_idle_ms_max{std::chrono::minutes{30}};
/// How long the id of a session is good for.
inline constexpr std::chrono::milliseconds session_lifetime_ms_max{std::chrono::hours{24 * 30}};
/// How often streams are kept alive and the rights of their callers are checked again.
inline constexpr std::chrono::milliseconds stream_check_ms{15'000};
/// How long stdio waits for answers under way when its input has ended.
inline constexpr std::chrono::milliseconds stdio_drain_ms_max{10'000};

// -- workflows -----------------------------------------------------------------------------------

/// Actions of one workflow, the nested ones included.
inline constexpr std::size_t workflow_actions_max = 100;
/// Levels of `branch` and `for_each` within each other.
inline constexpr std::size_t workflow_depth_max = 4;
/// Items that one `for_each` walks.
inline constexpr std::size_t for_each_items_max = 100;
/// Steps that one run takes, those of every iteration counted.
inline constexpr std::size_t run_steps_max = 500;
/// Bytes of results that one run keeps (Temporal ends a run at 50 MiB of history).
inline constexpr std::size_t run_journal_bytes_max = 2 * 1024 * 1024;
/// Bytes of one step's result.
inline constexpr std::size_t step_output_bytes_max = 256 * 1024;
/// How long a run may take, its waits included.
inline constexpr std::int64_t run_ms_max = 30LL * 24 * 60 * 60 * 1000;
/// Attempts that a retry policy may ask for.
inline constexpr int step_attempts_max = 20;
/// Runs that cause one another in a row, from the call of a user on.
inline constexpr int causal_depth_max = 8;
/// Runs that one event may cause in all, over all workflows.
inline constexpr std::int64_t runs_per_root_max = 1'000;
/// Runs per minute that other runs may start of one workflow; what is above waits.
inline constexpr int caused_runs_per_minute_max = 500;
/// Runs of one workspace that are under way at the same time; the others wait for their turn.
inline constexpr std::size_t live_runs_max = 16;
/// Times of a schedule with `catchUp: all` that are made up for.
inline constexpr int catch_up_runs_max = 100;
/// Bytes of one webhook's body.
inline constexpr std::size_t webhook_body_bytes_max = 256 * 1024;
/// Bytes that are read of the answer to a webhook.
inline constexpr std::size_t webhook_reply_bytes_max = 64 * 1024;
/// How long the connection for a webhook may take, and the whole exchange.
inline constexpr std::chrono::milliseconds webhook_connect_timeout_ms{5'000};
inline constexpr std::chrono::milliseconds webhook_timeout_ms{10'000};
/// Webhooks that are sent at the same time, each by a thread of its own.
inline constexpr std::size_t webhook_threads = 8;
/// How long a run's actor may stay silent before it is replaced.
inline constexpr std::int64_t run_silence_ms_max = 60'000;

} // namespace crm::limits
