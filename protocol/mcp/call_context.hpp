// SPDX-License-Identifier: Apache-2.0
// What a handler knows of the request it serves, and how it speaks to the client before it
// answers. Neither era nor transport shows through.
#pragma once

#include "protocol/call.hpp"
#include "protocol/mcp/exchange.hpp"
#include "protocol/mcp/outcome.hpp"
#include "protocol/mcp/surroundings.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace crm::mcp {

/// Who sends a message: what he showed, and who he was found to be.
struct caller {
  credential from;
  principal who;
};

/// The severities of log notifications (RFC 5424), least first.
enum class log_level : std::uint8_t {
  debug,
  info,
  notice,
  warning,
  error,
  critical,
  alert,
  emergency
};

/// Returns the level of that name.
std::optional<log_level> find_log_level(std::string_view name);

/// What a client declared that it can do.
class client_capabilities {
public:
  client_capabilities() = default;
  /// @pre `declared` is an object.
  explicit client_capabilities(json declared) : declared_(std::move(declared)) {}

  /// Returns whether the client shows forms to its user; `elicitation:{}` means form only.
  bool elicits_forms() const;
  /// Returns whether the client answers this method of the server.
  bool answers(std::string_view method) const;
  /// Returns whether everything in `required`, a capabilities object, was declared.
  bool cover(const json& required) const;
  const json& declared() const { return declared_; }

private:
  json declared_ = json::object();
};

/// What the pipelines found out about a request before a handler sees it.
struct call_facts {
  caller from;
  client_capabilities client;
  /// Name and version of the client program; empty when it did not say.
  std::string client_name;
  json request_id;
  /// An object; empty when the message had none.
  json params = json::object();
  /// From this level on the client wants log messages; nothing: none at all.
  std::optional<log_level> logs_from;
};

/// One request as its handler sees it. May be used from any thread.
class call_context {
public:
  call_context(call_facts facts, std::shared_ptr<exchange> way_back,
               std::shared_ptr<const surroundings> world);

  const caller& from() const { return facts_.from; }
  const client_capabilities& client() const { return facts_.client; }
  const std::string& client_name() const { return facts_.client_name; }
  const json& request_id() const { return facts_.request_id; }
  const json& params() const { return facts_.params; }
  /// The arguments of a tool or prompt, or the variables of a resource's address: an object.
  const json& arguments() const { return arguments_; }
  void set_arguments(json arguments) { arguments_ = std::move(arguments); }

  /// Returns the client's answer to the question asked under `key`, or null.
  const json* input(std::string_view key) const;
  /// The state that came back with the answers; empty on a first call. Not to be trusted.
  std::string_view input_state() const;

  /// Returns whether the client asked to be told how far the work is.
  bool wants_progress() const { return progress_token() != nullptr; }
  /// Tells the client how far the work is, if it asked to be told. `done` has to grow; messages
  /// come at most every 20 ms, except the last, where `done` reaches `total`.
  void progress(double done, std::optional<double> total = {}, std::string_view message = {});
  /// Sends a log message, if the client wants that level. Never put personal data into one.
  void log(log_level level, const json& data, std::string_view logger = {});
  /// Returns the time in Unix milliseconds.
  std::int64_t now_ms() const { return world_->now_ms(); }
  /// Returns whether the client took the request back or left.
  bool cancelled() const { return !way_back_->open(); }
  /// Lets the transport close the client's connection while the work goes on.
  void shed_connection() { way_back_->shed_connection(); }

  const std::shared_ptr<exchange>& way_back() const { return way_back_; }
  const call_facts& facts() const { return facts_; }

private:
  const json* progress_token() const;

  call_facts facts_;
  json arguments_ = json::object();
  std::shared_ptr<exchange> way_back_;
  std::shared_ptr<const surroundings> world_;
  std::mutex progress_mutex_;
  std::optional<double> progress_done_;
  std::int64_t progress_at_ms_ = 0;
};

/// The error for a request that cannot be served without a capability that the client has not.
rpc_error missing_capability(json required);

} // namespace crm::mcp
