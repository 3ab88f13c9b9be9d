// SPDX-License-Identifier: Apache-2.0
#include "transport/options.hpp"

#include "protocol/limits.hpp"
#include "protocol/nearest.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

namespace crm::transport {

namespace {

constexpr std::uint32_t of(command what) {
  return 1U << static_cast<unsigned>(what);
}

constexpr std::uint32_t everywhere = ~0U;
constexpr std::uint32_t serving = of(command::serve);
constexpr std::uint32_t tokens = of(command::token_create);

crm::error usage_error(std::string message) {
  return {error_code::validation, std::move(message)};
}

template <class Number>
result<Number> read_number(std::string_view flag, std::string_view text, Number min, Number max) {
  Number value{};
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc{} || end != text.data() + text.size() || value < min || value > max)
    return usage_error(std::string{flag} + " needs a whole number from " + std::to_string(min)
                       + " to " + std::to_string(max) + ", got \"" + std::string{text} + "\"");
  return value;
}

result<serve_mode> read_mode(std::string_view source, std::string_view text) {
  if (text == "stdio")
    return serve_mode::stdio;
  if (text == "http")
    return serve_mode::http;
  return usage_error(std::string{source} + " must be stdio or http, got \"" + std::string{text}
                     + "\"");
}

/// Reads `90d`, `12h`, `30m` or `never`.
result<std::optional<std::chrono::milliseconds>> read_lifetime(std::string_view text) {
  using lifetime = std::optional<std::chrono::milliseconds>;
  if (text == "never")
    return lifetime{};
  std::int64_t count = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  if (failed == std::errc{} && count > 0 && count <= 36'500) {
    if (unit == "d")
      return lifetime{std::chrono::hours{24 * count}};
    if (unit == "h")
      return lifetime{std::chrono::hours{count}};
    if (unit == "m")
      return lifetime{std::chrono::minutes{count}};
  }
  return usage_error("--expires needs a duration such as 90d, 12h or 30m, or never; got \""
                     + std::string{text} + "\"");
}

/// One flag of the command line: its row in the help, and what it sets.
struct flag {
  std::string_view name;
  /// What its value is called in the help; empty for a flag without a value.
  std::string_view value_name;
  std::uint32_t commands;
  std::string_view about;
  result<void> (*set)(options& out, const std::string& value);
};

template <auto Member>
result<void> set_text(options& out, const std::string& value) {
  out.*Member = value;
  return {};
}

template <auto Member>
result<void> set_true(options& out, const std::string&) {
  out.*Member = true;
  return {};
}

result<void> set_mode(options& out, const std::string& value) {
  const auto mode = read_mode("--mode", value);
  if (!mode)
    return mode.error();
  out.mode = *mode;
  return {};
}

result<void> set_port(options& out, const std::string& value) {
  const auto port = read_number<std::uint16_t>("--port", value, 0, 65'535);
  if (!port)
    return port.error();
  out.port = *port;
  return {};
}

result<void> set_open_workspaces(options& out, const std::string& value) {
  const auto number = read_number<std::size_t>("--open-workspaces-max", value, 1, 100'000);
  if (!number)
    return number.error();
  out.open_workspaces_max = *number;
  return {};
}

result<void> set_commit_calls(options& out, const std::string& value) {
  const auto number = read_number<std::size_t>("--commit-calls-max", value, 1, 4'096);
  if (!number)
    return number.error();
  out.commit_calls_max = *number;
  return {};
}

result<void> add_trusted_proxy(options& out, const std::string& value) {
  out.trusted_proxies.push_back(value);
  return {};
}

result<void> set_log_level(options& out, const std::string& value) {
  constexpr std::array<std::string_view, 4> levels{"error", "warning", "info", "debug"};
  if (std::find(levels.begin(), levels.end(), value) == levels.end())
    return usage_error("--log-level must be error, warning, info or debug, got \"" + value + "\"");
  out.log_level = value;
  return {};
}

result<void> set_scopes(options& out, const std::string& value) {
  auto scopes = parse_scopes(value);
  if (!scopes)
    return usage_error("--scope: " + scopes.error().message);
  out.scopes = *scopes;
  return {};
}

result<void> set_lifetime(options& out, const std::string& value) {
  const auto lifetime = read_lifetime(value);
  if (!lifetime)
    return lifetime.error();
  out.expires_in = *lifetime;
  return {};
}

constexpr std::array<flag, 19> flags{{
    {"--mode", "stdio|http", serving, "how to talk to clients; VANTAGE_MCP_MODE, else stdio",
     set_mode},
    {"--data", "DIR", everywhere, "the data folder; VANTAGE_DATA_DIR, else the user's data home",
     [](options& out, const std::string& value) -> result<void> {
       out.data = value;
       return {};
     }},
    {"--host", "ADDRESS", serving, "the address to listen on [127.0.0.1]",
     set_text<&options::host>},
    {"--port", "N", serving, "the port to listen on; PORT, else 3001; 0 lets the system choose",
     set_port},
    {"--workspace", "ID",
     of(command::serve) | of(command::token_create) | of(command::verify)
         | of(command::workspace_tier),
     "the workspace; VANTAGE_WORKSPACE_ID, else default", set_text<&options::workspace>},
    {"--public-url", "URL", serving, "where clients reach the server from outside",
     set_text<&options::public_url>},
    {"--no-auth", "", serving, "HTTP on loopback only: everyone acts as the owner of default",
     set_true<&options::no_auth>},
    {"--tls-cert", "FILE", serving, "serve HTTPS with this certificate chain (PEM)",
     [](options& out, const std::string& value) -> result<void> {
       out.tls_cert = value;
       return {};
     }},
    {"--tls-key", "FILE", serving, "the key of the certificate (PEM)",
     [](options& out, const std::string& value) -> result<void> {
       out.tls_key = value;
       return {};
     }},
    {"--behind-tls-proxy", "", serving,
     "a proxy in front terminates TLS: plain HTTP on any address is wanted",
     set_true<&options::behind_tls_proxy>},
    {"--trusted-proxy", "ADDRESS", serving, "believe X-Forwarded-* from there; may be repeated",
     add_trusted_proxy},
    {"--log-level", "LEVEL", everywhere, "error, warning, info or debug, to stderr [warning]",
     set_log_level},
    {"--open-workspaces-max", "N", serving, "workspaces that may be open at once [600]",
     set_open_workspaces},
    {"--commit-calls-max", "N", serving, "calls that may share one commit [128]", set_commit_calls},
    {"--id", "ID", of(command::workspace_create), "the id of the workspace; else one is chosen",
     set_text<&options::id>},
    {"--tier", "TIER", of(command::workspace_create),
     "the plan of the workspace [self-hosted, which has no limits]", set_text<&options::tier>},
    {"--scope", "LIST", tokens, "read, write, admin, workflow-trigger, cloud-admin, by commas",
     set_scopes},
    {"--actor", "NAME", tokens, "the name under which changes are logged [cli]",
     set_text<&options::actor>},
    {"--expires", "90d", tokens, "when the token ends: days, hours (h), minutes (m), or never",
     set_lifetime},
}};

/// A subcommand: its words, what follows them, and what it does.
struct verb {
  command what;
  std::string_view first;
  std::string_view second;
  /// What the operand is called in the help; empty when there is none.
  std::string_view operand;
  std::string_view about;
};

constexpr std::array<verb, 8> verbs{{
    {command::serve, "serve", "", "", "serve the tools over stdio or HTTP (the default)"},
    {command::workspace_create, "workspace", "create", "NAME", "create a workspace"},
    {command::workspace_list, "workspace", "list", "", "list all workspaces"},
    {command::workspace_tier, "workspace", "tier", "TIER",
     "set the plan of --workspace, effective at once"},
    {command::token_create, "token", "create", "", "issue a token; prints it alone on stdout"},
    {command::token_revoke, "token", "revoke", "ID", "revoke a token by its id"},
    {command::tools, "tools", "", "", "print docs/tools.md, the catalogue"},
    {command::verify, "verify", "", "", "check a workspace's change log; no server may run"},
}};

const verb& verb_of(command what) {
  const auto* found =
      std::find_if(verbs.begin(), verbs.end(), [&](const verb& each) { return each.what == what; });
  return found == verbs.end() ? verbs.front() : *found;
}

std::string words_of(const verb& each) {
  std::string text{each.first};
  if (!each.second.empty())
    text += " " + std::string{each.second};
  if (!each.operand.empty())
    text += " " + std::string{each.operand};
  return text;
}

crm::error unknown_flag(const std::string& name, command what) {
  std::vector<std::string_view> names;
  for (const flag& each : flags) {
    if ((each.commands & of(what)) != 0)
      names.push_back(each.name);
  }
  std::string message = "unknown option " + name;
  if (const auto near = nearest(name, names); !near.empty())
    message += "; did you mean " + std::string{near} + "?";
  message += "\nvalid are:";
  for (const std::string_view valid : names)
    message += " " + std::string{valid};
  return usage_error(message + " --help --version");
}

/// The words of a command line, flags taken out.
struct split_line {
  std::vector<std::string> words;
  std::vector<std::pair<std::string, std::string>> flags;
  bool help = false;
  bool version = false;
};

const flag* find_flag(std::string_view name) {
  const auto* found =
      std::find_if(flags.begin(), flags.end(), [&](const flag& each) { return each.name == name; });
  return found == flags.end() ? nullptr : found;
}

result<split_line> split(const std::vector<std::string>& arguments) {
  split_line line;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    line.help = line.help || argument == "--help" || argument == "-h";
    line.version = line.version || argument == "--version";
    if (argument == "--help" || argument == "-h" || argument == "--version")
      continue;
    if (!argument.starts_with("-")) {
      line.words.push_back(argument);
      continue;
    }
    const std::size_t equals = argument.find('=');
    std::string name = argument.substr(0, equals);
    const flag* known = find_flag(name);
    const bool takes_value = known != nullptr && !known->value_name.empty();
    if (equals != std::string::npos && known != nullptr && !takes_value)
      return usage_error(name + " takes no value");
    std::string value = equals == std::string::npos ? "" : argument.substr(equals + 1);
    if (takes_value && equals == std::string::npos) {
      if (++i == arguments.size())
        return usage_error(name + " needs a value: " + std::string{known->value_name});
      value = arguments[i];
    }
    line.flags.emplace_back(std::move(name), std::move(value));
  }
  return line;
}

/// Finds the subcommand and takes its operand.
result<void> read_verb(const std::vector<std::string>& words, bool wants_help, options& out) {
  if (words.empty())
    return {};
  for (const verb& each : verbs) {
    const std::size_t length = each.second.empty() ? 1 : 2;
    const bool matches =
        words[0] == each.first && (length == 1 || (words.size() > 1 && words[1] == each.second));
    if (!matches)
      continue;
    out.what = each.what;
    const std::size_t operands = words.size() - length;
    if (!each.operand.empty() && operands == 0 && !wants_help)
      return usage_error(words_of(each) + ": " + std::string{each.operand} + " is missing");
    if (operands > (each.operand.empty() ? 0 : 1))
      return usage_error("unexpected argument \"" + words.back() + "\" behind " + words_of(each));
    if (operands == 1)
      out.subject = words.back();
    return {};
  }
  // Help on "token" or "workspace" alone: the list of all commands.
  if (wants_help && words.size() == 1
      && std::ranges::any_of(verbs, [&](const verb& each) { return each.first == words[0]; }))
    return {};
  std::string message =
      "unknown command \"" + words[0] + (words.size() > 1 ? " " + words[1] : "") + "\"; valid are:";
  for (const verb& each : verbs)
    message += "\n  " + words_of(each);
  return usage_error(std::move(message));
}

/// The folder of design §4.1 when neither flag nor variable names one.
std::filesystem::path default_folder(const environment_lookup& variable) {
  if (const char* data_home = variable("XDG_DATA_HOME"); data_home != nullptr && *data_home == '/')
    return std::filesystem::path{data_home} / "vantage-crm";
  const char* home = variable("HOME");
  return std::filesystem::path{home == nullptr ? "/" : home} / ".local/share/vantage-crm";
}

result<void> read_environment(const environment_lookup& variable, options& out) {
  const auto given = [&](const char* name) -> std::string {
    const char* value = variable(name);
    return value == nullptr ? "" : value;
  };
  out.data = given("VANTAGE_DATA_DIR");
  if (out.data.empty())
    out.data = default_folder(variable);
  if (const std::string id = given("VANTAGE_WORKSPACE_ID"); !id.empty())
    out.workspace = id;
  if (const std::string mode = given("VANTAGE_MCP_MODE"); !mode.empty()) {
    const auto read = read_mode("VANTAGE_MCP_MODE", mode);
    if (!read)
      return read.error();
    out.mode = *read;
  }
  if (const std::string port = given("PORT"); !port.empty()) {
    const auto read = read_number<std::uint16_t>("PORT", port, 0, 65'535);
    if (!read)
      return read.error();
    out.port = *read;
  }
  return {};
}

result<void> check_whole(const options& out) {
  if (out.what == command::token_create && out.scopes.empty())
    return usage_error("token create needs --scope, such as --scope read,write");
  if (out.tls_cert.empty() != out.tls_key.empty())
    return usage_error("--tls-cert and --tls-key go together");
  return {};
}

} // namespace

result<options> read_options(const std::vector<std::string>& arguments,
                             const environment_lookup& variable) {
  const auto line = split(arguments);
  if (!line)
    return line.error();
  options out;
  out.open_workspaces_max = limits::open_workspaces_max;
  out.commit_calls_max = limits::commit_calls_max;
  for (const auto& [name, value] : line->flags) {
    if (find_flag(name) == nullptr)
      return unknown_flag(name, out.what);
  }
  CRM_TRY(read_verb(line->words, line->help, out));
  for (const auto& [name, value] : line->flags) {
    if ((find_flag(name)->commands & of(out.what)) == 0)
      return unknown_flag(name, out.what);
  }
  if (line->help || line->version) {
    out.help_on = out.what;
    out.what = line->help ? command::help : command::version;
    return out;
  }
  CRM_TRY(read_environment(variable, out));
  for (const auto& [name, value] : line->flags)
    CRM_TRY(find_flag(name)->set(out, value));
  CRM_TRY(check_whole(out));
  return out;
}

std::string help_text(command what) {
  const verb& asked = verb_of(what);
  std::string text =
      "usage: vantage-crm " + words_of(asked) + " [options]\n\n" + std::string{asked.about} + "\n";
  if (what == command::serve) {
    text += "\ncommands:\n";
    for (const verb& each : verbs) {
      std::string words = words_of(each);
      words.resize(std::max<std::size_t>(words.size(), 24), ' ');
      text += "  " + words + " " + std::string{each.about} + "\n";
    }
  }
  text += "\noptions:\n";
  for (const flag& each : flags) {
    if ((each.commands & of(what)) == 0)
      continue;
    std::string words = std::string{each.name} + " " + std::string{each.value_name};
    words.resize(std::max<std::size_t>(words.size(), 24), ' ');
    text += "  " + words + " " + std::string{each.about} + "\n";
  }
  return text + "  --help, --version\n";
}

} // namespace crm::transport
